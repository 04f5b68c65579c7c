"""Files of recorded requests: when each was sent (seconds, Unix times or ISO 8601, in order) and what it carried."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from capsim.documents import read_table
from capsim.documents.instants import Clock, clock_of
from capsim.documents.table import separated_otherwise
from capsim.errors import CodedWarning, Fault, InputError, comma_hint, did_you_mean
from capsim.workload.trace_columns import MOST_TOLD, Columns, Counts

if TYPE_CHECKING:
    import pandas as pd

COLUMN = "timestamp_s"
NAMES = re.compile(r"timestamp(?:_(s|ms|us|ns))?", re.IGNORECASE)
"""Other columns that are taken, where there is one of them; what stands behind is their unit."""
UNITS = {"ms": "ms", "us": "µs", "ns": "ns"}
MOST_BYTES = 2 * 1024**3
MOST_SECONDS = 366 * 86400
MOST_FAULTS = 10
LONG_GAP = 0.2
MANY_GAPS = 50
"""A gap of this share of the trace, and this many times as long as the mean one, is a pause and not chance."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class TraceFile:
    """Recorded requests, one in each place of every array.

    Attributes:
        file: the file as the scenario names it.
        times_s: instants in seconds, never decreasing.
        read_as: what the times of the file were taken for, where they are not plain seconds.
        doubts: what is doubtful about it.
        items: how many each carries; absent where the file does not say.
        keys: what each asks for, numbered from 0; likewise.
        request_bytes: the size of each (bytes); likewise.
        classes: the place of its class in `class_names`; absent too where these are the requests of one class.
        class_names: the classes of the file in the order in which they first come.
        rows: the row of the file that each comes from, where these are not all its rows.
    """

    file: str
    times_s: Floats
    read_as: str = ""
    doubts: tuple[CodedWarning, ...] = ()
    items: Counts | None = None
    keys: Counts | None = None
    request_bytes: Counts | None = None
    classes: Counts | None = None
    class_names: tuple[str, ...] = ()
    rows: Counts | None = None

    @property
    def columns(self) -> dict[str, NDArray[Any]]:
        """All arrays that there are, by name."""
        named = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in named.items() if isinstance(value, np.ndarray)}

    def picked(self, places: Counts, times_s: Floats | None = None) -> TraceFile:
        """The requests in these places, at other times if these are given."""
        picked: dict[str, Any] = {"rows": places} | {name: column[places] for name, column in self.columns.items()}
        if times_s is not None:
            picked["times_s"] = times_s
        return replace(self, **picked)

    def of_class(self, name: str) -> TraceFile:
        """The requests of a class; all where the file has no column of them.

        Raises:
            ValueError: no request is of it.
        """
        if self.classes is None:
            return self
        if name not in self.class_names:
            there = ", ".join(self.class_names[:MOST_TOLD])
            raise ValueError(
                f"no request of {self.file} is of class {name}; it has {there}{did_you_mean(name, self.class_names)}"
            )
        chosen = self.picked(np.flatnonzero(self.classes == self.class_names.index(name)))
        return replace(chosen, classes=None)

    def line(self, place: int) -> int:
        """The line of the file on which a request stands."""
        return (place if self.rows is None else int(self.rows[place])) + 2


