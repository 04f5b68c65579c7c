"""`capsim prices check`: whether prices can be relied on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from capsim.cli.options import AsJson

if TYPE_CHECKING:
    from capsim.prices import Offer


def check(
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="A price book or a scenario; all of capsim's if not given.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check prices: faults of a price book, and prices too old for their terms; exit with 1 if any is.

    A spot price keeps for 7 days, a list price for 180.
    """
    from rich.console import Console

    from capsim.prices.age import today, too_old
    from capsim.report.prices import check_text, offers_json

    offers = _offers(file)
    old = [offer for offer in offers if too_old(offer, today())]
    if as_json:
        typer.echo(json.dumps({**offers_json(offers, today()), "too_old": len(old)}, indent=2, allow_nan=False))
    else:
        Console().print(check_text(offers, today(), "the catalogue" if file is None else str(file)))
    if old:
        raise typer.Exit(1)


def _offers(file: Path | None) -> list[Offer]:
    from capsim.documents import read_yaml
    from capsim.prices import OfferPrice, shipped_offers
    from capsim.prices.book import read_book
    from capsim.scenario import load_scenario

    if file is None:
        return [*shipped_offers().offers.values()]
    if file.suffix in {".yaml", ".yml"} and file.is_file():
        held = read_yaml(file).data
        if isinstance(held, dict) and "pools" in held:
            pools = load_scenario(file).pools
            return [pool.price.offer for pool in pools if isinstance(pool.price, OfferPrice)]
    return [*read_book(file).values()]
