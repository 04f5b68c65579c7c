"""`capsim prices show`: all that is known of an offer."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from capsim.cli.options import AsJson
from capsim.cli.prices_options import Book, catalogue


def show(
    offer: Annotated[str, typer.Argument(metavar="OFFER", help="Its name: aws/g5.xlarge/us-east-1/on-demand.")],
    book: Book = None,
    as_json: AsJson = False,
) -> None:
    """Show an offer: price, date and source, the same server on other terms, power and carbon."""
    from rich.console import Console

    from capsim.errors import Fault, InputError
    from capsim.prices.age import today
    from capsim.report.prices import offer_json, offer_text

    known = catalogue(book)
    try:
        one = known.offer(offer)
    except ValueError as error:
        raise InputError("the offers", [Fault("", str(error))]) from None
    if as_json:
        typer.echo(json.dumps(offer_json(one, known.siblings(one), today()), indent=2, allow_nan=False))
    else:
        Console().print(offer_text(one, known.siblings(one), today()))