def read_trace(path: Path, name: str = "") -> TraceFile:
    """The requests in a CSV file: one a row, with whichever of the columns of `trace_columns.NAMES` there are.

    Their times are the column `timestamp_s`, or the only one named `timestamp`, `timestamp_ms` …. Plain seconds count
    from the start of the run, other times from the first.

    Raises:
        InputError: no such file or column, no rows, a time that is none, negative, far away or runs backwards, or a
            field that is missing or is not what its column holds.
    """
    source = str(path)
    pieces: list[Floats] = []
    latest = 0.0
    for rows in read_table(path, MOST_BYTES):
        if not pieces:
            header = list(map(str, rows.columns))
            column = _column(header, source)
            columns = Columns(header, column, source)
            unit = UNITS.get((match[1] or "").lower()) if (match := NAMES.fullmatch(column.strip())) else None
            clock = clock_of(rows[column], unit)
        times = clock.seconds(rows[column])
        faults = [*_faults(times, latest, rows[column], clock), *columns.take(rows)]
        if faults:
            raise InputError(source, sorted(faults, key=lambda fault: fault.line or 0))
        pieces.append(times)
        latest = times[-1] if len(times) else latest
    joined, name = np.concatenate(pieces), name or path.name
    if len(joined) == 0:
        raise InputError(source, [Fault(column, "has no rows")])
    return TraceFile(
        name,
        joined,
        read_as="" if clock.kind == "seconds" else clock.words,
        doubts=(*_doubts(joined, column, clock, name), *columns.doubts(name)),
        items=columns.joined(columns.items),
        keys=columns.joined(columns.keys),
        request_bytes=columns.joined(columns.request_bytes),
        classes=columns.joined(columns.classes),
        class_names=columns.classes.names,
    )


def _column(columns: list[str], source: str) -> str:
    if COLUMN in columns:
        return COLUMN
    usual = [column for column in columns if NAMES.fullmatch(column.strip())]
    if len(usual) == 1:
        return usual[0]
    hint = separated_otherwise(",".join(columns))
    if hint:
        raise InputError(source, [Fault("", f"has one column{hint}", 1)])
    there = ", ".join(columns[:10])
    said = f"no such column; found {there}{did_you_mean(COLUMN, columns)}"
    if usual:
        said = f"no such column, and several that may be meant: {', '.join(usual[:10])}; name one so"
    raise InputError(source, [Fault(COLUMN, said, 1)])


def _faults(times: Floats, latest: float, text: pd.Series[str], clock: Clock) -> Iterator[Fault]:
    wrong = ~np.isfinite(times) | (times > MOST_SECONDS)
    if clock.kind == "seconds":
        wrong |= times < 0
    earlier = np.concatenate([[latest], times[:-1]]) if len(times) else times
    for row in np.flatnonzero(wrong | (times < earlier))[:MOST_FAULTS].tolist():
        said = f"expected seconds from 0 to {MOST_SECONDS}, got '{text.iloc[row]}'{comma_hint(text.iloc[row])}"
        if clock.kind != "seconds":
            said = f"expected {clock.kind_words} as in the other rows, got '{text.iloc[row]}'"
        if times[row] > MOST_SECONDS and clock.kind != "seconds":
            said = f"lies {times[row] / 86400:.4g} days after the first, {clock.first}; at most {MOST_SECONDS // 86400}"
        elif not wrong[row]:
            said = f"runs backwards: {text.iloc[row]} after {earlier[row]}"
            if clock.kind != "seconds":
                said = f"runs backwards: {text.iloc[row]} is {earlier[row] - times[row]:.4g} s before the last; sort it"
        yield Fault(str(text.name), said, int(text.index[row]) + 2)


def _doubts(times: Floats, column: str, clock: Clock, name: str) -> Iterable[CodedWarning]:
    if clock.kind == "seconds" and not column.strip().lower().endswith("_s"):
        said = f"the times of {name} are taken for seconds; its column {column} does not say so"
        yield CodedWarning("trace_unit_assumed", f"{said} (timestamp_s, timestamp_ms …)")
    yield from _pauses(times, name)


def _pauses(times: Floats, name: str) -> Iterator[CodedWarning]:
    """A while without requests that is no chance, such as a night or a log that was rotated away."""
    gaps = np.diff(times, prepend=0.0)
    at = int(np.argmax(gaps))
    if gaps[at] > LONG_GAP * times[-1] and gaps[at] > MANY_GAPS * times[-1] / len(times):
        said = f"no request for {gaps[at]:.4g} s before line {at + 2} of {name}"
        yield CodedWarning("trace_gap", f"{said}, {gaps[at] / times[-1]:.0%} of the trace: it is replayed as quiet")
