"""Files of other tools, bounded: JSON, maybe compressed, and small CSV reports with lines of text around them."""

from __future__ import annotations

import csv
import gzip
import io
import json
import math
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NoReturn

from capsim.documents import read_text
from capsim.documents.separators import WITH_COMMA, decimal_of, delimiter_of, plain, rounded_by
from capsim.errors import Fault, InputError
from capsim.profile.load import MOST_LATENCY_MS

MOST_JSON_BYTES = 128 * 1024**2
MOST_REPORT_BYTES = 16 * 1024**2
GZIP = b"\x1f\x8b"


def read_json(path: Path) -> Any:
    """The value in a JSON file, compressed with gzip or not.

    Raises:
        InputError: no such file, larger than `MOST_JSON_BYTES` once unpacked, nested too deep, or not JSON.
    """
    source = str(path)
    try:
        return json.loads(_unpacked(path), parse_constant=_refuse)
    except json.JSONDecodeError as error:
        said = f"is not valid JSON (column {error.colno}): {error.msg}"
        raise InputError(source, [Fault("", said, error.lineno)]) from None
    except RecursionError:
        raise InputError(source, [Fault("", "is nested too deep")]) from None
    except ValueError as error:
        raise InputError(source, [Fault("", f"is not valid JSON: {error}")]) from None


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number")


def _unpacked(path: Path) -> str:
    source = str(path)
    if not path.is_file() or not _is_packed(path):
        return read_text(path, MOST_JSON_BYTES)
    try:
        with gzip.open(path) as stream:
            raw = stream.read(MOST_JSON_BYTES + 1)
    except (OSError, EOFError, zlib.error):
        raise InputError(source, [Fault("", "is not a whole gzip file")]) from None
    if len(raw) > MOST_JSON_BYTES:
        raise InputError(source, [Fault("", f"is larger than {MOST_JSON_BYTES // 1024**2} MiB once unpacked")])
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(source, [Fault("", f"is not UTF-8 text (byte {error.start})")]) from None


def _is_packed(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            return stream.read(2) == GZIP
    except OSError as error:
        raise InputError(str(path), [Fault("", f"cannot be read: {error.strerror}")]) from None


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a report.

    Attributes:
        source: the file.
        line: where it stands, counted from 1.
        values: column to text.
        header_line: where the names of its columns stand; 0 where there is no header.
    """

    source: str
    line: int
    values: Mapping[str, str]
    header_line: int = 0

    def fault(self, column: str, message: str) -> InputError:
        """What is wrong with a value."""
        return InputError(self.source, [Fault(column, message, self.line)])

    def number(self, column: str, *, zero: bool = False) -> float:
        """A value as a finite number above zero, or from zero.

        Raises:
            InputError: something else.
        """
        text = self.values[column].strip()
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if math.isfinite(value) and (value > 0 or (zero and value == 0)):
            return value
        raise self.fault(column, f"expected a number {'from' if zero else 'above'} 0, got '{text}'")

    def rounded_by(self, column: str) -> float:
        """How far a value may be from what was rounded to it: half of its last digit.

        Raises:
            InputError: no finite number from zero.
        """
        self.number(column, zero=True)
        return rounded_by(self.values[column])

    def milliseconds(self, column: str, per_ms: float, *, zero: bool = False) -> float:
        """A value as milliseconds; `per_ms` of its unit make one."""
        value = self.number(column, zero=zero) / per_ms
        if value > MOST_LATENCY_MS:
            raise self.fault(column, f"is {value:.3g} ms, more than an hour; is this the wrong unit?")
        return value


def report_rows(path: Path, needed: Sequence[str], tool: str) -> list[Row]:
    """The rows of the table of a report that has the columns `needed`; lines around it are passed over.

    Raises:
        InputError: no such file, too large, no such table or two of them, no rows, a row of another length, or numbers
            whose commas may be of decimals or of thousands.
    """
    first, *others = report_tables(path, needed, tool)
    if others:
        said = f"begins a second table with {', '.join(needed)}; give a file for each"
        raise InputError(str(path), [Fault("", said, others[0][0].header_line)])
    return first


def report_tables(path: Path, needed: Sequence[str], tool: str) -> list[list[Row]]:
    """The rows of every table of a report that has the columns `needed`, each up to an empty line.

    Raises:
        InputError: as for `report_rows`, but for several tables.
    """
    source, text = str(path), read_text(path, MOST_REPORT_BYTES)
    headers = (line for line in text.splitlines() if all(name in line for name in needed))
    delimiter = delimiter_of(next(headers, ""))
    lines = enumerate(csv.reader(io.StringIO(text), strict=False, delimiter=delimiter), start=1)
    tables = []
    try:
        for line, fields in lines:
            if _has(fields, needed):
                header = [name.strip() for name in fields]
                while not header[-1]:
                    header.pop()
                tables.append(_with_points(list(_rows(source, header, line, lines)), delimiter))
    except csv.Error as error:
        raise InputError(source, [Fault("", f"is not a CSV table: {error}")]) from None
    if not tables:
        said = f"has no header with {', '.join(needed)}; expected what {tool} writes, as CSV"
        raise InputError(source, [Fault("", said)])
    if not any(tables):
        raise InputError(source, [Fault("", "has no rows")])
    return [rows for rows in tables if rows]


def _has(columns: Sequence[str], needed: Sequence[str]) -> bool:
    return set(needed) <= {name.strip() for name in columns}


def _rows(
    source: str, header: Sequence[str], header_line: int, lines: Iterator[tuple[int, list[str]]]
) -> Iterator[Row]:
    for line, fields in lines:
        if not any(value.strip() for value in fields):
            return
        values = fields
        # Some tools end each row with a comma, and not the header, or the other way round.
        while len(values) > len(header) and not values[-1].strip():
            values = values[:-1]
        if len(values) != len(header):
            said = f"expected {len(header)} fields as in the header, got {len(values)}"
            raise InputError(source, [Fault("", said, line)])
        yield Row(source, line, dict(zip(header, values, strict=True)), header_line)


def _with_points(rows: list[Row], delimiter: str) -> list[Row]:
    """Rows whose numbers have decimal points; in a table separated by commas they have them already."""
    if delimiter == ",":
        return rows
    decimal = decimal_of(text for row in rows for text in row.values.values())
    if decimal is None:
        row = next(row for row in rows if any(map(WITH_COMMA.fullmatch, row.values.values())))
        column = next(name for name, text in row.values.items() if WITH_COMMA.fullmatch(text))
        said = f"'{row.values[column]}' has a comma of decimals or of thousands; write numbers with a decimal point"
        raise row.fault(column, said)
    return [replace(row, values={name: plain(text, decimal) for name, text in row.values.items()}) for row in rows]
