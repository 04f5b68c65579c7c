"""Prices of today, asked of providers through gpuhunt."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import date
from typing import Any

from capsim.errors import CapsimError, MissingExtraError
from capsim.prices.offer import Offer


class NoLivePricesError(CapsimError):
    """Providers could not be asked for their prices."""

    def __init__(self, why: str) -> None:
        """Say why, and what there is instead."""
        super().__init__(f"Live prices cannot be had: {why}. Without --live there are those that come with capsim.")


def live_offers(providers: Sequence[str], accelerators: Sequence[str], on: date) -> list[Offer]:
    """What providers ask today, the cheapest first.

    Args:
        providers: those of gpuhunt; all that need no account where none is named.
        accelerators: such as A10G; any where none is named.
        on: the day that the prices are dated by.

    Raises:
        MissingExtraError: gpuhunt is not installed.
        NoLivePricesError: there is no network, or gpuhunt does not know a provider.
    """
    try:
        import gpuhunt
    except ModuleNotFoundError:
        raise MissingExtraError("gpuhunt", "live") from None
    # It logs a traceback for every provider that it cannot reach; the fault says it once.
    logging.getLogger("gpuhunt").setLevel(logging.CRITICAL + 1)
    try:
        items = gpuhunt.query(provider=list(providers) or None, gpu_name=list(accelerators) or None)
    except (OSError, ValueError, gpuhunt.GPUHuntError) as error:
        raise NoLivePricesError(str(error) or type(error).__name__) from None
    return [_offer(item, on) for item in items]


def _offer(item: Any, on: date) -> Offer:
    return Offer(
        provider=item.provider,
        sku=item.instance_name.replace("/", "-"),
        region=item.location,
        term="spot" if item.spot else "on-demand",
        list_usd_per_hour=float(item.price),
        source="gpuhunt",
        source_date=on,
        licence="MPL-2.0 package; the provider's price list",
        accelerator=item.gpu_name or "",
        accelerator_count=int(item.gpu_count or 0),
        vcpu=None if item.cpu is None else float(item.cpu),
        memory_gib=None if item.memory is None else float(item.memory),
    )
