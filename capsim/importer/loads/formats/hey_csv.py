"""hey's CSV (`-o csv`): a row for each answer, of the first million.

A closed loop of `-c` clients; as many as were under way at once, unless told. Requests without an answer are not in the
file. Source: hey's requester/print.go and report.go.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from capsim.errors import CodedWarning, Fault, InputError
from capsim.importer.loads.formats.hey_text import HOLDS, TOOL
from capsim.importer.loads.formats.table import numbers, outcomes
from capsim.importer.loads.head import Head
from capsim.importer.loads.measured import Given, Measurements
from capsim.importer.loads.requests import (
    BUSY,
    MOST_MS,
    RequestLog,
    doubts,
    in_flight,
    point_of,
    whole_table,
)

__all__ = ["TOOL", "USES", "read", "sniff"]

USES = frozenset({"clients", "rate_per_s"})
MOST_BYTES = 512 * 1024**2
LATENCY, OFFSET, STATUS = "response-time", "offset", "status-code"
MOST_ROWS = 1_000_000


def sniff(head: Head) -> bool:
    """Whether the header is hey's."""
    return head.has_columns(LATENCY, STATUS, "Response-delay")


def read(path: Path, given: Given) -> Measurements:
    """The run as one point.

    Raises:
        InputError: no such file, columns that are missing, a load that cannot be told, or values without sense.
    """
    source = str(path)
    table = whole_table(path, MOST_BYTES, (LATENCY, OFFSET, STATUS))
    latency = numbers(table[LATENCY], 1e-3, "seconds from 0", source, most=MOST_MS, zero=True)
    offset = numbers(table[OFFSET], 1, "seconds from 0", source, most=1e7, zero=True)
    log = RequestLog(
        source=source,
        sent_s=offset,
        latency_ms=latency,
        failed=outcomes(table[STATUS]),
        lines=table.index.to_numpy() + 2,
        latency_resolution_ms=0.1,
    )
    warnings = list(doubts(log))
    if len(table) >= MOST_ROWS:
        warnings.append(CodedWarning("truncated_log", f"{source}: hey keeps its first million answers only"))
    notes = ["requests without an answer are not in the file"]
    if given.clients is None and given.rate_per_s is None:
        most, mean = in_flight(log)
        if not mean >= BUSY * most:
            said = f"has {mean:.3g} requests under way on average and {most} at most, as if -q kept to a rate"
            raise InputError(source, [Fault("--clients", f"{said}; say --clients of -c, or --rate")])
        notes.append(f"clients: {most}, as many requests as were under way at once")
        given = replace(given, clients=most)
    point, loop = point_of(log, given)
    return Measurements(
        source=source,
        tool=TOOL,
        points=[point],
        latency_holds=HOLDS.replace("every answer, of whichever status", "answers of status 200 to 399"),
        loop=loop,
        gaps="unknown" if loop == "open" else None,
        notes=notes,
        warnings=warnings,
    )
