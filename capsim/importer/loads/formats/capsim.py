"""capsim's own CSV: a row per load point (clients or rate_per_s), or per request (sent_s, latency_ms).

Latencies are in ms, throughput in requests. Times of sending are seconds from the start, Unix times or ISO 8601.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from capsim.documents.instants import clock_of
from capsim.documents.table import separated_otherwise
from capsim.errors import Fault, InputError, comma_hint, did_you_mean
from capsim.importer.loads.head import Head
from capsim.importer.loads.measured import (
    LOADS,
    METRICS,
    MOST_FAULTS,
    MOST_POINTS,
    SPLIT,
    Floats,
    Given,
    LoadPoint,
    Loop,
    Measurements,
    point_faults,
)
from capsim.importer.loads.requests import MOST_MS, RequestLog, doubts, replayed, resolution_s, whole_table

TOOL = "capsim"
USES: frozenset[str] = frozenset()
MOST_BYTES = 512 * 1024**2
LOG = ("sent_s", "latency_ms", "outcome")
COMPLETED = "completed"
AS_GIVEN = "whatever was put there; capsim takes it from sending to the answer, at the client"


def sniff(head: Head) -> bool:
    """Whether the first line names columns of ours."""
    return bool({*LOADS, *METRICS, *LOG[:2]} & set(head.fields))


def read(path: Path, given: Given) -> Measurements:  # noqa: ARG001 - readers share one signature
    """The load points in the order of the file; a request log is one point.

    Raises:
        InputError: everything that is wrong with the columns, or with the values.
    """
    source = str(path)
    table = whole_table(path, MOST_BYTES, check=_column_faults)
    columns = list(table.columns)
    if "sent_s" in columns:
        return _log(table, source)
    if len(table) > MOST_POINTS:
        raise InputError(source, [Fault("", f"has {len(table)} load points; at most {MOST_POINTS} are read")])
    numbers = {name: _numbers(table[name]) for name in columns}
    text = {name: table[name].to_numpy() for name in columns}
    loop: Loop = "closed" if "clients" in columns else "open"
    return Measurements(
        source=source, tool=TOOL, points=_load_points(numbers, text, source), latency_holds=AS_GIVEN, loop=loop
    )


def _numbers(column: Any) -> Floats:
    import pandas as pd

    return np.asarray(pd.to_numeric(column, errors="coerce"), dtype=np.float64)


def _column_faults(columns: list[str]) -> list[Fault]:
    if "sent_s" in columns or "latency_ms" in columns:
        known: tuple[str, ...] = LOG
        if "batch_size" in columns:
            said = "is a latency profile, not measurements; a scenario names it: pools: [{name: cpu, profile: FILE}]"
            return [Fault("", said, 1)]
        missing = [Fault(name, "no such column; a request log needs it", 1) for name in LOG[:2] if name not in columns]
    else:
        known = (*LOADS, *METRICS, *SPLIT)
        missing = []
        if sum(name in columns for name in LOADS) != 1:
            said = f"needs either clients or rate_per_s (or sent_s and latency_ms); found {', '.join(columns[:10])}"
            if "timestamp_s" in columns:
                said = "is a trace of arrivals, not measurements; a scenario names it as workload.arrivals.file"
                return [Fault("", said, 1)]
            if hint := separated_otherwise(",".join(columns)):
                return [Fault("", f"has one column{hint}", 1)]
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
        points.append(LoadPoint(load, float(numbers[load][row]), measured, None, row + 2, split))
        empty = not any(str(text[name][row]).strip() for name in METRICS if name in text)
        if measured or empty:  # else its fields are faults already
            faults += point_faults(points[-1])
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
            Fault(name, f"expected {expected}, got '{str(text[name][row])[:40]}'{comma_hint(text[name][row])}", row + 2)
            for row in np.flatnonzero(~right)[:MOST_FAULTS].tolist()
        ]
    return faults


def _log(table: Any, source: str) -> Measurements:
    """A request log as one point; what did not complete has no latency."""
    clock = clock_of(table["sent_s"])
    sent = clock.seconds(table["sent_s"])
    latency = _numbers(table["latency_ms"])
    outcomes = [str(cell) for cell in table["outcome"]] if "outcome" in table else None
    done = np.full(len(sent), True) if outcomes is None else np.array([word == COMPLETED for word in outcomes])
    wrong_sent = ~((sent >= 0) & np.isfinite(sent)) if clock.kind == "seconds" else ~np.isfinite(sent)
    expected = "seconds from 0" if clock.kind == "seconds" else clock.kind_words
    wrong_latency = done & ~((latency > 0) & (latency <= MOST_MS))
    faults = [
        Fault(
            name,
            f"expected {words}, got '{str(table[name].iloc[row])[:40]}'{comma_hint(table[name].iloc[row])}",
            row + 2,
        )
        for name, words, wrong in (
            ("sent_s", expected, wrong_sent),
            ("latency_ms", "milliseconds above 0", wrong_latency),
        )
        for row in np.flatnonzero(wrong)[:MOST_FAULTS].tolist()
        for cell in [str(table[name].iloc[row])]
    ]
    if faults:
        raise InputError(source, faults)
    log = RequestLog(
        source=source,
        sent_s=sent,
        latency_ms=latency,
        failed=None if outcomes is None else ["" if word == COMPLETED else word or "unknown" for word in outcomes],
        lines=np.arange(len(sent)) + 2,
        resolution_s=resolution_s(sent),
    )
    return Measurements(
        source=source,
        tool=TOOL,
        points=[replayed(log)],
        latency_holds=AS_GIVEN,
        loop="replayed",
        notes=[] if clock.kind == "seconds" else [f"sent_s: {clock.words}"],
        warnings=list(doubts(log)),
    )
