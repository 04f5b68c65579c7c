"""Options that commands about prices share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from capsim.prices import Catalogue

Book = Annotated[
    Path | None,
    typer.Option("--book", metavar="FILE", help="A price book, .csv or .yaml, whose offers win over the catalogue's."),
]


def catalogue(book: Path | None) -> Catalogue:
    """The offers that come with capsim, with those of a price book where one is given.

    Raises:
        InputError: everything that is wrong with the price book.
    """
    from capsim.scenario.offers import catalogue_at

    return catalogue_at(book)
