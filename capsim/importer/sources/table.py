"""A table of CSV or Markdown with a column mapping: a row per measured batch, or a row of percentiles per batch size.

Columns are separated by commas, semicolons or tabs, and decimals by a point or a comma, as the table itself tells. Of a
table of several models or devices `--where` takes the rows of one; what they have in common becomes provenance.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from capsim.documents import read_table
from capsim.documents.separators import decimal_of, delimiter_of, plain, rounded_by
from capsim.errors import CodedWarning, Fault, InputError
from capsim.importer.columns import (
    PER_MS,
    STATISTICS,
    WHOLE,
    Unit,
    asked,
    common,
    differing,
    located,
    mapping,
    pairs,
    rows_where,
)
from capsim.importer.imported import Imported, Key, row_of
from capsim.importer.loads.head import read_head
from capsim.importer.pages import ENDINGS, page_table
from capsim.importer.triton import COARSE, HOLDS, median_from_mean
from capsim.parameters import parameters
from capsim.profile.load import LEVELS, MOST_CSV_BYTES, MOST_LATENCY_MS, QuantileRow

if TYPE_CHECKING:
    import pandas as pd

TOOL = "a table"
FILES = "CSV files with a header, or Markdown pages (.md) with a table."
MOST_BATCH_SIZES = 1000
MOST_FAULTS = 20
MAY_BE_EMPTY = frozenset({"samples", *STATISTICS})
NOT_TOLD = "what the table holds, which is not told"


@parameters
class Options:
    """What the columns are, and which rows are taken."""

    column: tuple[str, ...] = ()
    """NAME=COLUMN: which column holds batch_size, latency (or p50, p90, p95, p99, p999, min, max, mean, std),
    instances, samples, compute. Repeatable; a column of that name is taken unless given. compute=A+B: what the mean
    holds beside these means, such as a network, is left out of every percentile."""
    unit: Unit = "ms"
    """Unit of the latencies."""
    where: tuple[str, ...] = ()
    """COLUMN=VALUE: only rows with this value; * stands for any letters. Repeatable: another value of a column is taken
    too, another column must hold as well."""
    section: str | None = None
    """Of a Markdown page: the heading that the table stands below, or a part of it."""
    decimal: str | None = None
    """The sign before decimals, point or comma, where the table does not tell."""
    holds: str | None = None
    """What the latency holds and leaves out, in words."""
    keep: tuple[str, ...] = ()
    """A column whose values go into the provenance, by batch size. Repeatable."""
    provenance: tuple[str, ...] = ()
    """NAME=TEXT for the provenance, such as licence=Apache-2.0. Repeatable."""


@dataclass
class _Taken:
    """What was taken of all files."""

    samples: dict[Key, list[float]] = field(default_factory=dict)
    quantiles: dict[Key, QuantileRow] = field(default_factory=dict)
    texts: dict[Key, dict[str, str]] = field(default_factory=dict)
    lines: dict[Key, int] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    coarse: list[tuple[float, str]] = field(default_factory=list)
    estimated: int = 0


def read(files: Sequence[Path], options: Options) -> Imported:
    """Samples, or quantiles by batch size.

    Raises:
        InputError: no such file, no such column or row, neither latencies nor medians nor means, a batch size twice,
            numbers whose commas may mean either, or values that make no sense.
    """
    wanted, where = mapping(options.column), asked(options.where)
    notes = dict(pairs(options.provenance, "--provenance", "NAME=TEXT"))
    taken = _Taken()
    for file in files:
        for table in _tables(file, wanted, options):
            columns = located([str(column) for column in table.columns], wanted, options.unit, str(file))
            taken.used |= {column for each in columns.values() for column in each}
            rows = rows_where(table, where, str(file))
            numbers = _numbers(rows, columns, options.unit, str(file))
            if "latency" in columns:
                _add(taken.samples, numbers, str(file))
            else:
                _add_quantiles(taken, rows, numbers, columns, options, str(file))
    if taken.samples and taken.quantiles:
        raise InputError(str(files[-1]), [Fault("", "holds percentiles where another file holds single latencies")])
    if not taken.samples and not taken.quantiles:
        said = "has no row with what --where asks for" if where else "has no rows"
        raise InputError(str(files[0]), [Fault("--where" if where else "", said)])
    alike = common(list(taken.texts.values()), taken.used | set(options.keep))
    return Imported(
        samples=dict(sorted(taken.samples.items())),
        quantiles=list(taken.quantiles.values()),
        measured=_provenance(taken, wanted, options, str(files[0]))
        | ({"same_in_all_rows": alike} if alike else {})
        | notes,
        model=alike.get("model"),
        runtime=alike.get("runtime"),
        precision=alike.get("precision"),
        warnings=[*_rounded(taken), *_estimated(taken)],
    )


def _tables(file: Path, wanted: Mapping[str, tuple[str, ...]], options: Options) -> Iterator[pd.DataFrame]:
    """The pieces of a table, with decimal points."""
    decimal, page = options.decimal, file.suffix.lower() in ENDINGS
    if decimal not in {None, "point", "comma"}:
        raise InputError("the command line", [Fault("--decimal", f"expected point or comma, got '{decimal}'")])
    if options.section is not None and not page:
        raise InputError(str(file), [Fault("--section", f"is of Markdown pages, {' or '.join(sorted(ENDINGS))}")])
    delimiter = "|" if page else delimiter_of(next(iter(read_head(file).lines), ""))
    sign = {"point": ".", "comma": ",", None: "." if delimiter == "," else None}[decimal]
    pieces = [page_table(file, options.section, wanted)] if page else read_table(file, MOST_CSV_BYTES, delimiter)
    for table in pieces:
        if sign is None:
            sign = decimal_of(table.to_numpy().ravel().tolist())
        if sign is None:
            said = "has numbers with a comma of decimals or of thousands, such as 1,234; say --decimal point or comma"
            raise InputError(str(file), [Fault("--decimal", said)])
        converted = delimiter != "," or decimal is not None
        yield table.map(lambda text, sign=sign: plain(text, sign)) if converted else table


def _numbers(table: pd.DataFrame, columns: Mapping[str, tuple[str, ...]], unit: Unit, source: str) -> pd.DataFrame:
    """The columns by their names, as numbers, latencies in milliseconds; the index counts lines from 0."""
    import pandas as pd

    faults = []
    numbers = {}
    for name, each in columns.items():
        values = np.zeros(len(table))
        blank = name in MAY_BE_EMPTY and not (name == "mean" and "compute" in columns)
        for column in each:
            part, wrong = _column(table[column], name, unit, blank=blank)
            values = values + part
            faults += [Fault(column, said, line) for line, said in wrong]
        numbers[name] = values
    if faults:
        raise InputError(source, sorted(faults, key=lambda fault: fault.line or 0)[:MOST_FAULTS])
    return pd.DataFrame(numbers, index=table.index)


def _column(
    texts: pd.Series[str], name: str, unit: Unit, *, blank: bool
) -> tuple[np.ndarray[Any, Any], list[tuple[int, str]]]:
    """The numbers of a column, and what is wrong with them, by line; where it may be empty, no number stands for it."""
    import pandas as pd

    whole, zero = name in WHOLE, name in {"compute", "std"}
    values = pd.to_numeric(texts, errors="coerce").to_numpy(np.float64) / (1 if whole else PER_MS[unit])
    most = 1e9 if whole else MOST_LATENCY_MS
    right = ((values > 0) | (zero & (values == 0))) & (values <= most) & (not whole or values == np.floor(values))
    right |= blank & (texts.str.strip() == "").to_numpy()
    latency = f"a latency {'from' if zero else 'above'} 0 in {unit}, of at most an hour"
    words = "a whole number from 1" if whole else latency
    wrong = np.flatnonzero(~right)[:MOST_FAULTS].tolist()
    return values, [(int(texts.index[row]) + 2, f"expected {words}, got '{texts.iloc[row]}'") for row in wrong]


def _add(samples: dict[Key, list[float]], numbers: pd.DataFrame, source: str) -> None:
    if "instances" not in numbers:
        numbers = numbers.assign(instances=1)
    groups: Any = numbers.groupby(["instances", "batch_size"])["latency"]
    for (instances, size), group in groups:
        samples.setdefault((int(instances), int(size)), []).extend(group.tolist())
    if len(samples) > MOST_BATCH_SIZES:
        raise InputError(source, [Fault("batch_size", f"has more than {MOST_BATCH_SIZES} different ones")])


def _add_quantiles(
    taken: _Taken,
    rows: pd.DataFrame,
    numbers: pd.DataFrame,
    columns: Mapping[str, tuple[str, ...]],
    options: Options,
    source: str,
) -> None:
    texts = rows.astype(str).to_dict("records")
    for index, text, row in zip(numbers.index.tolist(), texts, numbers.to_dict("records"), strict=True):
        key, line = (int(row.get("instances", 1)), int(row["batch_size"])), int(index) + 2
        raw = {str(name): value for name, value in text.items()}
        if key in taken.quantiles:
            apart = differing(raw, taken.texts[key], taken.used)
            said = f"batch size {key[1]} stands on line {taken.lines[key]} too"
            said += f", and differs in {apart}; choose with --where" if apart else ""
            raise InputError(source, [Fault(columns["batch_size"][0], said, line)])
        try:
            taken.quantiles[key] = _quantile_row(
                {str(name): value for name, value in row.items() if not math.isnan(value)}
            )
        except ValueError as error:
            raise InputError(source, [Fault("", str(error), line)]) from None
        taken.texts[key], taken.lines[key] = raw, line
        taken.estimated += math.isnan(row.get("p50", math.nan))
        if "compute" in columns and row["compute"]:
            off = sum(rounded_by(raw[column]) for name in ("mean", "compute") for column in columns[name])
            off /= PER_MS[options.unit] * row["compute"]
            taken.coarse.append((off, f"{source} line {line}: columns are rounded: compute is {row['compute']:.4g} ms"))


def _quantile_row(row: Mapping[str, float]) -> QuantileRow:
    """A row of the profile; with a compute, less the mean of what is beside it.

    Raises:
        ValueError: quantiles that decrease or are not above 0, or do not allow the mean.
    """
    levels = {level: row[name] for name, level in STATISTICS.items() if name in row}
    if "p50" not in row and "mean" not in row:
        raise ValueError("has neither a median nor a mean")
    if "p50" not in row:
        levels["p50_ms"] = _median(levels)
    if "compute" in row:
        outside = max(row["mean"] - row["compute"], 0.0)
        levels = {level: value - (0 if level == "std_ms" else outside) for level, value in levels.items()}
        lowest = min(value for level, value in levels.items() if level in LEVELS)
        if lowest <= 0:
            raise ValueError(f"leaves {lowest:.4g} ms, without {outside:.4g} ms beside compute")
    samples = int(row["samples"]) if "samples" in row else None
    return row_of(int(row["batch_size"]), levels, samples, int(row.get("instances", 1)))


def _median(levels: Mapping[str, float]) -> float:
    """The median with which the curve has the mean, within the minimum and the lowest percentile."""
    mean = levels["mean_ms"]
    quantiles = {
        level: value for level, value in levels.items() if level in LEVELS and level not in {"min_ms", "max_ms"}
    }
    median = median_from_mean(quantiles, mean)
    return max(min([median, *quantiles.values(), *_known(levels, "max_ms")]), *_known(levels, "min_ms"), mean / 2)


def _known(levels: Mapping[str, float], name: str) -> list[float]:
    return [levels[name]] if name in levels else []


def _provenance(
    taken: _Taken, wanted: Mapping[str, tuple[str, ...]], options: Options, source: str
) -> dict[str, object]:
    rows = list(taken.texts.values())
    absent = [column for column in options.keep if rows and column not in rows[0]]
    if absent:
        raise InputError(source, [Fault("--keep", f"no such column '{column}'") for column in absent])
    kept = {
        column: {key[1]: text[column] for key, text in sorted(taken.texts.items())} for column in options.keep if rows
    }
    return {
        "unit": options.unit,
        "columns": {name: "+".join(columns) for name, columns in wanted.items()},
        **({"where": list(options.where)} if options.where else {}),
        "latency_holds": options.holds or (HOLDS["compute"] if "compute" in wanted else NOT_TOLD),
        **({"lines": {key[1]: line for key, line in sorted(taken.lines.items())}} if taken.lines else {}),
        **kept,
    }


def _rounded(taken: _Taken) -> list[CodedWarning]:
    """That columns are too coarse for what is left of them; the worst row."""
    off, said = max(taken.coarse, default=(0.0, ""))
    return [CodedWarning("rounded", f"{said}, give or take {off:.0%}")] if off > COARSE else []


def _estimated(taken: _Taken) -> list[CodedWarning]:
    """That medians are not in the table."""
    if not taken.estimated:
        return []
    said = f"{taken.estimated} rows have no median; the one with which the percentiles have their mean stands for it"
    return [CodedWarning("median_estimated", said)]
