"""hey's summary, as it prints it.

A closed loop of `-c` clients, which the summary does not tell (with `-q` each of them keeps to a rate). Latency counts
from before a connection is dialled, where one is. Source: hey's requester/print.go and report.go.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from capsim.documents import read_text
from capsim.errors import Fault, InputError
from capsim.importer.loads.head import Head
from capsim.importer.loads.measured import Given, LoadPoint, Measurements, measured_of
from capsim.importer.loads.requests import failures
from capsim.importer.loads.telling import told_load
from capsim.importer.reading import MOST_REPORT_BYTES, Row

TOOL = "hey"
USES = frozenset({"clients", "rate_per_s"})
HOLDS = "at the client, from dialling or sending to the whole answer; of every answer, of whichever status"
VALUE = re.compile(r"\s*(Total|Slowest|Fastest|Average|Requests/sec):\s+(\S+)")
LEVEL = re.compile(r"\s*(50|90|95|99)%%? in (\S+) secs")
STATUS = re.compile(r"\s*\[(\d+)\]\s+(\d+) responses")
ERROR = re.compile(r"\s*\[(\d+)\]\s+(.+)")


def sniff(head: Head) -> bool:
    """Whether it has the headings of the summary."""
    return "Requests/sec:" in head.text and "Slowest:" in head.text and "Fastest:" in head.text


def read(path: Path, given: Given) -> Measurements:
    """The run as one point.

    Raises:
        InputError: no such file, several runs or none, no load told, or values that make no sense.
    """
    source = str(path)
    lines = read_text(path, MOST_REPORT_BYTES).splitlines()
    values: dict[str, Row] = {}
    statuses: Counter[str] = Counter()
    errors: Counter[str] = Counter()
    section = ""
    for number, line in enumerate(lines, start=1):
        section = line.strip() if line.strip().endswith("distribution:") else section
        match = VALUE.match(line) or LEVEL.match(line)
        if match:
            if match[1] in values:
                raise InputError(source, [Fault(match[1], "stands twice; give each run a file of its own", number)])
            values[match[1]] = Row(source, number, {match[1]: match[2]})
        elif section.startswith("Status") and (match := STATUS.match(line)):
            statuses[match[1]] += int(match[2])
        elif section.startswith("Error") and (match := ERROR.match(line)):
            errors["no answer"] += int(match[1])
    if "Requests/sec" not in values or "Average" not in values:
        raise InputError(source, [Fault("", "has no Average and Requests/sec, as hey's summary has")])
    load, value = told_load(given, source, "hey's summary does not say with how many clients (-c) it was measured")
    return _measurements(source, values, statuses, errors, load, value)


def _measurements(
    source: str, values: dict[str, Row], statuses: Counter[str], errors: Counter[str], load: str, value: float
) -> Measurements:
    answered = sum(statuses.values())
    failed = Counter({f"status {code}": often for code, often in statuses.items() if not 200 <= int(code) < 400})
    failed += errors
    requests = answered + sum(errors.values())
    completed = 1 - sum(failed.values()) / requests if requests else 1.0
    throughput = values["Requests/sec"].number("Requests/sec") * completed
    latencies = [("mean_ms", values["Average"].milliseconds("Average", 1e-3))]
    latencies += [(f"p{level}_ms", values[level].milliseconds(level, 1e-3)) for level in _levels(values)]
    measured = measured_of([("throughput_per_s", throughput), *latencies])
    return Measurements(
        source=source,
        tool=TOOL,
        points=[LoadPoint(load, value, measured, None, values["Average"].line)],
        latency_holds=HOLDS,
        loop="closed" if load == "clients" else "open",
        gaps=None if load == "clients" else "unknown",
        warnings=list(failures(failed, requests, "answers of another status are in the latency too")),
    )


def _levels(values: dict[str, Row]) -> list[str]:
    return [level for level in ("50", "90", "95", "99") if level in values]
