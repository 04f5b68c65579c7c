"""Triton Model Analyzer: `metrics-model-inference.csv`.

It gives no median. The mean is its `Avg Latency (ms)`, else batch size over throughput, and the median is the one with
which the profile has this mean. Only rows with concurrency 1 are taken: others wait for each other, and configurations
of Model Analyzer batch dynamically. Source of the columns: its docs/config.md and the headers of its record types.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from capsim.errors import Fault, InputError, did_you_mean
from capsim.importer.imported import Imported
from capsim.importer.reading import Row, report_rows
from capsim.importer.triton import COMPUTE, Part, Served, provenance
from capsim.parameters import parameters

TOOL = "Triton Model Analyzer"
FILES = "CSV files of inference metrics."
THROUGHPUT = "Throughput (infer/sec)"
MEAN = "Avg Latency (ms)"
NEEDED = ("Model", "Batch", "Concurrency", "Model Config Path", THROUGHPUT)
PERCENTILES = {"p90_ms": "p90 Latency (ms)", "p95_ms": "p95 Latency (ms)", "p99_ms": "p99 Latency (ms)"}


@parameters
class Options:
    """What to take of the file."""

    config: str | None = None
    """The model configuration to take, where the file has several."""
    part: Part = "compute"
    """compute: the server's compute alone; client: all that the client waits for."""


def read(files: Sequence[Path], options: Options) -> Imported:
    """Quantiles by batch size.

    Raises:
        InputError: no such file, not what Model Analyzer writes, no row with concurrency 1, no or several
            configurations, a batch size twice, or values without sense.
    """
    rows = [row for file in files for row in report_rows(file, NEEDED, TOOL)]
    chosen = _of_config(rows, options.config)
    alone = [row for row in chosen if row.number("Concurrency") == 1]
    if not alone:
        source = chosen[0].source
        raise InputError(source, [Fault("Concurrency", "has no row with concurrency 1, where no request waits")])
    served = [_served(row) for row in alone]
    _check_once(served)
    first = alone[0].values
    return Imported(
        quantiles=[each.quantile_row(options.part) for each in served],
        measured={
            "load": "one request at a time (concurrency 1)",
            "configuration": first["Model Config Path"],
            **({"instance_group": first["Instance Group"]} if "Instance Group" in first else {}),
            "median": "follows from the mean and the percentiles; the source gives none",
            **provenance(served, options.part),
        },
        model=first["Model"],
        warnings=[doubt for each in served for doubt in each.doubts()],
    )


def _of_config(rows: Sequence[Row], config: str | None) -> list[Row]:
    known = list(dict.fromkeys(row.values["Model Config Path"] for row in rows))
    source = rows[0].source
    if config is None and len(known) > 1:
        said = f"has {len(known)} configurations; choose one with --config: {', '.join(known[:10])}"
        raise InputError(source, [Fault("Model Config Path", said)])
    if config is not None and config not in known:
        said = f"has no configuration '{config}'{did_you_mean(config, known)}"
        raise InputError(source, [Fault("Model Config Path", said)])
    return [row for row in rows if config in (None, row.values["Model Config Path"])]


def _served(row: Row) -> Served:
    size = row.number("Batch")
    if size != int(size):
        raise row.fault("Batch", f"expected a whole number, got '{row.values['Batch']}'")
    quantiles = {name: row.milliseconds(column, 1) for name, column in PERCENTILES.items() if column in row.values}
    columns = [f"{name} time (ms)" for name in COMPUTE]
    whole = all(column in row.values for column in columns)
    compute = sum(row.milliseconds(column, 1, zero=True) for column in columns) if whole else None
    throughput = row.number(THROUGHPUT)
    mean = row.milliseconds(MEAN, 1) if MEAN in row.values else size / throughput * 1e3
    return Served(row, int(size), throughput, mean, compute, quantiles)


def _check_once(served: Sequence[Served]) -> None:
    first: dict[int, Row] = {}
    for each in served:
        earlier = first.setdefault(each.batch_size, each.row)
        if earlier is not each.row:
            said = f"{each.batch_size} stands with concurrency 1 on line {earlier.line} of {earlier.source} too"
            raise each.row.fault("Batch", said)
