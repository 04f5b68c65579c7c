"""JMeter's results in CSV (`.jtl`), a row for each request; Locust's plugins write the same.

A closed loop of threads: each while in which their number (`allThreads`) kept still is a load point, else its arrivals
are replayed. Times are of the start, in ms since 1970, and latency is `elapsed`, in ms. Source: JMeter's manual,
*CSV Log format*.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from capsim.documents.instants import clock_of
from capsim.errors import CodedWarning
from capsim.importer.loads.choosing import chosen
from capsim.importer.loads.formats.table import numbers, outcomes
from capsim.importer.loads.head import Head
from capsim.importer.loads.measured import Floats, Given, LoadPoint, Loop, Measurements
from capsim.importer.loads.plateaus import plateaus
from capsim.importer.loads.requests import MOST_MS, RequestLog, doubts, point_of, under_clients, whole_table

TOOL = "JMeter"
USES = frozenset({"only", "clients", "rate_per_s"})
HOLDS = "at the client, from sending a request to its whole answer, with connecting; of requests that succeeded"
MOST_BYTES = 256 * 1024**2
TIME, LATENCY, LABEL, SUCCESS, THREADS = "timeStamp", "elapsed", "label", "success", "allThreads"


def sniff(head: Head) -> bool:
    """Whether the header is JMeter's."""
    return head.has_columns(TIME, LATENCY)


def read(path: Path, given: Given) -> Measurements:
    """A point for each number of threads that kept still, or the whole as one.

    Raises:
        InputError: no such file, columns that are missing, several labels and none chosen, or values without sense.
    """
    source = str(path)
    table = whole_table(path, MOST_BYTES, (TIME, LATENCY, LABEL, SUCCESS))
    rows = table[LABEL].isin(chosen(table[LABEL], given.only, source, "labels", LABEL)).to_numpy()
    clock = clock_of(table[TIME])
    whole = RequestLog(
        source=source,
        sent_s=clock.seconds(table[TIME]),
        latency_ms=numbers(table[LATENCY], 1, "ms from 0", source, most=MOST_MS, zero=True),
        failed=outcomes(table[SUCCESS]),
        lines=table.index.to_numpy() + 2,
        latency_resolution_ms=1.0,
    )
    log = whole.picked(rows)
    threads = None
    if THREADS in table and given.clients is None and given.rate_per_s is None:
        threads = numbers(table[THREADS], 1, "a number of threads from 0", source, most=1e6, zero=True)
    points, loop, notes, warnings = _points(log, whole.sent_s, threads, given)
    if not rows.all():
        notes.append(f"left out: {int((~rows).sum())} of {len(rows)} requests, of other labels")
    return Measurements(
        source=source,
        tool=TOOL,
        points=points,
        latency_holds=HOLDS,
        loop=loop,
        gaps="unknown" if loop == "open" else None,
        notes=[f"sent: {clock.words}", *notes],
        warnings=[*warnings, *doubts(log)],
    )


def _points(
    log: RequestLog, at: Floats, threads: Floats | None, given: Given
) -> tuple[Sequence[LoadPoint], Loop, list[str], list[CodedWarning]]:
    """The points, who sent the requests, how that was told, and what is doubtful."""
    points = []
    stages = [] if threads is None else plateaus(at, np.nan_to_num(threads))
    for start, end, count in stages:
        inside = (log.sent_s >= start) & (log.sent_s <= end)
        if (inside & log.done).sum() > 1:
            points.append(under_clients(log.picked(inside), int(count)))
    if points:
        told = ", ".join(f"{count:g} for {end - start:.3g} s" for start, end, count in stages)
        return points, "closed", [f"clients: threads whose number kept still, {told}; the rest is left out"], []
    point, loop = point_of(log, given)
    if loop != "replayed":
        return [point], loop, [], []
    said = f"{log.source}: no number of threads that kept still for 10 s; each waited for its answer, and its requests"
    return [point], loop, [], [CodedWarning("closed_loop_replayed", f"{said} are replayed as if it had not")]
