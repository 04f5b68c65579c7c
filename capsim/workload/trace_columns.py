"""Columns of a trace beside the times: what each request carries, asks for and belongs to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from capsim.errors import CodedWarning, Fault, InputError, comma_hint, did_you_mean
from capsim.workload.items import MOST_ITEMS
from capsim.workload.keys import MOST_KEYS

if TYPE_CHECKING:
    import pandas as pd

Counts = NDArray[np.int64]

MOST_BYTES_OF_A_REQUEST = 10**12
MOST_CLASSES = 1000
MOST_FAULTS = 10
MOST_TOLD = 10


class Column(Protocol):
    """Reads a column piece by piece."""

    def take(self, text: pd.Series[str]) -> NDArray[np.bool_]:
        """Keep a piece, and say which of its fields are wrong."""

    @property
    def expected(self) -> str:
        """What a field must be, in words."""

    @property
    def excess(self) -> str | None:
        """What there is too much of, if so."""

    def joined(self) -> Counts:
        """The whole column."""


class WholeNumbers:
    """A column of whole numbers."""

    excess = None

    def __init__(self, least: int, most: int) -> None:
        self._least, self._most = least, most
        self._pieces: list[Counts] = []

    def take(self, text: pd.Series[str]) -> NDArray[np.bool_]:
        """See `Column`."""
        import pandas as pd

        values = pd.to_numeric(text, errors="coerce").to_numpy(np.float64)
        right = (values >= self._least) & (values <= self._most) & (values == np.floor(values))
        self._pieces.append(np.where(right, values, 0).astype(np.int64))
        return np.asarray(~right)

    @property
    def expected(self) -> str:
        """See `Column`."""
        return f"a whole number from {self._least} to {self._most}"

    def joined(self) -> Counts:
        """See `Column`."""
        return np.concatenate(self._pieces)


class Words:
    """A column of words, numbered from 0 in the order in which they first come."""

    expected = "text"

    def __init__(self, most: int) -> None:
        self._most = most
        self._numbers: dict[str, int] = {}
        self._pieces: list[Counts] = []

    def take(self, text: pd.Series[str]) -> NDArray[np.bool_]:
        """See `Column`."""
        import pandas as pd

        stripped = text.str.strip()
        places, words = pd.factorize(stripped)
        numbers = [self._numbers.setdefault(word, len(self._numbers)) for word in words.tolist()]
        self._pieces.append(np.array(numbers, dtype=np.int64)[places])
        return np.asarray(stripped == "")

    @property
    def excess(self) -> str | None:
        """See `Column`."""
        return f"has more than {self._most} different values" if len(self._numbers) > self._most else None

    @property
    def names(self) -> tuple[str, ...]:
        """The words by their numbers."""
        return tuple(self._numbers)

    def joined(self) -> Counts:
        """See `Column`."""
        return np.concatenate(self._pieces)


NAMES = ("class", "items", "key", "request_bytes")
"""Columns that are read beside the times, where a trace has them."""


class Columns:
    """The columns of a trace beside its times."""

    def __init__(self, header: Sequence[str], times: str, source: str) -> None:
        """Know the columns of a header.

        Raises:
            InputError: two of them are the same.
        """
        self._source = source
        self.classes, self.items = Words(MOST_CLASSES), WholeNumbers(1, MOST_ITEMS)
        self.keys, self.request_bytes = Words(MOST_KEYS), WholeNumbers(0, MOST_BYTES_OF_A_REQUEST)
        readers: tuple[Column, ...] = (self.classes, self.items, self.keys, self.request_bytes)
        self._known: dict[str, Column] = {}
        self._unread: list[str] = []
        meant: dict[str, str] = {}
        for column in (column for column in header if column != times):
            name = column.strip().lower()
            if name not in NAMES:
                self._unread.append(column)
            elif name in meant:
                raise InputError(source, [Fault(column, f"is given twice, as {meant[name]} and {column}", 1)])
            else:
                meant[name] = column
                self._known[column] = readers[NAMES.index(name)]

    def take(self, rows: pd.DataFrame) -> list[Fault]:
        """Keep the columns of a piece, and say what is wrong with them."""
        return [fault for name, column in self._known.items() for fault in _faults(column, rows[name])]

    def joined(self, column: Column) -> Counts | None:
        """A whole column; nothing where the trace does not have it."""
        return column.joined() if column in self._known.values() else None

    def doubts(self, name: str) -> Iterator[CodedWarning]:
        """Columns that nobody reads."""
        if not self._unread:
            return
        told = ", ".join(repr(column) for column in self._unread[:MOST_TOLD])
        more = f" and {len(self._unread) - MOST_TOLD} more" if len(self._unread) > MOST_TOLD else ""
        absent = [known for known in NAMES if known not in {column.strip().lower() for column in self._known}]
        hints = {did_you_mean(column, absent) for column in self._unread} - {""}
        which = f"column {told} of {name} is" if len(self._unread) == 1 else f"columns {told}{more} of {name} are"
        said = f"{which} not read; beside the times, {', '.join(NAMES)} are{''.join(sorted(hints))}"
        yield CodedWarning("trace_columns", said)


def _faults(column: Column, text: pd.Series[str]) -> Iterator[Fault]:
    """The first faults of a piece of a column, with their lines."""
    name = str(text.name)
    for row in np.flatnonzero(column.take(text))[:MOST_FAULTS].tolist():
        given = text.iloc[row]
        got = f"got '{given[:40]}'{comma_hint(given)}" if given.strip() else "got nothing"
        yield Fault(name, f"expected {column.expected}, {got}", int(text.index[row]) + 2)
    if column.excess:
        yield Fault(name, column.excess)
