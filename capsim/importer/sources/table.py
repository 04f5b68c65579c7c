"""A CSV table with a column mapping: a row per measured batch, or a row of percentiles per batch size."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from capsim.documents import read_table
from capsim.errors import Fault, InputError, did_you_mean
from capsim.importer.imported import COMMAND_LINE, Imported, Key, row_of
from capsim.parameters import parameters
from capsim.profile.load import LEVELS, MOST_CSV_BYTES, MOST_LATENCY_MS, QuantileRow

if TYPE_CHECKING:
    import pandas as pd

TOOL = "a CSV table"
FILES = "CSV files with a header."
Unit = Literal["ns", "us", "ms", "s"]
PER_MS: dict[Unit, float] = {"ns": 1e6, "us": 1e3, "ms": 1.0, "s": 1e-3}
PERCENTILES = {level.removesuffix("_ms"): level for level in LEVELS}
KNOWN = ("batch_size", "latency", "instances", "samples", *PERCENTILES)
MOST_BATCH_SIZES = 1000
MOST_FAULTS = 20


@parameters
class Options:
    """What the columns are."""

    column: tuple[str, ...] = ()
    """NAME=COLUMN: which column holds batch_size, latency (or p50, p90, p95, p99, p999, min, max), instances, samples.
    Repeatable; a column of that name is taken unless given."""
    unit: Unit = "ms"
    """Unit of the latencies."""


def read(files: Sequence[Path], options: Options) -> Imported:
    """Samples, or quantiles by batch size.

    Raises:
        InputError: no such file, no such column, neither latencies nor medians, or values that make no sense.
    """
    wanted = _mapping(options.column)
    samples: dict[Key, list[float]] = {}
    quantiles: list[QuantileRow] = []
    for file in files:
        for piece in read_table(file, MOST_CSV_BYTES):
            columns = _columns(piece, wanted, str(file))
            numbers = _numbers(piece, columns, options.unit, str(file))
            if "latency" in columns:
                _add(samples, numbers, str(file))
            else:
                quantiles += _quantile_rows(numbers, str(file))
    if samples and quantiles:
        raise InputError(str(files[-1]), [Fault("", "holds percentiles where another file holds single latencies")])
    if not samples and not quantiles:
        raise InputError(str(files[0]), [Fault("", "has no rows")])
    return Imported(
        samples=dict(sorted(samples.items())), quantiles=quantiles, measured={"unit": options.unit, "columns": wanted}
    )


def _mapping(told: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    faults = []
    for text in told:
        name, equals, column = (part.strip() for part in text.partition("="))
        if not equals or not column:
            faults.append(Fault("--column", f"expected NAME=COLUMN, got '{text}'"))
        elif name not in KNOWN:
            said = f"unknown name '{name}'; choose one of {', '.join(KNOWN)}{did_you_mean(name, KNOWN)}"
            faults.append(Fault("--column", said))
        found[name] = column
    if "latency" in found and PERCENTILES.keys() & found.keys():
        faults.append(Fault("--column", "expected either latency, of single batches, or percentiles"))
    if faults:
        raise InputError(COMMAND_LINE, faults)
    return found


def _columns(table: pd.DataFrame, wanted: dict[str, str], source: str) -> dict[str, str]:
    """Name to the column that holds it."""
    there = [str(column) for column in table.columns]
    faults = [
        Fault(column, f"no such column for {name}{did_you_mean(column, there)}; found {', '.join(there[:10])}", 1)
        for name, column in wanted.items()
        if column not in there
    ]
    found = {name: wanted.get(name, name) for name in KNOWN if wanted.get(name, name) in there}
    if "batch_size" not in found and "batch_size" not in wanted:
        said = f"no such column; say --column batch_size=…; found {', '.join(there[:10])}"
        faults.append(Fault("batch_size", said, 1))
    if not {"latency", "p50"} & (found.keys() | wanted.keys()):
        said = f"no such column; say --column latency=… or p50=…; found {', '.join(there[:10])}"
        faults.append(Fault("latency", said, 1))
    if faults:
        raise InputError(source, faults)
    return {name: column for name, column in found.items() if "latency" not in found or name not in PERCENTILES}


def _numbers(table: pd.DataFrame, columns: dict[str, str], unit: Unit, source: str) -> pd.DataFrame:
    """The columns by their names, as numbers, latencies in milliseconds; the index counts lines from 0."""
    import pandas as pd

    faults = []
    numbers = {}
    for name, column in columns.items():
        whole = name in {"batch_size", "instances", "samples"}
        values = pd.to_numeric(table[column], errors="coerce").to_numpy(np.float64) / (1 if whole else PER_MS[unit])
        right = (
            (values > 0) & (values <= (1e9 if whole else MOST_LATENCY_MS)) & (not whole or values == np.floor(values))
        )
        words = "a whole number from 1" if whole else f"a latency above 0 in {unit}, of at most an hour"
        faults += [
            Fault(column, f"expected {words}, got '{table[column].iloc[row]}'", int(table.index[row]) + 2)
            for row in np.flatnonzero(~right)[:MOST_FAULTS].tolist()
        ]
        numbers[name] = values
    if faults:
        raise InputError(source, sorted(faults, key=lambda fault: fault.line or 0)[:MOST_FAULTS])
    return pd.DataFrame(numbers, index=table.index)


def _add(samples: dict[Key, list[float]], numbers: pd.DataFrame, source: str) -> None:
    if "instances" not in numbers:
        numbers = numbers.assign(instances=1)
    groups: Any = numbers.groupby(["instances", "batch_size"])["latency"]
    for (instances, size), group in groups:
        samples.setdefault((int(instances), int(size)), []).extend(group.tolist())
    if len(samples) > MOST_BATCH_SIZES:
        raise InputError(source, [Fault("batch_size", f"has more than {MOST_BATCH_SIZES} different ones")])


def _quantile_rows(numbers: pd.DataFrame, source: str) -> list[QuantileRow]:
    found = []
    for index, row in zip(numbers.index.tolist(), numbers.to_dict("records"), strict=True):
        levels = {level: row[name] for name, level in PERCENTILES.items() if name in row}
        samples = int(row["samples"]) if "samples" in row else None
        try:
            found.append(row_of(int(row["batch_size"]), levels, samples, int(row.get("instances", 1))))
        except ValueError as error:
            raise InputError(source, [Fault("", str(error), index + 2)]) from None
    return found
