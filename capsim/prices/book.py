"""The user's own prices: a CSV table or a YAML file beside the scenario, checked before anything rests on it."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from capsim.documents import Document, read_columns, read_yaml, validate
from capsim.errors import Fault, InputError
from capsim.parameters import Number, Section, Whole
from capsim.prices.offer import ANYWHERE, Offer
from capsim.units import ShareOrZero

MOST_BYTES = 16 * 1024**2
MOST_OFFERS = 100_000
NAMES = ("prices.yaml", "prices.csv")
"""What a price book beside a scenario is called, where the scenario names none."""
USD = "USD"
NUMBERS = {"price_per_hour", "usd_per_currency", "accelerator_count", "vcpu", "memory_gib"}
"""Columns of a CSV table that hold numbers."""
WHOLE_NUMBERS = {"accelerator_count"}

Word = Annotated[str, Field(min_length=1, max_length=200)]


def _offer_name(name: str) -> str:
    parts = name.split("/")
    if len(parts) != 4 or not all(part.strip() for part in parts):
        raise ValueError(f"expected provider/server/region/term, {ANYWHERE} for no region, got '{name}'")
    return name


def to_day(value: Any) -> datetime.date:
    """A day from its text, such as 2026-11-01; anything else is a ValueError."""
    if isinstance(value, datetime.date):
        return value
    try:
        return datetime.date.fromisoformat(str(value))
    except ValueError:
        raise ValueError(f"expected a date such as 2026-11-01, got {value!r:.60}") from None


def _currency(code: str) -> str:
    if len(code) != 3 or not code.isascii() or not code.isupper():
        raise ValueError(f"expected a currency by its three letters such as USD or EUR, got '{code}'")
    return code


class BookRow(Section):
    """A price of one's own."""

    offer: Annotated[Word, AfterValidator(_offer_name)]
    """provider/server/region/term, as scenarios name it."""
    price_per_hour: Annotated[Number, Field(ge=0, le=1e9)]
    """What one server costs by the hour, before the discount, in the currency."""
    currency: Annotated[Word, AfterValidator(_currency)]
    """Three letters."""
    usd_per_currency: Annotated[Number, Field(gt=0, le=1e9)] | None = None
    """US dollars for one of the currency; needed unless that is USD."""
    discount: ShareOrZero | None = None
    """What was negotiated off the price."""
    date: Annotated[datetime.date, BeforeValidator(to_day)]
    """The day of the price."""
    source: Word
    """Where it stands: a quote, a contract, a page."""
    licence: Word = "own"
    """On what terms it may be passed on."""
    accelerator: Annotated[str, Field(max_length=200)] = ""
    """What the server computes with; as in the catalogue unless given."""
    accelerator_count: Annotated[Whole, Field(ge=0, le=10_000)] = 0
    """How many of them."""
    vcpu: Annotated[Number, Field(gt=0, le=1e6)] | None = None
    """Processors that its users see."""
    memory_gib: Annotated[Number, Field(gt=0, le=1e9)] | None = None
    """Main memory."""


class Book(Section):
    """A price book."""

    prices: Annotated[list[BookRow], Field(min_length=1, max_length=MOST_OFFERS)]
    """The prices."""


def find_book(folder: Path) -> Path | None:
    """The price book that lies in a folder under one of the usual names.

    Raises:
        InputError: there are two.
    """
    here = [folder / name for name in NAMES if (folder / name).is_file()]
    if len(here) > 1:
        said = f"lies beside {here[1].name}: two price books; the scenario must say which, by prices: {here[0].name}"
        raise InputError(str(here[0]), [Fault("", said)])
    return here[0] if here else None


def read_book(path: Path) -> dict[str, Offer]:
    """The offers of a price book by name.

    Raises:
        InputError: everything that is wrong with it.
    """
    document = read_book_document(path)
    book = validate(Book, document)
    faults = list(_contradictions(book.prices, document))
    if faults:
        raise InputError(document.source, faults)
    return {row.offer: _offer(row, document, i) for i, row in enumerate(book.prices)}


def read_book_document(path: Path) -> Document:
    """The document of a price book, whichever kind of file holds it.

    Raises:
        InputError: no such file, or neither a CSV table nor YAML by its name.
    """
    if path.suffix == ".csv":
        return _table(path)
    if path.suffix in {".yaml", ".yml"}:
        return read_yaml(path)
    raise InputError(str(path), [Fault("", "expected a price book named .csv, .yaml or .yml")])


def _table(path: Path) -> Document:
    columns: dict[str, list[str]] = {}
    for piece in read_columns(path, MOST_BYTES):
        for name, cells in piece.items():
            columns.setdefault(name.strip(), []).extend(cells)
    count = max((len(cells) for cells in columns.values()), default=0)
    rows = [{name: cells[i].strip() for name, cells in columns.items() if cells[i].strip()} for i in range(count)]
    kept = [(i, row) for i, row in enumerate(rows) if row]
    lines: dict[tuple[str | int, ...], int] = {(): 1}
    for place, (i, row) in enumerate(kept):
        lines[("prices", place)] = i + 2
        lines |= {("prices", place, name): i + 2 for name in row}
    data = {"prices": [{name: _cell(name, text) for name, text in row.items()} for _, row in kept]}
    return Document(str(path), data, lines, path.parent)


def _cell(column: str, text: str) -> Any:
    """A number where the column holds numbers and the cell is one; else the text, which is then judged as such."""
    if column not in NUMBERS:
        return text
    try:
        return int(text) if column in WHOLE_NUMBERS else float(text)
    except ValueError:
        return text


def _contradictions(rows: Sequence[BookRow], document: Document) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for i, row in enumerate(rows):
        at = ("prices", i)
        if row.currency != USD and row.usd_per_currency is None:
            yield document.fault((*at, "usd_per_currency"), f"is missing: US dollars for one {row.currency}")
        if row.currency == USD and row.usd_per_currency not in {None, 1.0}:
            yield document.fault((*at, "usd_per_currency"), f"is 1 for USD, got {row.usd_per_currency:g}")
        if row.offer in first:
            line = document.line(("prices", first[row.offer]))
            yield document.fault((*at, "offer"), f"two prices for {row.offer}, here and on line {line}")
        first.setdefault(row.offer, i)


def _offer(row: BookRow, document: Document, place: int) -> Offer:
    provider, sku, region, term = row.offer.split("/")
    rate = row.usd_per_currency or 1.0
    return Offer(
        provider=provider,
        sku=sku,
        region="" if region == ANYWHERE else region,
        term=term,
        list_usd_per_hour=row.price_per_hour * rate,
        source=row.source,
        source_date=row.date,
        licence=row.licence,
        accelerator=row.accelerator,
        accelerator_count=row.accelerator_count,
        vcpu=row.vcpu,
        memory_gib=row.memory_gib,
        discount=row.discount,
        currency=row.currency,
        usd_per_currency=rate,
        book=document.source,
        line=document.line(("prices", place)),
    )


def row_of(fields: Mapping[str, Any], source: str) -> BookRow:
    """A row of a price book from its fields, as they are written in one.

    Raises:
        InputError: everything that is wrong with it.
    """
    document = Document(source, {"prices": [dict(fields)]})
    book = validate(Book, document)
    faults = list(_contradictions(book.prices, document))
    if faults:
        raise InputError(source, faults)
    return book.prices[0]
