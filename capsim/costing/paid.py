"""What was really paid: a bill as a CSV table, of one's own or as FOCUS writes it."""

from __future__ import annotations

import calendar
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from capsim.costing.cost import Cost
from capsim.costing.difference import Because, Spent, because, over
from capsim.documents import read_columns
from capsim.errors import Fault, InputError, comma_hint, did_you_mean

MOST_BYTES = 256 * 1024**2
COLUMNS = ("month", "usd", "server_hours", "requests")
FOCUS = {
    "ChargePeriodStart": "month",
    "BilledCost": "usd",
    "ConsumedQuantity": "server_hours",
    "x_Requests": "requests",
}
"""FOCUS 1.4 to our own names."""
MONTH = re.compile(r"(\d{4})-(\d{2})(?:-\d{2}(?:[T ].*)?)?")


@dataclass(frozen=True)
class Against:
    """A bill beside what the cost says of the same months.

    Attributes:
        file: the bill.
        months: of the bill, in order.
        hours: in these months.
        usd: what was paid.
        predicted_usd: what the cost says for these hours.
        difference_usd: paid less predicted.
        because: what makes the difference.
    """

    file: str
    months: Sequence[str]
    hours: float
    usd: float
    predicted_usd: float
    difference_usd: float
    because: Because


def against(cost: Cost, bill: Path) -> Against:
    """A bill compared with a cost.

    Raises:
        InputError: everything that is wrong with the bill.
    """
    paid, months = _read(bill)
    hours = float(sum(calendar.monthrange(int(month[:4]), int(month[5:]))[1] * 24 for month in months))
    predicted = over(cost, hours)
    return Against(
        str(bill), months, hours, paid.usd, predicted.usd, paid.usd - predicted.usd, because(predicted, paid)
    )


def _read(bill: Path) -> tuple[Spent, list[str]]:
    columns: dict[str, list[str]] = {}
    for piece in read_columns(bill, MOST_BYTES):
        for name, cells in piece.items():
            columns.setdefault(FOCUS.get(name.strip(), name.strip()), []).extend(cells)
    faults = [*_missing(columns)] or [*_wrong(columns)]
    if faults:
        raise InputError(str(bill), faults)
    totals = {name: _total(columns.get(name)) for name in ("usd", "server_hours", "requests")}
    months = sorted({match.group(0)[:7] for text in columns["month"] if (match := MONTH.fullmatch(text.strip()))})
    return Spent(totals["usd"] or 0.0, totals["server_hours"], totals["requests"]), months


def _missing(columns: Mapping[str, Sequence[str]]) -> Iterator[Fault]:
    for name in ("month", "usd"):
        if name not in columns:
            focus = next(theirs for theirs, ours in FOCUS.items() if ours == name)
            hint = did_you_mean(name, columns)
            yield Fault(name, f"is missing: a bill has month and usd, or FOCUS's {focus}{hint}", 1)
    if not any(columns.values()):
        yield Fault("", "has no rows")


def _wrong(columns: Mapping[str, Sequence[str]]) -> Iterator[Fault]:
    for i, text in enumerate(columns["month"]):
        match = MONTH.fullmatch(text.strip())
        if match is None or not 1 <= int(match[2]) <= 12:
            yield Fault("month", f"expected a month such as 2026-10, got '{text[:40]}'", i + 2)
    for name in ("usd", "server_hours", "requests"):
        for i, text in enumerate(columns.get(name, ())):
            if _number(text) is None and (text.strip() or name == "usd"):
                yield Fault(name, f"expected a number, got '{text[:40]}'{comma_hint(text)}", i + 2)
            elif (_number(text) or 0.0) < 0 and name != "usd":
                yield Fault(name, f"must be at least 0, got {text.strip()}", i + 2)


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _total(cells: Sequence[str] | None) -> float | None:
    known = [value for text in cells or () if (value := _number(text)) is not None]
    return sum(known) if known else None
