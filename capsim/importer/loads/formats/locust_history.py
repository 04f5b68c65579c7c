"""Locust's `_stats_history.csv` (`--csv`): a row for each second.

A load point for each while of at least 20 s in which the number of users kept still, without its first 10 s.
Throughput and mean come from the totals at both ends of such a while; percentiles, which Locust gives of the last ten
seconds, are the median over the while. Source: Locust's stats.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from capsim.errors import CodedWarning, Fault, InputError
from capsim.importer.loads.choosing import chosen
from capsim.importer.loads.formats.locust_stats import ALL, HOLDS, LEVELS, TOOL, name_of
from capsim.importer.loads.head import Head
from capsim.importer.loads.measured import Floats, Given, LoadPoint, Measurements, measured_of
from capsim.importer.loads.plateaus import LEAST_S, Plateau, plateaus
from capsim.importer.loads.requests import failures
from capsim.importer.reading import Row, report_rows

__all__ = ["TOOL", "USES", "read", "sniff"]

USES = frozenset({"only"})
COUNT, FAILED, MEAN = "Total Request Count", "Total Failure Count", "Total Average Response Time"
NEEDED = ("Timestamp", "User Count", "Type", "Name", COUNT, FAILED, MEAN)
WINDOW_S = 10.0
"""How far back Locust's percentiles of a moment reach."""


def sniff(head: Head) -> bool:
    """Whether the header is that of the history."""
    return head.has_columns("Timestamp", "User Count", COUNT)


def read(path: Path, given: Given) -> Measurements:
    """A point for each while in which the number of users kept still.

    Raises:
        InputError: no such file, not what Locust writes, several kinds of request and none chosen, no such while, or
            values that make no sense.
    """
    source = str(path)
    rows = report_rows(path, NEEDED, TOOL)
    kinds = list(dict.fromkeys(name for row in rows if (name := name_of(row)) != ALL))
    several = len(kinds) > 1 and given.only != ALL
    name = next(iter(chosen(kinds, given.only, source, "kinds"))) if several else ALL
    if several and len(chosen(kinds, given.only, source, "kinds")) > 1:
        said = f"means several kinds of request; {ALL} takes them all together"
        raise InputError(source, [Fault("--only", said)])
    rows = [row for row in rows if name_of(row) == name]
    at = np.array([row.number("Timestamp") for row in rows])
    users = np.array([row.number("User Count", zero=True) for row in rows])
    # A while begins where the percentiles hold nothing of the load before.
    whiles = plateaus(at, users, LEAST_S + WINDOW_S, WINDOW_S)
    points = [point for each in whiles if (point := _point(rows, at, each)) is not None]
    if not points:
        said = f"has no {LEAST_S + WINDOW_S:g} s in which the number of users kept still"
        raise InputError(source, [Fault("User Count", said)])
    last = rows[-1]
    counts = [int(last.number(column, zero=True)) for column in (COUNT, FAILED)]
    warnings = list(failures(Counter({"of Locust": counts[1]}), counts[0], "their latency is in the numbers too"))
    if len(kinds) > 1:
        said = f"{source}: users sent {len(kinds)} kinds of request: {', '.join(kinds[:5])}; taken is {name}"
        warnings.append(CodedWarning("mixed_requests", said))
    told = ", ".join(f"{count:g} from {start - at[0]:.3g} to {end - at[0]:.3g} s" for start, end, count in whiles)
    return Measurements(
        source=source,
        tool=TOOL,
        points=points,
        latency_holds=HOLDS,
        loop="closed",
        think_s=_think_s(points) if len(kinds) < 2 else None,
        notes=[
            f"clients: users whose number kept still: {told}; the rest is left out",
            "percentiles: the median over each while of those of the last 10 s, as Locust rounds them",
        ],
        warnings=warnings,
    )


def _point(rows: Sequence[Row], at: Floats, each: Plateau) -> LoadPoint | None:
    """What happened between the rows at both ends of a while; nothing where nothing did."""
    start, end, users = each
    inside = [row for row, when in zip(rows, at, strict=True) if start <= when <= end]
    first, last = inside[0], inside[-1]
    seconds = last.number("Timestamp") - first.number("Timestamp")
    (before, after), (failed_before, failed) = (
        [row.number(column, zero=True) for row in (first, last)] for column in (COUNT, FAILED)
    )
    if after < before or failed < failed_before:
        raise last.fault(COUNT, f"is less than on line {first.line}")
    completed = (after - before) - (failed - failed_before)
    if completed <= 0 or seconds <= 0:
        return None
    total = after * last.number(MEAN) - before * first.number(MEAN, zero=True)
    levels = []
    for name, column in LEVELS.items():
        known = [row.number(column) for row in inside if row.values.get(column, "N/A").strip() not in {"N/A", "0", ""}]
        levels.append((name, float(np.median(known)) if known else None))
    measured = measured_of([("throughput_per_s", completed / seconds), ("mean_ms", total / (after - before)), *levels])
    return LoadPoint("clients", users, measured, None, first.line)


def _think_s(points: Sequence[LoadPoint]) -> float:
    """How long users waited between answer and next request, by Little's law at the lowest load."""
    point = min(points, key=lambda each: each.value)
    return max(point.value / point.measured["throughput_per_s"] - point.measured["mean_ms"] / 1e3, 0.0)
