"""Triton perf_analyzer, as it prints a run over concurrencies or request rates.

Latencies are in microseconds; throughput counts items, a request has as many as its batch (`-b`). The mean is
`Avg latency`, or where percentiles judge stability the time of the HTTP or gRPC call. The first server block of each
load is of the whole. Source of the lines: perf_analyzer's inference_profiler.cc.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from capsim.documents import read_text
from capsim.errors import Fault, InputError
from capsim.importer.loads.formats.perf_analyzer import HOLDS, LOADS
from capsim.importer.loads.head import Head
from capsim.importer.loads.measured import Given, LoadPoint, Measurements, measured_of
from capsim.importer.reading import MOST_REPORT_BYTES, Row
from capsim.importer.sources.perf_analyzer import TOOL, US_PER_MS

__all__ = ["TOOL", "USES", "read", "sniff"]

USES: frozenset[str] = frozenset()
LOAD = re.compile(r"\s*(?P<name>Request concurrency|Request Rate):\s+(?P<value>\S+)")
COLUMNS = {"Request concurrency": "Concurrency", "Request Rate": "Request Rate"}
THROUGHPUT, MEAN = "Throughput", "Avg latency"
CALLS = ("Avg HTTP time", "Avg gRPC time")
LEVELS = {"p50_ms": "p50 latency", "p90_ms": "p90 latency", "p95_ms": "p95 latency", "p99_ms": "p99 latency"}
VALUE = re.compile(rf"\s*(?P<name>{THROUGHPUT}|{MEAN}|p\d+ latency|{'|'.join(CALLS)}):\s+(?P<value>\S+)")
SERVER, PART = "Avg request latency", re.compile(r"(queue|compute \w+) (\d+) usec")
COMPUTE = ("compute input", "compute infer", "compute output")


@dataclass(frozen=True)
class _Block:
    """What is printed of a load, by the words before the colon; and the parts of the latency at the server (µs)."""

    load: Row
    values: dict[str, Row] = field(default_factory=dict)
    parts: dict[str, float] = field(default_factory=dict)


def sniff(head: Head) -> bool:
    """Whether a load is followed by what the client saw."""
    return any(LOAD.match(line) for line in head.lines) and "infer/sec" in head.text


def read(path: Path, given: Given) -> Measurements:
    """A point for each concurrency or rate.

    Raises:
        InputError: no such file, both kinds of load, or values that make no sense.
    """
    source = str(path)
    blocks = _blocks(read_text(path, MOST_REPORT_BYTES).splitlines(), source)
    kinds = {next(iter(block.load.values)) for block in blocks}
    if len(kinds) != 1:
        raise InputError(source, [Fault("", "has both concurrencies and request rates; give each a file of its own")])
    load, loop = LOADS[kinds.pop()]
    items = given.items_per_request
    return Measurements(
        source=source,
        tool=TOOL,
        points=[_point(block, load, items) for block in blocks],
        latency_holds=HOLDS,
        loop=loop,
        gaps="unknown" if loop == "open" else None,
        notes=[f"throughput: infer/sec over items_per_request {items}"] if items > 1 else [],
    )


def _blocks(lines: list[str], source: str) -> list[_Block]:
    blocks: list[_Block] = []
    for number, line in enumerate(lines, start=1):
        if match := LOAD.match(line):
            blocks.append(_Block(Row(source, number, {COLUMNS[match["name"]]: match["value"]})))
        elif blocks and (match := VALUE.match(line)):
            blocks[-1].values.setdefault(match["name"], Row(source, number, {match["name"]: match["value"]}))
        elif blocks and line.strip().startswith(SERVER) and not blocks[-1].parts:
            blocks[-1].parts.update({name: float(us) for name, us in PART.findall(line)})
    return blocks


def _point(block: _Block, load: str, items: int) -> LoadPoint:
    (column,) = block.load.values
    value = block.load.number(column)
    if load == "clients" and value != int(value):
        raise block.load.fault(column, f"expected a whole number, got '{block.load.values[column]}'")
    if THROUGHPUT not in block.values:
        raise block.load.fault(column, "has no Throughput below it")
    mean = next((name for name in (MEAN, *CALLS) if name in block.values), None)
    told = {metric: name for metric, name in {"mean_ms": mean, **LEVELS}.items() if name in block.values}
    latencies = {metric: block.values[name].milliseconds(name, US_PER_MS) for metric, name in told.items() if name}
    throughput = block.values[THROUGHPUT].number(THROUGHPUT) / items
    split = {}
    if "mean_ms" in latencies and {"queue", *COMPUTE} <= block.parts.keys():
        split["waiting_ms"] = block.parts["queue"] / US_PER_MS
        split["service_ms"] = sum(block.parts[name] for name in COMPUTE) / US_PER_MS
    measured = measured_of([("throughput_per_s", throughput), *latencies.items()])
    return LoadPoint(load, value, measured, None, block.load.line, split)
