"""A price written into a price book, with all that stands there left as it is."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from capsim.documents import parse_yaml, read_text, validate
from capsim.documents.output import written_whole
from capsim.errors import Fault, InputError
from capsim.prices.book import MOST_BYTES, Book, BookRow, read_book, row_of

FIRST_COLUMNS = ("offer", "price_per_hour", "currency", "usd_per_currency", "discount", "date", "source", "licence")


def add_price(fields: Mapping[str, Any], book: Path) -> BookRow:
    """Write a price into a price book, a new one where there is none.

    Args:
        fields: of a row of a price book, as they are written in one.
        book: a .csv, .yaml or .yml file.

    Raises:
        InputError: what is wrong with the price or the book, or it has a price for the offer already.
    """
    row = row_of(fields, "the price")
    there = read_book(book) if book.exists() else {}
    if row.offer in there:
        said = f"has a price already, on line {there[row.offer].line} of {book}; change it there"
        raise InputError(str(book), [Fault(row.offer, said)])
    if book.suffix == ".csv":
        text = _with_line(book, fields)
    elif book.suffix in {".yaml", ".yml"}:
        text = _with_member(book, fields)
    else:
        raise InputError(str(book), [Fault("--book", "expected a price book named .csv, .yaml or .yml")])
    with written_whole(book, "--book") as unfinished:
        unfinished.write_text(text, encoding="utf-8", newline="")
    return row


def _with_line(book: Path, fields: Mapping[str, Any]) -> str:
    """A CSV table and a line more; a column more where the price needs one that it lacks."""
    old = read_text(book, MOST_BYTES) if book.exists() else ""
    rows = list(csv.reader(io.StringIO(old)))
    header = [name.strip() for name in rows[0]] if rows else [name for name in FIRST_COLUMNS if name in fields]
    header += [name for name in fields if name not in header]
    line = [str(fields.get(name, "")) for name in header]
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    if rows and len(header) == len(rows[0]):
        writer.writerow(line)
        return old + ("" if old.endswith("\n") else "\n") + stream.getvalue()
    writer.writerows([header, *([*row, *[""] * (len(header) - len(row))] if row else [] for row in rows[1:]), line])
    return stream.getvalue()


def _with_member(book: Path, fields: Mapping[str, Any]) -> str:
    """A YAML list and a member more at its end, which must be the end of the file."""
    old = read_text(book, MOST_BYTES) if book.exists() else "prices:\n"
    member = ", ".join(f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in fields.items())
    indent = _indent(old)
    text = old + ("" if old.endswith("\n") else "\n") + f"{indent}- {{{member}}}\n"
    before = [] if not book.exists() else parse_yaml(old, str(book)).data["prices"]
    try:
        after = parse_yaml(text, str(book))
        validate(Book, after)
    except InputError:
        after = None
    if after is None or after.data["prices"][:-1] != before:
        said = f"the list of prices does not end the file, so write it there yourself: - {{{member}}}"
        raise InputError(str(book), [Fault("prices", said)])
    return text


def _indent(text: str) -> str:
    members = [line for line in text.splitlines() if line.lstrip().startswith("- ")]
    return members[-1][: len(members[-1]) - len(members[-1].lstrip())] if members else "  "
