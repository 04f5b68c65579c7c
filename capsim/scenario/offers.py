"""The offers that a scenario can name: the catalogue's, and those of the price book beside it, which win."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from capsim.documents import Document
from capsim.documents.files import named_file
from capsim.errors import Fault, InputError
from capsim.prices.book import find_book, read_book
from capsim.prices.catalogue import Catalogue, shipped_offers


def offers_of(document: Document) -> Catalogue:
    """The offers for a document: read only where it names a price book or an offer.

    Raises:
        InputError: everything that is wrong with the price book.
    """
    return shipped_offers() if not _names_offers(document.data) else catalogue_at(_book(document))


def catalogue_at(book: Path | None) -> Catalogue:
    """The catalogue with the offers of a price book, where there is one.

    Raises:
        InputError: everything that is wrong with it.
    """
    return shipped_offers() if book is None else shipped_offers().with_book(read_book(book), str(book))


def book_faults(error: InputError, document: Document) -> list[Fault]:
    """The faults of a price book as faults of the scenario that names it."""
    line = document.line(("prices",))
    return [Fault("prices", _told(fault), line, error.source) for fault in error.faults]


def _told(fault: Fault) -> str:
    return f"{f'line {fault.line}: ' if fault.line else ''}{fault.path} {fault.message}".strip()


def _names_offers(data: Any) -> bool:
    if not isinstance(data, dict):
        return False
    pools = data.get("pools")
    prices = [pool.get("price") for pool in pools if isinstance(pool, dict)] if isinstance(pools, list) else []
    return "prices" in data or any(isinstance(price, dict) and isinstance(price.get("offer"), str) for price in prices)


def _book(document: Document) -> Path | None:
    named = document.data.get("prices")
    if isinstance(named, str) and named:
        return named_file(named, document.folder, closed=document.closed)
    return find_book(document.folder) if named is None else None
