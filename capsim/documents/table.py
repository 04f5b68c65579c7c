"""CSV tables read safely: checked before they are parsed, and a piece at a time."""

from __future__ import annotations

import csv
import itertools
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from capsim.documents.files import note_read, what_stands_there
from capsim.errors import Fault, InputError

if TYPE_CHECKING:
    import pandas as pd

BLOCK_BYTES = 1024**2
ROWS = 250_000


def read_table(path: Path, most_bytes: int, delimiter: str = ",") -> Iterator[pd.DataFrame]:
    """The rows of a CSV file as text, in pieces with their index counted through; at least one piece, maybe empty.

    Where rows end with a delimiter that the header does not have, the empty column is left out. Row i of the table
    stands on line i + 2 of the file, unless a field holds a line break.

    Raises:
        InputError: no such file, too large, or no table.
    """
    import pandas as pd
    from pandas.errors import ParserWarning

    source = str(path)
    _check_bytes(path, source, most_bytes)
    longer = _longer_header(path, delimiter)
    try:
        # Rows longer than the header would lose fields with no more than a warning.
        with warnings.catch_warnings():
            warnings.simplefilter("error", ParserWarning)
            pieces = pd.read_csv(
                path,
                compression=None,  # a small file that unpacks to much would pass the check of its size
                dtype=str,
                keep_default_na=False,
                skip_blank_lines=False,
                index_col=False,
                chunksize=ROWS,
                sep=delimiter,
                header=0,
                names=longer,
            )
            with pieces:
                for piece in pieces:
                    yield _without_empty(piece)
    except UnicodeDecodeError:
        raise InputError(source, [_not_text(path)]) from None
    except (ParserWarning, ValueError, OSError) as error:
        raise InputError(source, [_longer_row(path) or _not_a_table(error)]) from None


EMPTY = "(empty last column)"


def _longer_header(path: Path, delimiter: str) -> list[str] | None:
    """The header with a name for the empty last column of the first row, where it has none itself."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            header, first = itertools.islice(itertools.chain(csv.reader(stream, delimiter=delimiter), [[], []]), 2)
    except (csv.Error, ValueError, OSError):
        return None
    return [*header, EMPTY] if header and len(first) == len(header) + 1 and not first[-1].strip() else None


def _without_empty(piece: pd.DataFrame) -> pd.DataFrame:
    """A table without the column of `_longer_header`.

    Raises:
        ValueError: it holds something after all.
    """
    if EMPTY not in piece:
        return piece
    if piece[EMPTY].str.strip().any():
        raise ValueError("has rows with more fields than its header")
    return piece.drop(columns=EMPTY)


def read_columns(path: Path, most_bytes: int) -> Iterator[dict[str, list[str]]]:
    """The fields of a CSV file by column, in pieces; at least one piece, maybe empty.

    Spares small tables the quarter of a second that importing pandas takes; large ones take twice as long as with
    `read_table`. A row that ends early has empty fields.

    Raises:
        InputError: no such file, too large, no table, or a column given twice.
    """
    source = str(path)
    _check_bytes(path, source, most_bytes)
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = csv.reader(stream)
            header = next(rows, [])
            twice = [Fault(name, "is given twice", 1) for name, often in Counter(header).items() if often > 1]
            if twice:
                raise InputError(source, twice)
            pieces = iter(lambda: list(itertools.islice(rows, ROWS)), [])
            for piece in itertools.chain([next(pieces, [])], pieces):
                if max(map(len, piece), default=0) > len(header):
                    raise InputError(
                        source, [_longer_row(path) or Fault("", "has rows with more fields than its header")]
                    )
                yield {name: list(fields) for name, *fields in itertools.zip_longest(header, *piece, fillvalue="")}
    except UnicodeDecodeError:
        raise InputError(source, [_not_text(path)]) from None
    except (csv.Error, ValueError, OSError) as error:
        raise InputError(source, [_not_a_table(error)]) from None


def separated_otherwise(header: str) -> str:
    """A hint where the first line of a table looks separated by something else than commas, or nothing."""
    if "," in header:
        return ""
    for separator, name in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
        if separator in header:
            return f"; its fields are separated by {name}: save it with commas, and numbers with points"
    return ""


def _longer_row(path: Path) -> Fault | None:
    """The first row with more fields than the header, where the file can be read that far."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = csv.reader(stream)
            header = next(rows, [])
            for row in rows:
                if len(row) > len(header):
                    said = f"has rows with more fields than its header: {len(row)} instead of {len(header)}"
                    return Fault("", f"{said}{separated_otherwise(','.join(header))}", rows.line_num)
    except (csv.Error, ValueError, OSError):
        pass
    return None


def _not_text(path: Path) -> Fault:
    """Where a file stops being UTF-8, found piece by piece."""
    said = "is not a CSV table: it is not UTF-8 text; save the file as UTF-8"
    with path.open("rb") as stream:
        for number, raw in enumerate(stream, start=1):
            try:
                raw.decode("utf-8")
            except UnicodeDecodeError:
                return Fault("", said, number)
    return Fault("", said)


def _not_a_table(error: Exception) -> Fault:
    return Fault("", f"is not a CSV table: {str(error).splitlines()[0]}")


def _check_bytes(path: Path, source: str, most_bytes: int) -> None:
    """Refuse what is no file, too large, or not made of lines, before a parser tries to hold it."""
    note_read(path)
    try:
        if not path.is_file():
            raise InputError(source, [Fault("", what_stands_there(path))])
        if path.stat().st_size > most_bytes:
            raise InputError(source, [Fault("", f"is larger than {most_bytes // 1024**2} MiB")])
        with path.open("rb") as stream:
            while block := stream.read(BLOCK_BYTES):
                if len(block) == BLOCK_BYTES and b"\n" not in block:
                    raise InputError(source, [Fault("", "is not a CSV table: it has a line of more than 1 MiB")])
    except OSError as error:
        raise InputError(source, [Fault("", f"cannot be read: {error.strerror}")]) from None
