"""The offers that can be named: those that come with capsim, and those of the user's price book, which win."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path

from capsim.errors import nearest
from capsim.prices.offer import Offer

FOLDER = Path(__file__).parent
MOST_HINTS = 3


@dataclass(frozen=True)
class Catalogue:
    """Offers by name.

    Attributes:
        offers: name to offer.
        book: the user's price book among them, where there is one.
    """

    offers: Mapping[str, Offer]
    book: str | None = None

    def offer(self, name: str) -> Offer:
        """The offer of this name.

        Raises:
            ValueError: there is none; names the nearest ones.
        """
        if name not in self.offers:
            raise ValueError(f"there is no offer '{name[:200]}'{self._hint(name)}")
        return self.offers[name]

    def siblings(self, offer: Offer) -> list[Offer]:
        """The same server of the same provider in the same region on other terms."""
        where = (offer.provider, offer.sku, offer.region)
        return [o for o in self.offers.values() if (o.provider, o.sku, o.region) == where and o.term != offer.term]

    def with_book(self, own: Mapping[str, Offer], book: str) -> Catalogue:
        """The catalogue with a user's own offers, which take the place of those of the same name.

        What a price book leaves unsaid of the hardware is as in the catalogue.
        """
        joined = {name: _completed(offer, self.offers.get(name)) for name, offer in own.items()}
        return Catalogue({**self.offers, **joined}, book)

    def _hint(self, name: str) -> str:
        words = [word for word in name.lower().split("/") if word]
        fitting = [known for known in self.offers if all(word in known.lower().split("/") for word in words)]
        if not fitting and len(words) > 1:
            fitting = [known for known in self.offers if known.lower().split("/")[1] == words[1]]
        if not fitting:
            fitting = [known for known in self.offers if all(word in known.lower() for word in words)]
        if not fitting:
            near = nearest(name, self.offers)
            fitting = [near] if near else []
        if not fitting:
            return "; capsim prices list shows all"
        more = f" or {len(fitting) - MOST_HINTS} more" if len(fitting) > MOST_HINTS else ""
        return f"; did you mean {', '.join(fitting[:MOST_HINTS])}{more}?"


def _completed(own: Offer, known: Offer | None) -> Offer:
    if known is None:
        return own
    return replace(
        own,
        accelerator=own.accelerator or known.accelerator,
        accelerator_count=own.accelerator_count or known.accelerator_count,
        vcpu=known.vcpu if own.vcpu is None else own.vcpu,
        memory_gib=known.memory_gib if own.memory_gib is None else own.memory_gib,
    )


@cache
def shipped_offers() -> Catalogue:
    """The offers that come with capsim: public prices, each with its source, date and licence."""
    with (FOLDER / "prices.csv").open(encoding="utf-8", newline="") as stream:
        offers = [_shipped(row) for row in csv.DictReader(stream)]
    return Catalogue({offer.name: offer for offer in offers})


def _shipped(row: Mapping[str, str]) -> Offer:
    return Offer(
        provider=row["provider"],
        sku=row["sku"],
        region=row["region"],
        term=row["term"],
        list_usd_per_hour=float(row["usd_per_hour"]),
        source=row["source"],
        source_date=date.fromisoformat(row["source_date"]),
        licence=row["licence"],
        accelerator=row["accelerator"],
        accelerator_count=int(row["accelerator_count"] or 0),
        vcpu=float(row["vcpu"]) if row["vcpu"] else None,
        memory_gib=float(row["memory_gib"]) if row["memory_gib"] else None,
    )
