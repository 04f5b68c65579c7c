"""Nsight Systems: `nsys stats --report nvtx_sum --format csv`; quantiles of NVTX ranges.

A range on the processor ends when its work is launched. `--report nvtx_gpu_proj_sum`, which projects ranges onto the
GPU, is read too and tells the time of the work itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from capsim.errors import Fault, InputError, did_you_mean
from capsim.importer.imported import Imported, batch_sizes_of, row_of
from capsim.importer.reading import Row, report_rows
from capsim.importer.spans import PLACE, pattern_of
from capsim.parameters import parameters
from capsim.profile.load import QuantileRow

TOOL = "Nsight Systems"
FILES = "CSV files of nsys stats."
PER_MS = {"ns": 1e6, "nsec": 1e6, "us": 1e3, "μs": 1e3, "usec": 1e3, "ms": 1.0, "msec": 1.0, "s": 1e-3, "sec": 1e-3}
COLUMN = re.compile(r"(?:Proj )?(?P<name>Min|Med|Max|Avg|StdDev) \((?P<unit>[^)]+)\)")
STATISTICS = {"Min": "min_ms", "Med": "p50_ms", "Max": "max_ms", "Avg": "mean_ms", "StdDev": "std_ms"}
HOLDS = {
    True: "time on the GPU of the work that the range launched (projected)",
    False: "time of the range on the processor, which ends when its work is launched unless the program waits for it",
}


@parameters
class Options:
    """Which ranges to take."""

    span: str
    """Name of the NVTX range, without its domain; {batch_size} stands for its number: 'infer b{batch_size}'."""
    batch_sizes: str | None = None
    """The batch size of each file, where the range does not say it: 1,4,8."""


def read(files: Sequence[Path], options: Options) -> Imported:
    """Quantiles by batch size: minimum, median, maximum.

    Raises:
        InputError: no such file, not what nsys writes, no such range, a batch size twice, or values without sense.
    """
    sizes = batch_sizes_of(options.batch_sizes, files) if PLACE not in options.span else {}
    found: dict[int, QuantileRow] = {}
    projected = set()
    for file in files:
        rows = report_rows(file, ("Range",), TOOL)
        columns = _columns(rows[0])
        projected.add(any(column.startswith("Proj") for column in columns))
        for row, size in _ranges(rows, options.span, sizes.get(file)):
            if size in found:
                said = f"is the second of batch size {size}; give one report, and name one range"
                raise row.fault("Range", said)
            found[size] = _quantiles(row, size, columns)
    return Imported(
        quantiles=list(found.values()),
        measured={
            "range": options.span,
            "latency_holds": "; ".join(HOLDS[each] for each in sorted(projected)),
            "quantiles": "minimum, median and maximum; the source gives no others",
        },
    )


def _columns(row: Row) -> dict[str, tuple[str, float]]:
    """Column to the quantile it holds and how many of its unit make a millisecond."""
    matches = {column: COLUMN.fullmatch(column) for column in row.values}
    found = {
        column: (STATISTICS[match["name"]], PER_MS[match["unit"]])
        for column, match in matches.items()
        if match is not None and match["unit"] in PER_MS
    }
    missing = {"min_ms", "p50_ms", "max_ms"} - {level for level, _ in found.values()}
    if missing:
        raise InputError(
            row.source, [Fault("", "has no columns Min, Med and Max with a unit such as (ns)", row.line - 1)]
        )
    return found


def _ranges(rows: Sequence[Row], template: str, told: int | None) -> list[tuple[Row, int]]:
    pattern = pattern_of(template)
    names = [row.values["Range"].strip() for row in rows]
    # NVTX writes DOMAIN:NAME, and :NAME for the default domain.
    matches = [pattern.fullmatch(name) or pattern.fullmatch(name.partition(":")[2]) for name in names]
    found = [(row, told or int(match[1])) for row, match in zip(rows, matches, strict=True) if match is not None]
    if not found:
        hint = did_you_mean(template, (name.lstrip(":") for name in names))
        said = f"there is no range '{template}'{hint or '; the first are ' + ', '.join(names[:5])}"
        raise InputError(rows[0].source, [Fault("--span", said)])
    return found


def _quantiles(row: Row, size: int, columns: dict[str, tuple[str, float]]) -> QuantileRow:
    values = {level: row.milliseconds(column, per_ms) for column, (level, per_ms) in columns.items()}
    if not values["min_ms"] <= values["p50_ms"] <= values["max_ms"]:
        raise row.fault("Range", f"has quantiles that decrease: {values}")
    instances = next((column for column in ("Instances", "Range Instances") if column in row.values), None)
    samples = int(row.number(instances)) if instances else None
    return row_of(size, values, samples)
