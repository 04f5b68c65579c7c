"""Triton perf_analyzer: the CSV file (`-f`) of a run over concurrencies or request rates.

Columns are in microseconds; `Inferences/Second` counts items, a request has as many as its batch (`-b`). Of an
ensemble only the first table is of the whole. Source of the columns: perf_analyzer's report_writer.cc.
"""

from __future__ import annotations

from pathlib import Path

from capsim.errors import Fault, InputError
from capsim.importer.loads.head import Head
from capsim.importer.loads.measured import Given, LoadPoint, Loop, Measurements, measured_of
from capsim.importer.reading import Row, report_rows
from capsim.importer.sources.perf_analyzer import TOOL, US_PER_MS, mean_ms, quantiles_ms
from capsim.importer.triton import COMPUTE

__all__ = ["TOOL", "USES", "read", "sniff"]

USES: frozenset[str] = frozenset()
THROUGHPUT = "Inferences/Second"
QUEUE = "Server Queue"
LOADS: dict[str, tuple[str, Loop]] = {"Concurrency": ("clients", "closed"), "Request Rate": ("rate_per_s", "open")}
HOLDS = "at the client, from sending a request to its whole answer; of requests that were answered"


def sniff(head: Head) -> bool:
    """Whether a header near the beginning has the column of inferences per second."""
    return any(THROUGHPUT in line and "Client Send" in line for line in head.lines[:20])


def read(path: Path, given: Given) -> Measurements:
    """A point for each row.

    Raises:
        InputError: no such file, not what perf_analyzer writes, or values that make no sense.
    """
    rows = report_rows(path, (THROUGHPUT,), TOOL)
    column = next((name for name in LOADS if name in rows[0].values), None)
    if column is None:
        said = f"has neither the column {' nor '.join(LOADS)}; which load was it?"
        raise InputError(str(path), [Fault("", said, 1)])
    load, loop = LOADS[column]
    items = given.items_per_request
    return Measurements(
        source=str(path),
        tool=TOOL,
        points=[_point(row, column, load, items) for row in rows],
        latency_holds=HOLDS,
        loop=loop,
        # Constant gaps are its default; the file does not tell of --request-distribution.
        gaps="unknown" if loop == "open" else None,
        notes=[f"throughput: {THROUGHPUT} over items_per_request {items}"] if items > 1 else [],
    )


def _point(row: Row, column: str, load: str, items: int) -> LoadPoint:
    value = row.number(column)
    if load == "clients" and value != int(value):
        raise row.fault(column, f"expected a whole number, got '{row.values[column]}'")
    quantiles = quantiles_ms(row)
    mean = mean_ms(row)
    measured = measured_of(
        [("throughput_per_s", row.number(THROUGHPUT) / items), ("mean_ms", mean), *quantiles.items()]
    )
    split = {}
    if mean is not None and {QUEUE, *COMPUTE} <= row.values.keys():
        split["waiting_ms"] = row.milliseconds(QUEUE, US_PER_MS, zero=True)
        split["service_ms"] = sum(row.milliseconds(name, US_PER_MS, zero=True) for name in COMPUTE)
    return LoadPoint(load, value, measured, None, row.line, split)
