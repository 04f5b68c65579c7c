"""Triton perf_analyzer: CSV files (`-f`), one for each batch size (`-b`).

Columns are in microseconds. Rows beyond one request at a time wait for each other, so that only concurrency 1 is taken.
Source of the columns: perf_analyzer's report_writer.cc and docs/measurements_metrics.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from capsim.errors import CodedWarning, Fault, InputError
from capsim.importer.imported import Imported, batch_sizes_of
from capsim.importer.reading import Row, report_rows
from capsim.importer.triton import COMPUTE, QUEUE, Part, Served, contradiction, provenance
from capsim.parameters import parameters

TOOL = "Triton perf_analyzer"
FILES = "CSV files, one for each batch size."
US_PER_MS = 1e3
THROUGHPUT = "Inferences/Second"
PERCENTILES = {"p50_ms": "p50 latency", "p90_ms": "p90 latency", "p95_ms": "p95 latency", "p99_ms": "p99 latency"}
OUTSIDE = ("Client Send", "Network+Server Send/Recv", "Server Queue", "Client Recv")
ONCE = ("Server Compute",)
"""The compute before it was split into input, infer and output."""
CACHE = ("Server Cache Hit", "Server Cache Miss")


@parameters
class Options:
    """What the files do not say."""

    batch_sizes: str
    """The batch size of each file, in their order: 1,4,8."""
    part: Part = "compute"
    """compute: the server's compute alone; client: all that the client waits for."""


def read(files: Sequence[Path], options: Options) -> Imported:
    """Quantiles by batch size.

    Raises:
        InputError: no such file, not what perf_analyzer writes, no row with concurrency 1, or values without sense.
    """
    served = [_served(file, size) for file, size in batch_sizes_of(options.batch_sizes, files).items()]
    warnings: list[CodedWarning] = []
    for each, others in served:
        warnings += each.doubts(options.part)
        warnings += contradiction(each.row, others, THROUGHPUT) if options.part == "client" else []
    alone = [each for each, _ in served]
    return Imported(
        quantiles=[each.quantile_row(options.part) for each in alone],
        measured={"load": "one request at a time (concurrency 1)", **provenance(alone, options.part)},
        warnings=warnings,
    )


def _served(file: Path, batch_size: int) -> tuple[Served, list[Row]]:
    """The row of one request at a time, and the others."""
    rows = report_rows(file, (THROUGHPUT, "p50 latency"), TOOL)
    if "Concurrency" not in rows[0].values:
        said = "has no column Concurrency; measure with --concurrency-range 1, so that no request waits"
        raise InputError(str(file), [Fault("Concurrency", said)])
    row = next((row for row in rows if row.number("Concurrency") == 1), None)
    if row is None:
        raise InputError(str(file), [Fault("Concurrency", "has no row with concurrency 1, where no request waits")])
    whole = all(_has(row, column) for column in OUTSIDE) and bool(_compute(row))
    compute = sum(row.milliseconds(column, US_PER_MS, zero=True) for column in _compute(row)) if whole else None
    served = Served(
        row=row,
        batch_size=batch_size,
        items_per_s=row.number(THROUGHPUT),
        mean_ms=mean_ms(row),
        compute_ms=compute,
        queue_ms=row.milliseconds(QUEUE, US_PER_MS, zero=True) if _has(row, QUEUE) else None,
        quantiles_ms=quantiles_ms(row),
    )
    return served, [other for other in rows if other.number("Concurrency") > 1]


def quantiles_ms(row: Row) -> dict[str, float]:
    """The percentiles of a row that a profile has names for."""
    return {name: row.milliseconds(column, US_PER_MS) for name, column in PERCENTILES.items() if _has(row, column)}


def mean_ms(row: Row) -> float | None:
    """The mean latency: as given, else the sum of its parts, else not known."""
    if _has(row, "Avg latency"):
        return row.milliseconds("Avg latency", US_PER_MS)
    if not _compute(row):
        return None
    parts = [*_compute(row), *(column for column in (*OUTSIDE, *CACHE) if _has(row, column))]
    return sum(row.milliseconds(column, US_PER_MS, zero=True) for column in parts)


def _compute(row: Row) -> Sequence[str]:
    """The columns of the server's compute: three, of older releases one, or none."""
    if all(_has(row, column) for column in COMPUTE):
        return COMPUTE
    return ONCE if _has(row, *ONCE) and not any(_has(row, column) for column in COMPUTE) else ()


def _has(row: Row, column: str) -> bool:
    return column in row.values
