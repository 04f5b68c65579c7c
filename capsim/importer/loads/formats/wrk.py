"""wrk and wrk2, as they print their result; several runs may follow each other.

wrk is a closed loop: each connection waits for its answer, so that a slow server is asked less (its latency is not that
of requests that come when they come). wrk2 sends at a constant rate (`-R`), and counts latency from when a request was
due. Source: wrk's src/wrk.c, wrk2's README.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from capsim.documents import read_text
from capsim.errors import CodedWarning, Fault, InputError
from capsim.importer.imported import COMMAND_LINE
from capsim.importer.loads.durations import milliseconds
from capsim.importer.loads.head import Head
from capsim.importer.loads.measured import Given, LoadPoint, Measurements, measured_of
from capsim.importer.loads.requests import MOST_MS, failures
from capsim.importer.reading import MOST_REPORT_BYTES

TOOL = "wrk"
USES = frozenset({"rate_per_s"})
START = re.compile(r"Running \S+ test @ ")
HDR = "(HdrHistogram - Recorded Latency)"
RATE = re.compile(r"(?:^|\s)(?:-R\s*|--rate[= ])(\d+)(k?)\b")
PATTERNS = {
    "connections": re.compile(r"\s*\d+ threads and (\d+) connections"),
    "mean_ms": re.compile(r"\s*Latency\s+(\S+)\s+\S+\s+\S+\s+\S+$"),
    "requests": re.compile(r"\s*(\d+) requests in \S+, \S+ read"),
    "failed": re.compile(r"\s*Non-2xx or 3xx responses: (\d+)"),
    "throughput_per_s": re.compile(r"Requests/sec:\s+(\S+)"),
}
SOCKETS = re.compile(r"\s*Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)")
LEVEL = re.compile(r"\s*(50|75|90|95|99)(?:\.000)?%\s+(\S+)$")
SPECTRUM = re.compile(r"\s*([0-9.]+)\s+(0\.95\d+)\s+\d+\s+[0-9.]+$")


@dataclass(frozen=True)
class Run:
    """One run.

    Attributes:
        values: what was found, as text with its line.
        open_loop: it is wrk2's.
        sockets: requests without an answer, by kind.
    """

    source: str
    line: int
    values: dict[str, tuple[str, int]]
    open_loop: bool
    rate: float | None
    sockets: Counter[str]

    def number(self, name: str) -> float:
        """A value as a number above 0."""
        text, line = self.values.get(name, ("", self.line))
        try:
            value = float(text)
        except ValueError:
            value = 0.0
        if not 0 < value < 1e12:
            raise InputError(self.source, [Fault(name, f"expected a number above 0, got '{text or 'nothing'}'", line)])
        return value

    def latency(self, name: str) -> float | None:
        """A latency in ms, where it is told."""
        if name not in self.values:
            return None
        text, line = self.values[name]
        value = milliseconds(text)
        if value is None or not 0 < value <= MOST_MS:
            raise InputError(self.source, [Fault(name, f"expected a time such as 17.61ms, got '{text}'", line)])
        return value


def sniff(head: Head) -> bool:
    """Whether a run begins."""
    return any(START.match(line) for line in head.lines) and "threads and" in head.text


def read(path: Path, given: Given) -> Measurements:
    """A point for each run.

    Raises:
        InputError: no such file, no run, runs of both kinds, or values that make no sense.
    """
    source = str(path)
    runs = _runs(read_text(path, MOST_REPORT_BYTES).splitlines(), source)
    kinds = {run.open_loop for run in runs}
    if not runs or len(kinds) > 1:
        said = "has runs of wrk and of wrk2; give each a file of its own" if runs else "has no run of wrk"
        raise InputError(source, [Fault("", said)])
    open_loop = kinds.pop()
    if given.rate_per_s is not None and (not open_loop or len(runs) > 1):
        said = "wrk keeps to no rate; it is a closed loop"
        if open_loop:
            said = f"is one, and the file has {len(runs)} runs; give each a file of its own"
        raise InputError(COMMAND_LINE, [Fault("--rate", said)])
    points, warnings = [], []
    for run in runs:
        points.append(_point(run, given))
        warnings += _doubts(run, given)
    due = "from when a request was due" if open_loop else "from sending a request"
    return Measurements(
        source=source,
        tool="wrk2" if open_loop else TOOL,
        points=points,
        latency_holds=f"at the client, {due} to its whole answer; of every answer, of whichever status",
        loop="open" if open_loop else "closed",
        gaps="constant" if open_loop else None,
        warnings=warnings,
    )


def _runs(lines: Sequence[str], source: str) -> list[Run]:
    starts = [number for number, line in enumerate(lines) if START.match(line)]
    ends = [*starts[1:], len(lines)]
    before = [0, *starts[:-1]]
    return [
        _run(lines, source, start, end, lines[earlier:start])
        for start, end, earlier in zip(starts, ends, before, strict=True)
    ]


def _run(lines: Sequence[str], source: str, start: int, end: int, before: Sequence[str]) -> Run:
    values: dict[str, tuple[str, int]] = {}
    sockets: Counter[str] = Counter()
    for number in range(start, end):
        line = lines[number]
        for name, pattern in PATTERNS.items():
            if match := pattern.match(line):
                values.setdefault(name, (match[1], number + 1))
        if match := LEVEL.match(line):
            values.setdefault(f"p{match[1]}_ms", (match[2], number + 1))
        elif match := SPECTRUM.match(line):
            values.setdefault("p95_ms", (f"{match[1]}ms", number + 1))
        elif match := SOCKETS.match(line):
            counts = zip(("connect", "read", "write", "timeout"), map(int, match.groups()), strict=True)
            sockets.update({name: count for name, count in counts if count})
    text = "\n".join(lines[start:end])
    told = [match for line in before if (match := RATE.search(line))]
    rate = float(told[-1][1]) * (1000 if told[-1][2] else 1) if told else None
    return Run(source, start + 1, values, HDR in text or "Thread calibration" in text, rate, sockets)


def _point(run: Run, given: Given) -> LoadPoint:
    answered = run.number("throughput_per_s")
    failed = float(run.values["failed"][0]) / run.number("requests") if "failed" in run.values else 0.0
    names = ("mean_ms", "p50_ms", "p90_ms", "p95_ms", "p99_ms")
    measured = measured_of(
        [("throughput_per_s", answered * (1 - failed)), *((name, run.latency(name)) for name in names)]
    )
    if run.open_loop:
        return LoadPoint("rate_per_s", given.rate_per_s or run.rate or answered, measured, None, run.line)
    return LoadPoint("clients", run.number("connections"), measured, None, run.line)


def _doubts(run: Run, given: Given) -> list[CodedWarning]:
    doubtful = []
    if run.open_loop and not (given.rate_per_s or run.rate):
        said = f"{run.source} line {run.line}: wrk2 does not print its rate (-R); what was answered is taken for it"
        doubtful.append(CodedWarning("offered_rate_unknown", f"{said}, as if the system bore all; --rate says it"))
    requests = int(run.number("requests"))
    failed = Counter({"not 2xx or 3xx": int(run.values["failed"][0])} if "failed" in run.values else {})
    doubtful += failures(failed, requests, "their latency is in the percentiles too")
    doubtful += failures(run.sockets, requests, "they are in no number")
    if not any(name.startswith("p") for name in run.values):
        said = f"{run.source} line {run.line}: has no percentiles; wrk prints them with --latency"
        doubtful.append(CodedWarning("no_percentiles", said))
    return doubtful
