"""What of a table is meant: which column holds what, which rows are taken, and what they have in common."""

from __future__ import annotations

import fnmatch
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from capsim.errors import Fault, InputError, did_you_mean
from capsim.importer.imported import COMMAND_LINE
from capsim.profile.load import LEVELS

if TYPE_CHECKING:
    import pandas as pd

Unit = Literal["ns", "us", "ms", "s"]
PER_MS: dict[Unit, float] = {"ns": 1e6, "us": 1e3, "ms": 1.0, "s": 1e-3}
STATISTICS = {level.removesuffix("_ms"): level for level in (*LEVELS, "mean_ms", "std_ms")}
KNOWN = ("batch_size", "latency", "instances", "samples", "compute", *STATISTICS)
WHOLE = frozenset({"batch_size", "instances", "samples"})
OTHERWISE = {"mean": ("avg", "average"), "p50": ("median",), "std": ("stddev",), "batch_size": ("batch",)}
"""What else a column may be called that nobody names."""
SUM = "+"
MOST_TOLD = 10
MOST_COMMON, LONGEST_COMMON = 40, 200


def pairs(told: Sequence[str], flag: str, form: str) -> list[tuple[str, str]]:
    """The NAME=VALUE of an option that may be repeated.

    Raises:
        InputError: one without an equals sign, a name or a value.
    """
    split, faults = _split(told, flag, form)
    if faults:
        raise InputError(COMMAND_LINE, faults)
    return split


def _split(told: Sequence[str], flag: str, form: str) -> tuple[list[tuple[str, str]], list[Fault]]:
    """The pairs that are, and a fault for each text that is none."""
    parted = {text: [part.strip() for part in text.partition("=")] for text in told}
    faults = [Fault(flag, f"expected {form}, got '{text}'") for text, each in parted.items() if not all(each)]
    return [
        (name, value) for name, equals, value in (parted[text] for text in told) if name and equals and value
    ], faults


def mapping(told: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Name to the columns that hold it; only the compute may be a sum of several.

    Raises:
        InputError: no pairs, a name twice or unknown, or latencies beside percentiles.
    """
    columns_of: dict[str, tuple[str, ...]] = {}
    split, faults = _split(told, "--column", "NAME=COLUMN")
    for name, column in split:
        if name not in KNOWN:
            said = f"unknown name '{name}'; choose one of {', '.join(KNOWN)}{did_you_mean(name, KNOWN)}"
            faults.append(Fault("--column", said))
        elif name in columns_of:
            faults.append(Fault("--column", f"{name} is given twice"))
        columns_of[name] = tuple(part.strip() for part in column.split(SUM)) if name == "compute" else (column,)
    if "latency" in columns_of and STATISTICS.keys() & columns_of.keys():
        faults.append(Fault("--column", "expected either latency, of single batches, or percentiles"))
    if "compute" in columns_of and "latency" in columns_of:
        faults.append(Fault("--column", "compute goes with percentiles and their mean, not with latency"))
    if faults:
        raise InputError(COMMAND_LINE, faults)
    return columns_of


def located(
    there: Sequence[str], wanted: Mapping[str, tuple[str, ...]], unit: Unit, source: str
) -> dict[str, tuple[str, ...]]:
    """Name to its columns: those that are named, else those that are called so, with the unit or without.

    Raises:
        InputError: a column that is not there; no batch size, or neither latencies nor medians nor means.
    """
    faults = [
        Fault(column, f"no such column for {name}{did_you_mean(column, there)}; found {_told(there)}", 1)
        for name, columns in wanted.items()
        for column in columns
        if column not in there
    ]
    columns_of = {name: columns for name in KNOWN if (columns := wanted.get(name) or _called(name, there, unit))}
    if "batch_size" not in columns_of:
        faults.append(Fault("batch_size", f"no such column; say --column batch_size=…; found {_told(there)}", 1))
    if not {"latency", "p50", "mean"} & columns_of.keys():
        said = f"no such column; say --column latency=…, p50=… or mean=…; found {_told(there)}"
        faults.append(Fault("latency", said, 1))
    if "compute" in columns_of and "mean" not in columns_of:
        faults.append(Fault("mean", "no such column; compute is taken from the mean: say --column mean=…", 1))
    if faults:
        raise InputError(source, faults)
    return {
        name: columns for name, columns in columns_of.items() if "latency" not in columns_of or name not in STATISTICS
    }


def _called(name: str, there: Sequence[str], unit: Unit) -> tuple[str, ...]:
    names = [name, *OTHERWISE.get(name, ())]
    suffixed = [] if name in WHOLE else [f"{each}_{unit}" for each in names]
    return tuple(column for column in there if column in {*names, *suffixed})[:1]


def rows_where(table: pd.DataFrame, told: Mapping[str, Sequence[str]], source: str) -> pd.DataFrame:
    """The rows that have one of the values asked for in every column asked for; `*` stands for any letters.

    Raises:
        InputError: a column that is not there.
    """
    there = [str(column) for column in table.columns]
    faults = [
        Fault("--where", f"no such column '{column}'{did_you_mean(column, there)}; found {_told(there)}")
        for column in told
        if column not in there
    ]
    if faults:
        raise InputError(source, faults)
    for column, values in told.items():
        often = set(table[column])
        kept = {text for text in often if any(text == value or fnmatch.fnmatchcase(text, value) for value in values)}
        table = table[table[column].isin(kept)]
    return table


def asked(told: Sequence[str]) -> dict[str, list[str]]:
    """The values of each column of `--where`."""
    named: dict[str, list[str]] = defaultdict(list)
    for column, value in pairs(told, "--where", "COLUMN=VALUE"):
        named[column].append(value)
    return named


def common(rows: Sequence[Mapping[str, str]], used: Iterable[str]) -> dict[str, str]:
    """What all rows say alike in columns that are not used: what was measured, and where it is from."""
    if not rows:
        return {}
    spare = [column for column in rows[0] if column not in set(used)]
    alike = {column: rows[0][column] for column in spare if len({row.get(column) for row in rows}) == 1}
    return {column: text[:LONGEST_COMMON] for column, text in list(alike.items())[:MOST_COMMON] if text.strip()}


def differing(one: Mapping[str, str], other: Mapping[str, str], used: Iterable[str]) -> str:
    """In which columns that are not used two rows differ, with what they say there."""
    spare = [column for column in one if column not in set(used) and one[column] != other.get(column)]
    return ", ".join(f"{column} ('{one[column][:60]}', '{other.get(column, '')[:60]}')" for column in spare[:3])


def _told(names: Sequence[str]) -> str:
    return ", ".join(names[:MOST_TOLD]) + (" …" if len(names) > MOST_TOLD else "")
