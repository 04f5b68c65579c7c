"""Nsight Systems: `nsys stats --report nvtx_sum --format csv`; quantiles and means of NVTX ranges.

A range on the processor ends when its work is launched. `--report nvtx_gpu_proj_sum`, which projects ranges onto the
GPU, is read too and tells the time of the work itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from capsim.errors import CodedWarning, Fault, InputError, did_you_mean
from capsim.importer.imported import Imported, batch_sizes_of, row_of
from capsim.importer.reading import Row, report_tables
from capsim.importer.spans import check_told_once, pattern_of
from capsim.parameters import parameters
from capsim.profile.load import QuantileRow

TOOL = "Nsight Systems"
FILES = "CSV files of nsys stats."
PER_MS = {"ns": 1e6, "nsec": 1e6, "us": 1e3, "μs": 1e3, "usec": 1e3, "ms": 1.0, "msec": 1.0, "s": 1e-3, "sec": 1e-3}
COLUMN = re.compile(
    r"(?:Proj )?(?P<name>Min|Med|Max|Avg|StdDev|Minimum|Median|Maximum|Average)(?: \((?P<unit>[^)]+)\))?"
)
TOTAL = re.compile(r"Total Time \((?P<unit>[^)]+)\)")
STATISTICS = {
    **dict.fromkeys(("Min", "Minimum"), "min_ms"),
    **dict.fromkeys(("Med", "Median"), "p50_ms"),
    **dict.fromkeys(("Max", "Maximum"), "max_ms"),
    **dict.fromkeys(("Avg", "Average"), "mean_ms"),
    "StdDev": "std_ms",
}
HOLDS = {
    True: "time on the GPU of the work that the range launched (projected)",
    False: "time of the range on the processor, which ends when its work is launched unless the program waits for it",
}

ESTIMATED = (
    "gives no median; the mean of all but the lowest and the highest stands for it (nsys writes one from 2021.4 on)"
)


@parameters
class Options:
    """Which ranges to take."""

    span: str
    """Name of the NVTX range, without its domain; {batch_size} stands for its number: 'infer b{batch_size}', {n} for
    any other number."""
    batch_sizes: str | None = None
    """The batch size of each file, where the range does not say it: 1,4,8."""


def read(files: Sequence[Path], options: Options) -> Imported:
    """Quantiles and mean by batch size.

    Of a file with both reports the one that is projected onto the GPU is taken.

    Raises:
        InputError: no such file, not what nsys writes, no such range, a batch size twice, or values without sense.
    """
    sizes = {} if pattern_of(options.span).groups else batch_sizes_of(options.batch_sizes, files)
    check_told_once(options.span, options.batch_sizes)
    by_batch: dict[int, QuantileRow] = {}
    projected, warnings = set(), []
    for file in files:
        tables = _holding(report_tables(file, ("Range",), TOOL), options.span)
        on_gpu = [rows for rows in tables if _is_projected(rows)]
        projected.add(bool(on_gpu))
        for rows in on_gpu or tables:
            columns = _columns(rows[0])
            if "p50_ms" not in {level for level, _ in columns.values()}:
                warnings.append(CodedWarning("median_estimated", f"{rows[0].source}: {ESTIMATED}"))
            for row in rows:
                size = sizes.get(file) or _size(row, options.span)
                quantiles = _quantiles(row, size, columns)
                if by_batch.setdefault(size, quantiles) != quantiles:
                    said = f"is the second of batch size {size}; give one report, and name one range"
                    raise row.fault("Range", said)
    return Imported(
        quantiles=list(by_batch.values()),
        measured={
            "range": options.span,
            "latency_holds": "; ".join(HOLDS[each] for each in sorted(projected)),
            "quantiles": "minimum, median and maximum, with mean and deviation as far as the source gives them",
        },
        warnings=warnings,
    )


def _is_projected(rows: Sequence[Row]) -> bool:
    return any(column.startswith("Proj ") for column in rows[0].values)


def _columns(row: Row) -> dict[str, tuple[str, float]]:
    """Column to the statistic it holds and how many of its unit make a millisecond.

    Before release 2021.4 there was no median, and before that no unit but that of the total.
    """
    total = next((match["unit"] for column in row.values if (match := TOTAL.fullmatch(column))), "")
    columns = {}
    for column in row.values:
        match = COLUMN.fullmatch(column)
        unit = (match["unit"] or total) if match else ""
        if match and unit not in PER_MS:
            said = f"expected a unit such as (ns), got '{unit}'; known are {', '.join(PER_MS)}"
            raise InputError(row.source, [Fault(column, said, row.header_line)])
        if match:
            columns[column] = (STATISTICS[match["name"]], PER_MS[unit])
    levels = {level for level, _ in columns.values()}
    if not {"min_ms", "max_ms"} <= levels or not {"p50_ms", "mean_ms"} & levels:
        said = "has no columns Min, Med (or Avg) and Max with a unit such as (ns)"
        raise InputError(row.source, [Fault("", said, row.header_line)])
    return columns


def _holding(tables: Sequence[Sequence[Row]], template: str) -> list[list[Row]]:
    """The rows of each table whose range matches, of the tables that have any."""
    held = [[row for row in rows if _match(row, template)] for rows in tables]
    if not any(held):
        names = [row.values["Range"].strip() for rows in tables for row in rows]
        hint = did_you_mean(template, (name.lstrip(":") for name in names))
        said = f"there is no range '{template}'{hint or '; the first are ' + ', '.join(names[:5])}"
        raise InputError(tables[0][0].source, [Fault("--span", said)])
    return [rows for rows in held if rows]


def _match(row: Row, template: str) -> re.Match[str] | None:
    """NVTX writes DOMAIN:NAME, and :NAME for the default domain."""
    pattern, name = pattern_of(template), row.values["Range"].strip()
    return pattern.fullmatch(name) or pattern.fullmatch(name.partition(":")[2])


def _size(row: Row, template: str) -> int:
    match = _match(row, template)
    assert match is not None, "rows were chosen by it"  # noqa: S101 - see _holding
    return int(match["batch_size"])


def _quantiles(row: Row, size: int, columns: dict[str, tuple[str, float]]) -> QuantileRow:
    zero = {"std_ms"}
    values = {
        level: row.milliseconds(column, per_ms, zero=level in zero) for column, (level, per_ms) in columns.items()
    }
    instances = next((column for column in ("Instances", "Range Instances") if column in row.values), None)
    samples = int(row.number(instances)) if instances else None
    if "p50_ms" not in values:
        values["p50_ms"] = _median(values, samples)
    try:
        return row_of(size, values, samples)
    except ValueError as error:
        raise row.fault("Range", f"makes no sense: {error}") from None


def _median(values: dict[str, float], samples: int | None) -> float:
    """About the median: the mean of all but the lowest and the highest."""
    mean, count = values["mean_ms"], samples or 0
    if count > 2:
        mean = (count * mean - values["min_ms"] - values["max_ms"]) / (count - 2)
    return min(max(mean, values["min_ms"]), values["max_ms"])
