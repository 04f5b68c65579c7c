"""Triton Model Analyzer: `metrics-model-inference.csv`, over concurrencies or request rates.

Rows of another batch size than the scenario's `items_per_request` are left out. Of several configurations `--only`
chooses one; rows of several models that were loaded at once cannot be taken. Source of the columns: its docs/config.md.
"""

from __future__ import annotations

from pathlib import Path

from capsim.errors import Fault, InputError
from capsim.importer.loads.choosing import chosen
from capsim.importer.loads.formats.perf_analyzer import HOLDS, LOADS
from capsim.importer.loads.head import Head
from capsim.importer.loads.measured import Given, LoadPoint, Measurements, measured_of
from capsim.importer.reading import Row, report_rows
from capsim.importer.sources.model_analyzer import MEAN, PERCENTILES, THROUGHPUT, TOOL

__all__ = ["TOOL", "USES", "read", "sniff"]

USES = frozenset({"only"})
CONFIG = "Model Config Path"
NEEDED = ("Model", "Batch", CONFIG, THROUGHPUT)


def sniff(head: Head) -> bool:
    """Whether a header near the beginning has the columns of inference metrics."""
    return any(CONFIG in line and THROUGHPUT in line for line in head.lines[:20])


def read(path: Path, given: Given) -> Measurements:
    """A point for each row of the configuration, of the batch size that the scenario sends.

    Raises:
        InputError: no such file, not what Model Analyzer writes, several configurations, or values without sense.
    """
    source = str(path)
    rows = report_rows(path, NEEDED, TOOL)
    column = next((name for name in LOADS if name in rows[0].values), None)
    if column is None:
        raise InputError(source, [Fault("", f"has neither the column {' nor '.join(LOADS)}; which load was it?", 1)])
    kept = chosen([row.values[CONFIG] for row in rows], given.only, source, "configurations", CONFIG)
    if len(kept) > 1:
        said = f"means {len(kept)} configurations, and a scenario is of one: {', '.join(map(repr, sorted(kept)))}"
        raise InputError(source, [Fault("--only", said)])
    rows = [row for row in rows if row.values[CONFIG] in kept]
    for row in rows:
        if "," in row.values["Model"]:
            said = f"was measured with several models at once, '{row.values['Model']}'; a scenario is of one"
            raise row.fault("Model", said)
    items = given.items_per_request
    alike = [row for row in rows if _whole(row, "Batch") == items]
    if not alike:
        sizes = ", ".join(sorted({row.values["Batch"] for row in rows}))
        said = f"is {sizes} in every row, and the scenario sends {items} items a request (workload.items_per_request)"
        raise InputError(source, [Fault("Batch", said)])
    load, loop = LOADS[column]
    notes = [f"configuration {next(iter(kept))}"]
    if len(alike) < len(rows):
        notes.append(f"left out: {len(rows) - len(alike)} of {len(rows)} rows, of other batch sizes")
    return Measurements(
        source=source,
        tool=TOOL,
        points=[_point(row, column, load, items) for row in alike],
        latency_holds=HOLDS,
        loop=loop,
        gaps="unknown" if loop == "open" else None,
        notes=notes,
    )


def _whole(row: Row, column: str) -> int:
    value = row.number(column)
    if value != int(value):
        raise row.fault(column, f"expected a whole number, got '{row.values[column]}'")
    return int(value)


def _point(row: Row, column: str, load: str, items: int) -> LoadPoint:
    value = row.number(column) if load == "rate_per_s" else _whole(row, column)
    known = {**PERCENTILES, "mean_ms": MEAN}
    quantiles = [(name, row.milliseconds(known[name], 1)) for name in known if known[name] in row.values]
    measured = measured_of([("throughput_per_s", row.number(THROUGHPUT) / items), *quantiles])
    return LoadPoint(load, value, measured, None, row.line)
