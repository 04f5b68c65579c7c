"""Columns of times: seconds from a start, Unix times in s, ms, µs or ns, or ISO 8601 with or without a time zone."""

from __future__ import annotations

import datetime
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Kind = Literal["seconds", "unix", "iso"]

LEAST_UNIX = 1e8
"""Numbers below are seconds from a start: as a Unix time this is March 1973."""
PER_DECADES = 1e3
"""Each Unix unit reaches to a thousand times its least: 1e8 to 1e11 s is 1973 to 5138."""
UNIX_UNITS = {"s": 1.0, "ms": 1e3, "µs": 1e6, "ns": 1e9}
"""Unit to how many make a second."""
FRACTION = r"[.,]\d*[1-9]"
FIRST_DAY, LAST_DAY = "1678-01-01", "2262-01-01"
"""Nanoseconds since 1970 in 64 bits tell these years."""
ZONE = r"(?:[Zz]|[+-]\d{2}(?::?\d{2})?)$"


@dataclass(frozen=True, slots=True)
class Clock:
    """How the times of a column are written.

    Attributes:
        kind: plain seconds, Unix times, or ISO 8601.
        unit: of Unix times.
        zoned: ISO times name their time zone.
        start: the first time, as a number of the unit, or ns since 1970; zero for plain seconds.
    """

    kind: Kind
    unit: str = "s"
    zoned: bool = True
    start: float = 0

    def seconds(self, text: pd.Series[str]) -> Floats:
        """Seconds from `start`; not a number where the text is no time of this kind."""
        import pandas as pd

        if self.kind == "iso":
            return _iso_ns(text, self.zoned, int(self.start)) / 1e9
        values = pd.to_numeric(text, errors="coerce").to_numpy()
        # Whole numbers are subtracted exactly: nanoseconds since 1970 are finer than a float.
        start = int(self.start) if values.dtype == np.int64 else self.start
        return np.asarray(values - start, dtype=np.float64) / UNIX_UNITS[self.unit]

    def in_whole_seconds(self, text: pd.Series[str]) -> bool:
        """Whether no time has a fraction of a second that is not zero."""
        if self.unit != "s":
            return not bool(text.str.contains(f"[1-9]0{{0,{round(math.log10(UNIX_UNITS[self.unit])) - 1}}}$").any())
        return not bool(text.str.contains(FRACTION, regex=True).any())

    @property
    def words(self) -> str:
        """What the times were taken for."""
        if self.kind == "seconds":
            return "seconds from the start"
        return f"{self.kind_words}, counted from the first, {self.first}"

    @property
    def kind_words(self) -> str:
        """The notation."""
        if self.kind == "seconds":
            return "seconds"
        if self.kind == "unix":
            return f"Unix times in {self.unit}"
        return "ISO 8601 times" if self.zoned else "ISO 8601 times without a time zone"

    @property
    def first(self) -> str:
        """The first time, in ISO 8601."""
        seconds = self.start / 1e9 if self.kind == "iso" else self.start / UNIX_UNITS[self.unit]
        origin = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
        try:
            told = (origin + datetime.timedelta(seconds=seconds)).isoformat(timespec="milliseconds")
        except OverflowError:
            return f"{self.start:g}"
        return told.removesuffix("+00:00") + ("Z" if self.zoned else "")


def clock_of(text: pd.Series[str], unit: str | None = None) -> Clock:
    """How the times of a column are written, as most of it shows.

    Args:
        text: the column, or the first piece of it.
        unit: of its numbers, where its name says it; they then count from their first.
    """
    import pandas as pd

    values = pd.to_numeric(text, errors="coerce")
    numbers = values.dropna()
    if 2 * len(numbers) >= len(text):
        return _of_numbers(numbers, unit)
    zoned = bool(text.str.contains(ZONE, regex=True).mean() > 0.5)
    known = _iso_ns(text, zoned, 0)
    known = known[np.isfinite(known)]
    if 2 * len(known) < len(text):
        return Clock("seconds")
    return Clock("iso", zoned=zoned, start=_first_iso(text, zoned))


def _of_numbers(numbers: pd.Series[float], unit: str | None) -> Clock:
    if not len(numbers):
        return Clock("seconds")
    finite = numbers[np.isfinite(numbers)]
    later = finite[finite >= LEAST_UNIX]
    first: float = numbers.to_numpy()[0].item()
    if unit is not None:
        return Clock("unix", unit, start=first)
    if 2 * len(later) <= len(finite):
        return Clock("seconds")
    middle = float(np.median(later))
    least = LEAST_UNIX
    for name in UNIX_UNITS:
        if middle < least * PER_DECADES:
            return Clock("unix", name, start=first)
        least *= PER_DECADES
    return Clock("seconds")


def _first_iso(text: pd.Series[str], zoned: bool) -> int:
    parsed = _parsed(text, zoned).dropna()
    return int(parsed.iloc[0].value)


def _iso_ns(text: pd.Series[str], zoned: bool, start: int) -> Floats:
    """Nanoseconds after `start`, itself in ns since 1970; not a number where it is no such time."""
    parsed = _parsed(text, zoned)
    whole = parsed.to_numpy(dtype="datetime64[ns]").astype(np.int64)
    return np.where(parsed.isna().to_numpy(), np.nan, (whole - start).astype(np.float64))


def _parsed(text: pd.Series[str], zoned: bool) -> pd.Series[pd.Timestamp]:
    """Points in time; one that names a zone among those that don't, or the other way round, or far away, is none."""
    import pandas as pd

    # ISO 8601 allows a comma before the fraction, as loggers write it.
    points = text.str.strip().str.replace(",", ".", regex=False)
    alike = points.str.contains(ZONE, regex=True) == zoned
    instants = pd.to_datetime(points.where(alike), format="ISO8601", utc=True, errors="coerce")
    instants = instants.dt.tz_localize(None)
    return instants.where((instants >= pd.Timestamp(FIRST_DAY)) & (instants < pd.Timestamp(LAST_DAY)))
