"""`capsim prices add`: a price of your own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def add(
    offer: Annotated[
        str, typer.Argument(metavar="OFFER", help="provider/server/region/term, - for no region; new names are fine.")
    ],
    price_per_hour: Annotated[float, typer.Option(help="What one server costs by the hour, in the currency.")],
    currency: Annotated[str, typer.Option(help="Three letters: USD, EUR.")],
    date: Annotated[str, typer.Option(metavar="DATE", help="The day of the price: 2026-11-01.")],
    source: Annotated[str, typer.Option(help="Where it stands: a quote, a contract, a page.")],
    book: Annotated[Path, typer.Option("--book", metavar="FILE", help="The price book, .csv or .yaml.")] = Path(
        "prices.csv"
    ),
    usd_per_currency: Annotated[
        float | None, typer.Option(help="US dollars for one of the currency; needed unless that is USD.")
    ] = None,
    discount: Annotated[
        str | None, typer.Option(metavar="SHARE", help="What was negotiated off the price: '12 %'.")
    ] = None,
) -> None:
    """Write a price of your own into a price book; nothing that stands there is changed.

    Scenarios beside prices.csv or prices.yaml use it; others name it with `prices: FILE`.
    """
    from capsim.prices.adding import add_price

    given = {
        "offer": offer,
        "price_per_hour": price_per_hour,
        "currency": currency,
        "usd_per_currency": usd_per_currency,
        "discount": discount,
        "date": date,
        "source": source,
    }
    row = add_price({name: value for name, value in given.items() if value is not None}, book)
    typer.secho(f"Wrote {row.offer} into {book}.", dim=True, err=True)
