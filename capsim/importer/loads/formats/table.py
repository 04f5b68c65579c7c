"""Any CSV table whose columns are named (`--column NAME=COLUMN`): a row per load point, or a row per request.

Times are seconds from a start, Unix times or ISO 8601; latencies are in `--unit`, or in what their column's name says.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from capsim.documents.instants import clock_of
from capsim.errors import Fault, InputError, comma_hint, did_you_mean
from capsim.importer.imported import COMMAND_LINE
from capsim.importer.loads.choosing import chosen
from capsim.importer.loads.head import Head
from capsim.importer.loads.measured import (
    LOADS,
    MOST_FAULTS,
    MOST_POINTS,
    PER_MS,
    Floats,
    Given,
    LoadPoint,
    Measurements,
    Unit,
    measured_of,
)
from capsim.importer.loads.requests import MOST_MS, RequestLog, doubts, point_of, resolution_s, whole_table

if TYPE_CHECKING:
    import pandas as pd

TOOL = "a table"
USES = frozenset({"column", "unit", "only", "clients", "rate_per_s"})
MOST_BYTES = 512 * 1024**2
LEVELS = {"mean": "mean_ms", "p50": "p50_ms", "p90": "p90_ms", "p95": "p95_ms", "p99": "p99_ms"}
KNOWN = (*LOADS, "throughput_per_s", *LEVELS, "sent", "ended", "latency", "outcome", "name")
UNIT_WORDS: dict[str, Unit] = {"s": "s", "sec": "s", "seconds": "s", "ms": "ms", "millis": "ms", "us": "us"}
UNIT_WORDS |= {"µs": "us", "micros": "us", "ns": "ns", "nanos": "ns"}
COMPLETED = {"completed", "ok", "true", "success", "succeeded", "passed", "pass"}
HOLDS = "whatever the table holds; capsim takes it from sending to the answer, at the client"


def sniff(head: Head) -> bool:  # noqa: ARG001 - readers share one signature
    """Never: the columns of other tables have to be named."""
    return False


def read(path: Path, given: Given) -> Measurements:
    """A point for each row, or a row for each request where `latency` is named.

    Raises:
        InputError: a column that is not there, latencies without a unit, or values that make no sense.
    """
    source = str(path)
    wanted = _mapping(given.column)
    table = whole_table(path, MOST_BYTES)
    _check_columns(wanted, list(table.columns), source)
    if "name" in wanted:
        names = table[wanted["name"]]
        table = table[names.isin(chosen(names, given.only, source, "names", wanted["name"]))]
    elif given.only is not None:
        raise InputError(COMMAND_LINE, [Fault("--only", "needs --column name=COLUMN, which holds the names")])
    columns = {name: table[column] for name, column in wanted.items()}
    if "latency" in wanted:
        return _requests(columns, wanted, given, source)
    return _points(columns, wanted, given, source)


def _mapping(told: Sequence[str]) -> dict[str, str]:
    columns_of: dict[str, str] = {}
    faults = []
    for text in told:
        name, equals, column = (part.strip() for part in text.partition("="))
        if not equals or not column:
            faults.append(Fault("--column", f"expected NAME=COLUMN, got '{text}'"))
        elif name not in KNOWN:
            said = f"unknown name '{name}'; choose one of {', '.join(KNOWN)}{did_you_mean(name, KNOWN)}"
            faults.append(Fault("--column", said))
        elif name in columns_of:
            faults.append(Fault("--column", f"{name} is given twice"))
        columns_of[name] = column
    requests = {"sent", "ended", "outcome"} & columns_of.keys()
    if not faults and requests and "latency" not in columns_of:
        faults.append(Fault("--column", f"{', '.join(sorted(requests))} is of single requests; name latency too"))
    if not faults and "latency" in columns_of and not {"sent", "ended"} & columns_of.keys():
        faults.append(Fault("--column", "latency is of single requests; say when they were sent or ended"))
    if not faults and "latency" in columns_of and {"throughput_per_s", *LEVELS, *LOADS} & columns_of.keys():
        faults.append(Fault("--column", "expected either latency, of single requests, or the columns of load points"))
    if not columns_of:
        faults.append(Fault("--column", f"says which column is what: NAME=COLUMN, of {', '.join(KNOWN)}"))
    if faults:
        raise InputError(COMMAND_LINE, faults)
    return columns_of


def _check_columns(wanted: Mapping[str, str], there: list[str], source: str) -> None:
    faults = [
        Fault(column, f"no such column for {name}{did_you_mean(column, there)}; found {', '.join(there[:10])}", 1)
        for name, column in wanted.items()
        if column not in there
    ]
    faults += [
        Fault(column, "is a column twice", 1)
        for column in dict.fromkeys(wanted.values())
        if there.count(column) > 1 or list(wanted.values()).count(column) > 1
    ]
    if faults:
        raise InputError(source, faults)


def unit_of(column: str, given: Unit | None, source: str) -> Unit:
    """The unit of a column of latencies: as told, else as its name says.

    Raises:
        InputError: neither says it.
    """
    words = re.findall(r"[a-zµ]+", column.lower())
    named = UNIT_WORDS.get(words[-1]) if words else None
    unit = given or named
    if unit is None:
        said = f"is '{column}' in s, ms, us or ns? Its name does not say"
        raise InputError(source, [Fault("--unit", said)])
    return unit


def numbers(
    column: pd.Series[str], scale: float, expected: str, source: str, *, most: float, zero: bool = False
) -> Floats:
    """A column as numbers above 0, or from 0, divided by `scale`; not a number where a field is empty.

    Raises:
        InputError: something else, with its lines.
    """
    import pandas as pd

    values = np.asarray(pd.to_numeric(column, errors="coerce"), dtype=np.float64) / scale
    wrong = ~((values > 0) & (values <= most)) & ~(zero & (values == 0)) & (column.str.strip() != "").to_numpy()
    faults = [
        Fault(
            str(column.name),
            f"expected {expected}, got '{column.iloc[row][:40]}'{comma_hint(column.iloc[row])}",
            int(column.index[row]) + 2,
        )
        for row in np.flatnonzero(wrong)[:MOST_FAULTS].tolist()
    ]
    if faults:
        raise InputError(source, faults)
    return values


def _points(columns: dict[str, pd.Series[str]], wanted: dict[str, str], given: Given, source: str) -> Measurements:
    loads = [name for name in LOADS if name in wanted or getattr(given, name) is not None]
    if len(loads) != 1:
        said = "needs --column clients=… or rate_per_s=… (or --clients, --rate), and only one of them"
        raise InputError(COMMAND_LINE, [Fault("--column", said)])
    if not {"throughput_per_s", *LEVELS} & wanted.keys():
        said = f"names nothing that was measured; one of throughput_per_s, {', '.join(LEVELS)}"
        raise InputError(COMMAND_LINE, [Fault("--column", said)])
    rows = len(next(iter(columns.values())))
    if rows > MOST_POINTS:
        raise InputError(source, [Fault("", f"has {rows} load points; at most {MOST_POINTS} are read")])
    (load,) = loads
    told: dict[str, Floats] = {}
    for name, column in columns.items():
        if name in LEVELS:
            unit = unit_of(wanted[name], given.unit, source)
            told[LEVELS[name]] = numbers(column, PER_MS[unit], f"a latency above 0 in {unit}", source, most=MOST_MS)
        elif name != "name":
            told[name] = numbers(column, 1, "a number above 0", source, most=1e9)
    values = told.pop(load) if load in told else np.full(rows, float(getattr(given, load)))
    lines = (next(iter(columns.values())).index + 2).tolist()
    _check_loads(values, load, wanted.get(load, load), lines, source)
    points = [
        LoadPoint(load, float(values[row]), measured_of((name, float(told[name][row])) for name in told), None, line)
        for row, line in enumerate(lines)
    ]
    return Measurements(
        source=source,
        tool=TOOL,
        points=points,
        latency_holds=HOLDS,
        loop="closed" if load == "clients" else "open",
        gaps=None if load == "clients" else "unknown",
    )


def _check_loads(values: Floats, load: str, column: str, lines: list[int], source: str) -> None:
    wrong = ~np.isfinite(values) | ((load == "clients") & (values != np.floor(values)))
    expected = "a whole number of clients" if load == "clients" else "a rate"
    faults = [Fault(column, f"expected {expected}", lines[row]) for row in np.flatnonzero(wrong)[:MOST_FAULTS]]
    if faults:
        raise InputError(source, faults)


def _requests(columns: dict[str, pd.Series[str]], wanted: dict[str, str], given: Given, source: str) -> Measurements:
    unit = unit_of(wanted["latency"], given.unit, source)
    failed = outcomes(columns["outcome"]) if "outcome" in columns else None
    latency = numbers(columns["latency"], PER_MS[unit], f"a latency above 0 in {unit}", source, most=MOST_MS)
    when = "sent" if "sent" in columns else "ended"
    clock = clock_of(columns[when])
    times = clock.seconds(columns[when])
    sent = times if when == "sent" else times - np.nan_to_num(latency) / 1e3
    log = RequestLog(
        source=source,
        sent_s=sent,
        latency_ms=latency,
        failed=failed,
        lines=columns["latency"].index.to_numpy() + 2,
        resolution_s=resolution_s(times),
    )
    point, loop = point_of(log, given)
    return Measurements(
        source=source,
        tool=TOOL,
        points=[point],
        latency_holds=HOLDS,
        loop=loop,
        gaps="unknown" if loop == "open" else None,
        notes=[f"{when}: {clock.words}", f"latency in {unit}"],
        warnings=list(doubts(log)),
    )


def outcomes(column: pd.Series[str]) -> list[str]:
    """Why each request failed, empty where it completed: an HTTP status from 200 to 399, or a word for success."""
    return [
        "" if text.lower() in COMPLETED or (text.isdecimal() and 200 <= int(text[:4]) < 400) else text or "unknown"
        for text in (str(cell).strip() for cell in column)
    ]
