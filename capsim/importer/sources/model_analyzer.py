"""Triton Model Analyzer: `metrics-model-inference.csv`.

It gives no median. The mean is its `Avg Latency (ms)`, else batch size over throughput, and the median is the one with
which the profile has this mean. Only rows with concurrency 1 are taken: others wait for each other, and configurations
of Model Analyzer batch dynamically. Source of the columns: its docs/config.md and the headers of its record types.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from capsim.errors import CodedWarning, Fault, InputError, did_you_mean
from capsim.importer.imported import Imported
from capsim.importer.reading import Row, report_rows
from capsim.importer.triton import COMPUTE, QUEUE, Part, Served, contradiction, provenance
from capsim.parameters import parameters

TOOL = "Triton Model Analyzer"
FILES = "CSV files of inference metrics."
THROUGHPUT = "Throughput (infer/sec)"
MEAN = "Avg Latency (ms)"
NEEDED = ("Model", "Batch", "Model Config Path", THROUGHPUT)
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
            configurations, several models at once, a batch size twice, or values without sense.
    """
    rows = [row for file in files for row in report_rows(file, NEEDED, TOOL)]
    _check_one_model(rows)
    _check_concurrency(rows)
    chosen = _of_config(rows, options.config)
    _check_one_model(chosen)
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
        warnings=[doubt for each in served for doubt in _doubts(each, chosen, options.part)],
    )


def _doubts(served: Served, rows: Sequence[Row], part: Part) -> list[CodedWarning]:
    others = [row for row in rows if row.number("Batch") == served.batch_size and row.number("Concurrency") > 1]
    contradicts = contradiction(served.row, others, THROUGHPUT) if part == "client" else []
    return [*served.doubts(part), *contradicts]


def _check_one_model(rows: Sequence[Row]) -> None:
    """Refuse a table of several models at once."""
    models = [row.values["Model"] for row in rows]
    if all("," in model for model in models):
        said = (
            f"holds {models[0].count(',') + 1} models at once ({models[0]}), which is not supported; measure one alone"
        )
        raise rows[0].fault("Model", said)


def _check_concurrency(rows: Sequence[Row]) -> None:
    """Refuse a table by request rate."""
    if any("Concurrency" not in row.values for row in rows):
        rate = next((name for name in rows[0].values if name.startswith("Request Rate")), None)
        said = "has no column Concurrency; a profile needs rows with concurrency 1, where no request waits"
        if rate is not None:
            said = (
                "was measured with --request-rate, where requests wait for each other; a profile needs rows with "
                "concurrency 1 (capsim validate and calibrate read this file as load points)"
            )
        raise InputError(rows[0].source, [Fault(rate or "Concurrency", said, rows[0].header_line)])


def _of_config(rows: Sequence[Row], config: str | None) -> list[Row]:
    known = list(dict.fromkeys(row.values["Model Config Path"] for row in rows))
    source = rows[0].source
    if config is None and len(known) > 1:
        shown = ", ".join(f"'{each}'" for each in known[:10])
        said = f"has {len(known)} configurations; choose one with --config: {shown}{' …' if len(known) > 10 else ''}"
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
    queue = f"{QUEUE} time (ms)"
    mean, rounded, why = _mean(row, size, max(quantiles.values(), default=None))
    if whole:
        rounded += sum(row.rounded_by(column) for column in columns)
    return Served(
        row=row,
        batch_size=int(size),
        items_per_s=row.number(THROUGHPUT),
        mean_ms=mean,
        compute_ms=compute,
        queue_ms=row.milliseconds(queue, 1, zero=True) if queue in row.values else None,
        quantiles_ms=quantiles,
        rounded_ms=rounded,
        why=why,
    )


def _mean(row: Row, size: float, highest_ms: float | None) -> tuple[float, float, str]:
    """The mean latency (ms), how far rounding may have moved it, and why.

    By the throughput where it is not given: the middle of the means that are rounded to it, and are not above the
    highest percentile.
    """
    if MEAN in row.values:
        return row.milliseconds(MEAN, 1), row.rounded_by(MEAN), f"the columns are rounded ({MEAN} {row.values[MEAN]})"
    throughput, half = row.number(THROUGHPUT), row.rounded_by(THROUGHPUT)
    least, most = size / (throughput + half) * 1e3, size / max(throughput - half, throughput / 10) * 1e3
    if highest_ms is not None and highest_ms > least:
        most = min(most, highest_ms)
    said = (
        f"throughput {row.values[THROUGHPUT].strip()} stands for {throughput - half:.4g} to {throughput + half:.4g} "
        f"and so for a mean latency of {least:.4g} to {most:.4g} ms; the column '{MEAN}' would tell it"
    )
    return (least + most) / 2, (most - least) / 2, said


def _check_once(served: Sequence[Served]) -> None:
    first: dict[int, Row] = {}
    for each in served:
        earlier = first.setdefault(each.batch_size, each.row)
        if earlier is not each.row:
            said = f"{each.batch_size} stands with concurrency 1 on line {earlier.line} of {earlier.source} too"
            raise each.row.fault("Batch", said)
