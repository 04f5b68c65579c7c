"""Measurements of a running system: a row per load point, or a row per request."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from capsim.documents.table import read_table
from capsim.errors import Fault, InputError, did_you_mean

MOST_BYTES = 512 * 1024**2
MOST_POINTS = 10_000
MOST_MS = 3.6e6
MOST_FAULTS = 10
METRICS = ("throughput_per_s", "mean_ms", "p50_ms", "p90_ms", "p95_ms", "p99_ms")
PERCENTILES = ("p50_ms", "p90_ms", "p95_ms", "p99_ms")
SPLIT = ("waiting_ms", "service_ms")
"""Where the mean latency went in the server: `capsim calibrate` goes by them too, but they are not judged."""
MOST_OF_MEAN = 1.05
"""What the parts may add up to: numbers are rounded."""
LOADS = ("clients", "rate_per_s")
LOG = ("sent_s", "latency_ms", "outcome")
COMPLETED = "completed"

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class LoadPoint:
    """What was measured under one load.

    Attributes:
        load: `clients` of a closed loop or `rate_per_s` of an open one.
        value: how many.
        measured: metric to value, by the names of `METRICS`.
        sent_s: when each request was sent, where a log says so.
        line: of the file, counted from 1.
        split: mean time by the names of `SPLIT`, where it was measured.
    """

    load: str
    value: float
    measured: dict[str, float]
    sent_s: Floats | None = field(default=None, repr=False)
    line: int = 1
    split: dict[str, float] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The load in words."""
        return f"{self.value:g} clients" if self.load == "clients" else f"{self.value:.4g} requests/s"


def read_measurements(path: Path) -> list[LoadPoint]:
    """The load points of a CSV file, in the order of the file; a request log is one point.

    Raises:
        InputError: everything that is wrong with the columns, or with the values.
    """
    import pandas as pd

    source = str(path)
    table = pd.concat(read_table(path, MOST_BYTES))
    table.columns = columns = [str(name).strip() for name in table.columns]
    faults = _column_faults(columns)
    if faults:
        raise InputError(source, faults)
    # Blank lines at the end are harmless; before others they would shift the numbers of lines.
    held = np.flatnonzero((table != "").any(axis=1))
    table = table.iloc[: held[-1] + 1 if len(held) else 0]
    if table.empty:
        raise InputError(source, [Fault("", "has no rows")])
    numbers = {name: _numbers(table[name]) for name in columns if name != "outcome"}
    text = {name: table[name].to_numpy() for name in columns}
    if "sent_s" in columns:
        return [_log_point(numbers, text, source)]
    if len(table) > MOST_POINTS:
        raise InputError(source, [Fault("", f"has {len(table)} load points; at most {MOST_POINTS} are read")])
    return _load_points(numbers, text, source)


def _numbers(column: Any) -> Floats:
    import pandas as pd

    return np.asarray(pd.to_numeric(column, errors="coerce"), dtype=np.float64)


def _column_faults(columns: list[str]) -> list[Fault]:
    if "sent_s" in columns or "latency_ms" in columns:
        known: tuple[str, ...] = LOG
        missing = [Fault(name, "no such column; a request log needs it", 1) for name in LOG[:2] if name not in columns]
    else:
        known = (*LOADS, *METRICS, *SPLIT)
        missing = []
        if sum(name in columns for name in LOADS) != 1:
            said = f"needs either clients or rate_per_s (or sent_s and latency_ms); found {', '.join(columns[:10])}"
            if len(columns) == 1 and ";" in columns[0]:
                said = "has its columns separated by semicolons; commas are expected, and points in numbers"
                return [Fault("", said, 1)]
            missing.append(Fault("", said, 1))
        if not any(name in columns for name in METRICS):
            missing.append(Fault("", f"needs at least one of {', '.join(METRICS)}", 1))
    return (
        missing
        + [
            Fault(name, f"unknown column{did_you_mean(name, known)}{_unit_hint(name)}", 1)
            for name in columns
            if name not in known
        ][:MOST_FAULTS]
    )


def _unit_hint(name: str) -> str:
    """Where a column that is known comes in another unit."""
    stem = name.rsplit("_", 1)[0]
    if name.endswith(("_s", "_us", "_ns", "_µs")) and f"{stem}_ms" in (*METRICS, *SPLIT, *LOG):
        return "; latencies are in ms"
    return ""


