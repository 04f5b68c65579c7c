"""vegeta's report, as text or JSON (`vegeta report -type=json`).

An open loop at a constant rate (`-rate`), unless `-max-workers` held it back; with `-rate=0` it is a closed loop of
`-max-workers` clients, which the report does not tell. Latency is of every request, the failed among them.
Source: vegeta's lib/metrics.go and lib/reporters.go.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

from capsim.documents import read_text
from capsim.errors import CodedWarning, Fault, InputError
from capsim.importer.loads.durations import milliseconds
from capsim.importer.loads.head import Head
from capsim.importer.loads.measured import Given, LoadPoint, Measurements, measured_of
from capsim.importer.loads.records import needed_at, number_at
from capsim.importer.loads.requests import MOST_MS, failures
from capsim.importer.loads.telling import told_load
from capsim.importer.reading import MOST_REPORT_BYTES, read_json

TOOL = "vegeta"
USES = frozenset({"clients"})
HOLDS = "at the client, from sending a request to its whole answer; of every request, the failed among them"
NS_PER_MS = 1e6
KEYS = {"mean_ms": "mean", "p50_ms": "50th", "p90_ms": "90th", "p95_ms": "95th", "p99_ms": "99th"}
WORDS = {"mean": "mean", "50": "50th", "90": "90th", "95": "95th", "99": "99th"}
LINE = re.compile(r"(Requests|Latencies|Success|Status Codes)\s+\[([^\]]*)\]\s+(.*\S)")


def sniff(head: Head) -> bool:
    """Whether it is the text, or a JSON object with latencies and status codes."""
    if head.text.lstrip().startswith("{"):
        return '"latencies"' in head.text and '"status_codes"' in head.text
    return {match[1] for line in head.lines if (match := LINE.match(line.strip()))} >= {"Requests", "Latencies"}


def read(path: Path, given: Given) -> Measurements:
    """A point for each report in the file.

    Raises:
        InputError: no such file, no report, or values that make no sense.
    """
    source = str(path)
    text = read_text(path, MOST_REPORT_BYTES)
    reports = [(1, read_json(path))] if text.lstrip().startswith("{") else _text_reports(text, source)
    if not reports:
        raise InputError(source, [Fault("", "has no report of vegeta")])
    if given.clients is not None and len(reports) > 1:
        raise InputError(source, [Fault("--clients", f"has {len(reports)} reports; give each a file of its own")])
    points: list[LoadPoint] = []
    warnings: list[CodedWarning] = []
    for line, report in reports:
        points.append(_point(report, source, line, given))
        codes = report.get("status_codes") or {}
        failed = Counter(
            {
                f"status {code}" if code != "0" else "no answer": int(often)
                for code, often in codes.items()
                if isinstance(often, int) and not (str(code).isdecimal() and 200 <= int(code) < 400)
            }
        )
        requests = int(number_at(report, "requests") or sum(failed.values()))
        warnings += failures(failed, requests, "their latency is in the percentiles too")
    closed = given.clients is not None
    return Measurements(
        source=source,
        tool=TOOL,
        points=points,
        latency_holds=HOLDS,
        loop="closed" if closed else "open",
        gaps=None if closed else "constant",
        warnings=warnings,
    )


def _point(report: Any, source: str, line: int, given: Given) -> LoadPoint:
    latencies = {
        name: needed_at(source, report, "latencies", key) / NS_PER_MS
        for name, key in KEYS.items()
        if name == "mean_ms" or number_at(report, "latencies", key) is not None
    }
    beyond = [name for name, value in latencies.items() if value > MOST_MS]
    if beyond:
        raise InputError(source, [Fault(beyond[0], "is more than an hour; is it in nanoseconds?", line)])
    throughput = number_at(report, "throughput")
    if throughput is None:  # before vegeta 12.4
        throughput = needed_at(source, report, "rate") * needed_at(source, report, "success", zero=True)
    measured = measured_of([("throughput_per_s", throughput or None), *latencies.items()])
    if given.clients is not None:
        load, value = told_load(given, source, "")
        return LoadPoint(load, value, measured, None, line)
    return LoadPoint("rate_per_s", needed_at(source, report, "rate"), measured, None, line)


def _text_reports(text: str, source: str) -> list[tuple[int, Any]]:
    """The reports of a text in the form that the JSON has."""
    reports: list[tuple[int, Any]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        match = LINE.match(line.strip())
        if match is None:
            continue
        if match[1] == "Requests":
            reports.append((number, {"latencies": {}}))
        if reports:
            _take(reports[-1][1], match, number, source)
    return reports


def _take(report: dict[str, Any], match: re.Match[str], line: int, source: str) -> None:
    values = [value.strip() for value in match[3].split(",")]
    names = [name.strip() for name in match[2].split(",")]
    if match[1] == "Status Codes":
        report["status_codes"] = {code: int(often) for code, often in re.findall(r"(\d+):(\d+)", match[3])}
        return
    if len(values) != len(names):
        raise InputError(source, [Fault(match[1], f"expected {', '.join(names)}, got '{match[3][:60]}'", line)])
    for name, value in zip(names, values, strict=True):
        if match[1] == "Latencies" and name in WORDS:
            duration = milliseconds(value)
            if duration is None:
                raise InputError(source, [Fault(f"latency {name}", f"expected a time, got '{value}'", line)])
            report["latencies"][WORDS[name]] = duration * NS_PER_MS
        elif match[1] == "Success":
            report["success"] = _number(value.rstrip("%"), line, source, "success") / 100
        elif match[1] == "Requests":
            key = {"total": "requests"}.get(name, name)
            report[key] = _number(value, line, source, name)


def _number(text: str, line: int, source: str, name: str) -> float:
    try:
        return float(json.loads(text))
    except (ValueError, TypeError):
        raise InputError(source, [Fault(name, f"expected a number, got '{text}'", line)]) from None
