"""CSV tables read safely: checked before they are parsed, and a piece at a time."""

from __future__ import annotations

import csv
import itertools
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from capsim.documents.files import note_read
from capsim.errors import Fault, InputError

if TYPE_CHECKING:
    import pandas as pd

BLOCK_BYTES = 1024**2
ROWS = 250_000


def read_table(path: Path, most_bytes: int) -> Iterator[pd.DataFrame]:
    """The rows of a CSV file as text, in pieces with their index counted through; at least one piece, maybe empty.

    Row i of the table stands on line i + 2 of the file, unless a field holds a line break.

    Raises:
        InputError: no such file, too large, or no table.
    """
    import pandas as pd
    from pandas.errors import ParserWarning

    source = str(path)
    _check_bytes(path, source, most_bytes)
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
            )
            with pieces:
                yield from pieces
    except ParserWarning:
        raise InputError(source, [Fault("", "has rows with more fields than its header")]) from None
    except UnicodeDecodeError:
        raise InputError(source, [Fault("", "is not a CSV table: it is not UTF-8 text")]) from None
    except (ValueError, OSError) as error:
        raise InputError(source, [Fault("", f"is not a CSV table: {str(error).splitlines()[0]}")]) from None


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
                    raise InputError(source, [Fault("", "has rows with more fields than its header")])
                yield {name: list(fields) for name, *fields in itertools.zip_longest(header, *piece, fillvalue="")}
    except UnicodeDecodeError:
        raise InputError(source, [Fault("", "is not a CSV table: it is not UTF-8 text")]) from None
    except (csv.Error, ValueError, OSError) as error:
        raise InputError(source, [Fault("", f"is not a CSV table: {str(error).splitlines()[0]}")]) from None


def _check_bytes(path: Path, source: str, most_bytes: int) -> None:
    """Refuse what is no file, too large, or not made of lines, before a parser tries to hold it."""
    note_read(path)
    try:
        if not path.is_file():
            raise InputError(source, [Fault("", "no such file")])
        if path.stat().st_size > most_bytes:
            raise InputError(source, [Fault("", f"is larger than {most_bytes // 1024**2} MiB")])
        with path.open("rb") as stream:
            while block := stream.read(BLOCK_BYTES):
                if len(block) == BLOCK_BYTES and b"\n" not in block:
                    raise InputError(source, [Fault("", "is not a CSV table: it has a line of more than 1 MiB")])
    except OSError as error:
        raise InputError(source, [Fault("", f"cannot be read: {error.strerror}")]) from None
