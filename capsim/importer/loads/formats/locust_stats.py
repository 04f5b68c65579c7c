"""Locust's `_stats.csv` (`--csv`): a row for each kind of request, and one of all.

A closed loop of users who wait for their answers and then for their `wait_time`; how many there were is not in the
file. Failed requests are among the latencies, which Locust keeps rounded to two digits. Source: Locust's stats.py.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from capsim.errors import CodedWarning, Fault, InputError
from capsim.importer.loads.choosing import chosen
from capsim.importer.loads.head import Head
from capsim.importer.loads.measured import Given, LoadPoint, Measurements, measured_of
from capsim.importer.loads.requests import failures
from capsim.importer.loads.telling import told_load
from capsim.importer.reading import Row, report_rows

TOOL = "Locust"
USES = frozenset({"only", "clients", "rate_per_s"})
HOLDS = "at the client, from sending a request to its whole answer; of every request, the failed among them"
ALL = "Aggregated"
NEEDED = ("Type", "Name", "Request Count", "Failure Count", "Average Response Time", "Requests/s", "Failures/s")
LEVELS = {"p50_ms": "50%", "p90_ms": "90%", "p95_ms": "95%", "p99_ms": "99%"}


def sniff(head: Head) -> bool:
    """Whether the header is that of the statistics."""
    return head.has_columns("Type", "Name", "Request Count", "Average Response Time")


def read(path: Path, given: Given) -> Measurements:
    """One kind of request, or all of them, as one point.

    Raises:
        InputError: no such file, not what Locust writes, several kinds and none chosen, no number of users told, or
            values that make no sense.
    """
    source = str(path)
    rows = {name_of(row): row for row in report_rows(path, NEEDED, TOOL)}
    kinds = [name for name in rows if name != ALL]
    name = ALL if given.only == ALL or len(kinds) < 2 else next(iter(chosen(kinds, given.only, source, "kinds")))
    if name not in rows:
        raise InputError(source, [Fault("Name", f"has no row {ALL}")])
    if given.only not in (None, ALL) and len(chosen(kinds, given.only, source, "kinds")) > 1:
        said = f"means several kinds of request; {ALL} takes them all together"
        raise InputError(source, [Fault("--only", said)])
    load, value = told_load(given, source, "Locust's statistics do not say how many users there were")
    row = rows[name]
    point = LoadPoint(load, value, _measured(row), None, row.line)
    requests, failed = (int(row.number(column, zero=True)) for column in ("Request Count", "Failure Count"))
    warnings = [
        *failures(Counter({"of Locust": failed}), requests, "their latency is in the percentiles too"),
        *(_mixed(kinds, source) if name == ALL else _share(rows, row, source)),
    ]
    think = value / row.number("Requests/s") - row.number("Average Response Time") / 1e3
    return Measurements(
        source=source,
        tool=TOOL,
        points=[point],
        latency_holds=HOLDS,
        loop="closed" if load == "clients" else "open",
        gaps=None if load == "clients" else "unknown",
        think_s=max(think, 0.0) if load == "clients" and (name == ALL or len(kinds) < 2) else None,
        notes=[
            "percentiles are rounded by Locust: to 1 ms below 100 ms, to 10 ms below 1 s",
            "the numbers are of the whole run, also while users were added; _stats_history.csv tells when",
        ],
        warnings=warnings,
    )


def name_of(row: Row) -> str:
    """The kind of request, as Locust's tables show it."""
    return f"{row.values['Type']} {row.values['Name']}".strip()


def _measured(row: Row) -> dict[str, float]:
    throughput = row.number("Requests/s") - row.number("Failures/s", zero=True)
    if throughput <= 0:
        raise row.fault("Failures/s", "leaves no request that completed")
    levels = [(name, row.milliseconds(column, 1)) for name, column in LEVELS.items() if column in row.values]
    return measured_of(
        [("throughput_per_s", throughput), ("mean_ms", row.milliseconds("Average Response Time", 1)), *levels]
    )


def _mixed(kinds: list[str], source: str) -> list[CodedWarning]:
    if len(kinds) < 2:
        return []
    said = f"{source}: {len(kinds)} kinds of request are taken as one: {', '.join(kinds[:5])}"
    return [CodedWarning("mixed_requests", said)]


def _share(rows: dict[str, Row], row: Row, source: str) -> list[CodedWarning]:
    """The users of a kind of request are not known where they send others too."""
    if ALL not in rows or len(rows) <= 2:
        return []
    share = row.number("Requests/s") / rows[ALL].number("Requests/s")
    said = f"{source}: {name_of(row)} is {share:.0%} of the requests, and the users sent others between"
    return [CodedWarning("mixed_requests", said)]
