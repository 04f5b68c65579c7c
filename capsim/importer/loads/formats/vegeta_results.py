"""vegeta's results, a row for each request: `vegeta encode --to csv` or `--to json`.

Its arrivals are replayed; `--clients` says that it was a closed loop (`-rate=0 -max-workers=N`). Columns of the CSV,
which has no header: time (ns since 1970), status, latency (ns), bytes out, bytes in, error, body, attack, number,
method, URL. Source: vegeta's lib/results.go.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from capsim.documents.instants import clock_of
from capsim.errors import Fault, InputError
from capsim.importer.loads.choosing import chosen
from capsim.importer.loads.head import Head
from capsim.importer.loads.measured import Given, Measurements
from capsim.importer.loads.records import lines_of, objects_of
from capsim.importer.loads.requests import RequestLog, doubts, point_of

TOOL = "vegeta"
USES = frozenset({"clients", "rate_per_s", "only"})
HOLDS = "at the client, from sending a request to its whole answer; of answers of status 200 to 399"
NS_PER_MS = 1e6
FIELDS = 9


class Result(NamedTuple):
    """A request."""

    line: int
    time: str
    status: str
    latency: str
    target: str


def sniff(head: Head) -> bool:
    """Whether the first line is a result."""
    if head.record:
        return {"seq", "code", "timestamp", "latency"} <= head.record.keys()
    fields = head.fields
    return len(fields) >= FIELDS and fields[0].isdecimal() and len(fields[0]) == 19 and fields[1].isdecimal()


def read(path: Path, given: Given) -> Measurements:
    """The requests as one point.

    Raises:
        InputError: no such file, a line that is no result, several targets and none chosen, or values without sense.
    """
    import pandas as pd

    source = str(path)
    first = next(lines_of(path), (1, ""))[1]
    results = list(_of_json(path) if first.lstrip().startswith("{") else _of_csv(path))
    kept = chosen((result.target for result in results), given.only, source, "targets")
    results = [result for result in results if result.target in kept]
    faults = [
        Fault("", f"expected a latency in ns and a status, got '{result.latency}', '{result.status}'", result.line)
        for result in results
        if not (result.latency.isdecimal() and result.status.isdecimal())
    ]
    if faults:
        raise InputError(source, faults[:10])
    times = pd.Series([result.time for result in results], dtype=str)
    log = RequestLog(
        source=source,
        sent_s=clock_of(times).seconds(times),
        latency_ms=np.array([int(result.latency[:18]) for result in results]) / NS_PER_MS,
        failed=[_why(result.status) for result in results],
        lines=np.array([result.line for result in results]),
    )
    point, loop = point_of(log, given)
    return Measurements(
        source=source,
        tool=TOOL,
        points=[point],
        latency_holds=HOLDS,
        loop=loop,
        gaps="constant" if loop == "open" else None,
        warnings=list(doubts(log)),
    )


def _why(status: str) -> str:
    if status == "0":
        return "no answer"
    return "" if 200 <= int(status[:4]) < 400 else f"status {status}"


def _of_csv(path: Path) -> Iterator[Result]:
    for number, text in lines_of(path):
        fields = next(csv.reader([text]))
        if len(fields) < FIELDS:
            raise InputError(str(path), [Fault("", f"expected at least {FIELDS} fields, got {len(fields)}", number)])
        target = " ".join(fields[9:11]) if len(fields) > 10 else fields[7]
        yield Result(number, fields[0], fields[1], fields[2], target)


def _of_json(path: Path) -> Iterator[Result]:
    for number, result in objects_of(path):
        missing = [name for name in ("timestamp", "code", "latency") if name not in result]
        if missing:
            raise InputError(str(path), [Fault(missing[0], "is missing", number)])
        target = " ".join(str(result[name]) for name in ("method", "url") if name in result)
        latency, code = str(result["latency"]), str(result["code"])
        yield Result(number, str(result["timestamp"]), code, latency, target or str(result.get("attack", "")))
