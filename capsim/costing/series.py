"""Tables of demand over time: equal steps, none missing, none twice, each a number."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from capsim.documents import read_columns
from capsim.errors import Fault, InputError, comma_hint, did_you_mean

MOST_BYTES = 64 * 1024**2
MOST_ROWS = 1_000_000
MONTH = re.compile(r"(\d{4})-(\d{2})(?:-01)?")
SECONDS_PER_HOUR = 3600.0
SECONDS_PER_MONTH = 730 * 3600.0


@dataclass(frozen=True)
class Series:
    """Demand in steps of equal length.

    Attributes:
        file: where it stands.
        first: the first step, as `2026-11` or an instant.
        per_s: mean requests per second in each step.
    """

    file: str
    first: str
    per_s: NDArray[np.float64]


@dataclass(frozen=True)
class Step:
    """What one step of a table is.

    Attributes:
        column: the name of the column of times.
        word: in words.
        example: a time as it is written.
        length_s: seconds in one, for columns that count requests.
    """

    column: str
    word: str
    example: str
    length_s: float


HOURS = Step("hour", "hour", "2026-11-27T14:00", SECONDS_PER_HOUR)
MONTHS = Step("month", "month", "2026-11", SECONDS_PER_MONTH)
PER_S, COUNT = "requests_per_s", "requests"


def read_series(path: Path, step: Step, least: int) -> Series:
    """A table of demand: a column `hour` or `month`, and `requests_per_s` (a mean) or `requests` (of the step).

    Args:
        path: a CSV file.
        step: hours or months.
        least: how many rows it needs.

    Raises:
        InputError: everything that is wrong with it: too short, backwards, gaps, what is no number or negative.
    """
    columns: dict[str, list[str]] = {}
    for piece in read_columns(path, MOST_BYTES):
        for name, cells in piece.items():
            columns.setdefault(name.strip(), []).extend(cells)
    faults = _missing(columns, step)
    if faults:
        raise InputError(str(path), faults)
    value = PER_S if PER_S in columns else COUNT
    times = [_time(text, step) for text in columns[step.column]]
    numbers = [_number(text) for text in columns[value]]
    faults = [*_wrong(columns, times, numbers, step, value), *_out_of_order(columns[step.column], times, step)]
    if len(times) < least:
        faults.append(Fault("", f"is too short: {len(times)} {step.word}s, and at least {least} are needed"))
    if faults:
        raise InputError(str(path), sorted(faults, key=lambda fault: fault.line or 0))
    per_s = np.array(numbers, dtype=np.float64) / (1.0 if value == PER_S else step.length_s)
    return Series(str(path), columns[step.column][0].strip(), per_s)


def _missing(columns: Mapping[str, Sequence[str]], step: Step) -> list[Fault]:
    faults = []
    if step.column not in columns:
        faults.append(
            Fault(step.column, f"is missing: a column such as {step.example}{did_you_mean(step.column, columns)}", 1)
        )
    if PER_S not in columns and COUNT not in columns:
        hint = did_you_mean(PER_S, columns)
        faults.append(Fault(PER_S, f"is missing: {PER_S}, or {COUNT} of each {step.word}{hint}", 1))
    if PER_S in columns and COUNT in columns:
        faults.append(Fault(COUNT, f"says the same as {PER_S}; leave one of them out", 1))
    return faults


def _wrong(
    columns: Mapping[str, Sequence[str]],
    times: Sequence[int | None],
    numbers: Sequence[float | None],
    step: Step,
    value: str,
) -> list[Fault]:
    faults = []
    for i, (time, number) in enumerate(zip(times, numbers, strict=True)):
        text = columns[value][i]
        if time is None:
            given = columns[step.column][i][:40]
            faults.append(Fault(step.column, f"expected {step.word}s such as {step.example}, got '{given}'", i + 2))
        if number is None:
            faults.append(Fault(value, f"expected a number, got '{text[:40]}'{comma_hint(text)}", i + 2))
        elif number < 0 or (step is MONTHS and number == 0):
            most = "more than zero" if step is MONTHS else "at least 0"
            faults.append(Fault(value, f"must be {most}, got {text.strip()}", i + 2))
    return faults


def _out_of_order(texts: Sequence[str], times: Sequence[int | None], step: Step) -> list[Fault]:
    """Steps that come twice, run backwards, or are missing."""
    faults = []
    for i in range(1, len(times)):
        before, now = times[i - 1], times[i]
        if before is None or now is None or now == before + 1:
            continue
        shown = f"{texts[i].strip()[:40]} after {texts[i - 1].strip()[:40]}"
        if now == before:
            said = f"comes twice: {shown}"
        elif now < before:
            said = f"runs backwards: {shown}"
        else:
            said = f"has a gap: {shown}, {now - before - 1} missing"
        faults.append(Fault(step.column, said, i + 2))
    return faults


def _time(text: str, step: Step) -> int | None:
    """A time as the number of steps since some start."""
    bare = text.strip()
    if step is MONTHS:
        match = MONTH.fullmatch(bare)
        return int(match[1]) * 12 + int(match[2]) if match and 1 <= int(match[2]) <= 12 else None
    if bare.isdecimal():
        return int(bare)
    try:
        instant = datetime.fromisoformat(bare)
    except ValueError:
        return None
    zoned = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    hours = zoned.timestamp() / SECONDS_PER_HOUR
    return round(hours) if hours.is_integer() else None


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
