"""`capsim prices list`: which offers there are."""

from __future__ import annotations

import json
from typing import Annotated, Literal

import typer

from capsim.cli.options import AsJson
from capsim.cli.prices_options import Book, catalogue

PIPED_WIDTH = 160
Words = Annotated[list[str] | None, typer.Argument(metavar="[WORD]...", help="Those with each word in their name.")]


def list_prices(
    words: Words = None,
    provider: Annotated[list[str], typer.Option("--provider", help="Those of this provider. Repeatable.")] = [],  # noqa: B006 - typer copies it
    accelerator: Annotated[
        list[str], typer.Option("--accelerator", help="Those whose accelerator has this in its name. Repeatable.")
    ] = [],  # noqa: B006 - typer copies it
    region: Annotated[str | None, typer.Option("--region", help="Those in this region.")] = None,
    term: Annotated[
        Literal["on-demand", "spot", "1 year", "3 years"] | None, typer.Option("--term", help="Those on these terms.")
    ] = None,
    book: Book = None,
    live: Annotated[
        bool, typer.Option("--live", help="Ask providers for today's prices, through gpuhunt (capsim[live]).")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List offers by their names, with price, date and age; `price: {offer: NAME}` in a scenario takes one."""
    from rich.console import Console

    from capsim.prices.age import today
    from capsim.prices.choosing import Wanted, chosen
    from capsim.report.prices import offers_json, offers_table

    if live:
        from capsim.prices.live import live_offers

        offers = live_offers(provider, accelerator, today())
    else:
        offers = [*catalogue(book).offers.values()]
    wanted = Wanted(tuple(words or ()), tuple(provider), tuple(accelerator), region, term)
    offers = chosen(offers, wanted)
    if as_json:
        typer.echo(json.dumps(offers_json(offers, today()), indent=2, allow_nan=False))
    elif not offers:
        typer.echo("There are no such offers; capsim prices list shows all.")
    else:
        # A file or a pipe has no width of its own to cut names for.
        console = Console(width=None if Console().is_terminal else PIPED_WIDTH)
        console.print(offers_table(offers, today(), console.width))