def _load_points(numbers: dict[str, Floats], text: dict[str, Any], source: str) -> list[LoadPoint]:
    load = next(name for name in LOADS if name in numbers)
    faults = _value_faults(numbers, text, load)
    points = []
    for row in range(len(numbers[load])):
        told = {name: float(numbers[name][row]) for name in (*METRICS, *SPLIT) if name in numbers}
        known = {name: value for name, value in told.items() if np.isfinite(value)}
        measured = {name: known[name] for name in METRICS if name in known}
        split = {name: known[name] for name in SPLIT if name in known}
        levels = [(name, measured[name]) for name in PERCENTILES if name in measured]
        faults += [
            Fault(high, f"{high_ms:g} is less than {low} {low_ms:g}", row + 2)
            for (low, low_ms), (high, high_ms) in itertools.pairwise(levels)
            if high_ms < low_ms
        ]
        if not any(str(text[name][row]).strip() for name in METRICS if name in text):
            faults.append(Fault("", "measures nothing", row + 2))
        if sum(split.values()) > MOST_OF_MEAN * measured.get("mean_ms", math.inf):
            said = f"waiting and service make {sum(split.values()):g} ms, more than the mean of {measured['mean_ms']:g}"
            faults.append(Fault(next(iter(split)), said, row + 2))
        points.append(LoadPoint(load, float(numbers[load][row]), measured, None, row + 2, split))
    if faults:
        raise InputError(source, sorted(faults, key=lambda fault: fault.line or 0)[: 2 * MOST_FAULTS])
    return points


def _value_faults(numbers: dict[str, Floats], text: dict[str, Any], load: str) -> list[Fault]:
    faults = []
    for name, values in numbers.items():
        right = (values > 0) & (values <= (MOST_MS if name.endswith("_ms") else 1e9))
        expected = "milliseconds above 0" if name.endswith("_ms") else "a number above 0"
        if name in SPLIT:
            right |= values == 0
            expected = "milliseconds from 0"
        if name == "clients":
            right &= np.floor(values) == values
            expected = "a whole number of at least 1"
        if name != load:
            # An empty field says that this was not measured at this load.
            right |= np.array([str(cell).strip() == "" for cell in text[name]])
        faults += [
            Fault(name, f"expected {expected}, got '{str(text[name][row])[:40]}'", row + 2)
            for row in np.flatnonzero(~right)[:MOST_FAULTS].tolist()
        ]
    return faults


def _log_point(numbers: dict[str, Floats], text: dict[str, Any], source: str) -> LoadPoint:
    """A request log as one point: throughput as `capsim run` counts it, percentiles of the completed requests."""
    sent = numbers["sent_s"]
    done = np.array([cell == COMPLETED for cell in text["outcome"]]) if "outcome" in text else np.full(len(sent), True)
    latency = numbers["latency_ms"]
    wrong_sent = ~((sent >= 0) & np.isfinite(sent))
    wrong_latency = done & ~((latency > 0) & (latency <= MOST_MS))
    faults = [
        Fault(name, f"expected {words}, got '{str(text[name][row])[:40]}'", row + 2)
        for name, words, wrong in (
            ("sent_s", "seconds from 0", wrong_sent),
            ("latency_ms", "milliseconds above 0", wrong_latency),
        )
        for row in np.flatnonzero(wrong)[:MOST_FAULTS].tolist()
    ]
    if not faults and (not done.any() or np.ptp(sent) == 0):
        faults.append(Fault("", "needs completed requests sent at different times"))
    if faults:
        raise InputError(source, faults)
    order = np.argsort(sent, kind="stable")
    sent, latency, done = sent[order] - sent.min(), latency[order], done[order]
    span_s = float(sent[-1]) * len(sent) / (len(sent) - 1)
    inside = done & (sent + np.where(done, latency, 0) / 1e3 <= span_s)
    levels = np.quantile(latency[done], [0.5, 0.9, 0.95, 0.99])
    measured = {"throughput_per_s": float(inside.sum()) / span_s, "mean_ms": float(latency[done].mean())}
    measured |= dict(zip(PERCENTILES, levels.tolist(), strict=True))
    return LoadPoint("rate_per_s", len(sent) / span_s, measured, sent)
