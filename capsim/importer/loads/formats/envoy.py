"""Envoy's access log in its default format, and Istio's.

Times are of the start of a request, with ms; `%DURATION%` counts from there to the last byte sent, in whole ms.
Source: Envoy's documentation of access logging, Istio's of its default format.
"""

from __future__ import annotations

import math
import re
from pathlib import Path

from capsim.errors import Fault, InputError
from capsim.importer.loads.access import Entries, replay, target_of
from capsim.importer.loads.head import Head
from capsim.importer.loads.measured import Given, Measurements
from capsim.importer.loads.records import lines_of

TOOL = "Envoy access log"
USES = frozenset({"only", "clients", "rate_per_s"})
HOLDS = "at the proxy, from the first byte of the request that it read to the last of the answer that it sent"
LINE = re.compile(
    r'\[(?P<time>\d{4}-\d\d-\d\dT[^\]]+)\] "(?P<request>(?:[^"\\]|\\.)*)" (?P<status>\d{1,3}) (?P<rest>.*)'
)
TOKEN = re.compile(r'"[^"]*"|\S+')
DEFAULT, ISTIO = 3, 6
"""Where the duration stands behind the status."""


def sniff(head: Head) -> bool:
    """Whether the first lines are Envoy's."""
    return bool(head.lines) and any(LINE.fullmatch(line.rstrip()) for line in head.lines[:3])


def read(path: Path, given: Given) -> Measurements:
    """The requests as one point.

    Raises:
        InputError: no such file, lines of another format, or values that make no sense.
    """
    entries = Entries(str(path), "sent")
    for number, line in lines_of(path):
        match = LINE.fullmatch(line.rstrip())
        duration = _duration(match["rest"]) if match else None
        if match is None or duration is None:
            entries.odd.append(number)
            continue
        if duration != "-" and not duration.isdecimal():
            raise InputError(str(path), [Fault("DURATION", f"expected whole ms, got '{duration[:40]}'", number)])
        milliseconds = math.nan if duration == "-" else float(duration[:12])
        entries.add(number, match["time"], milliseconds, match["status"], target_of(match["request"]))
    return replay(entries, given, TOOL, HOLDS)


def _duration(rest: str) -> str | None:
    """The duration among what stands behind the status: flags, bytes, bytes, duration; Istio has three more before."""
    tokens = TOKEN.findall(rest)
    place = DEFAULT if len(tokens) > 1 and tokens[1].isdecimal() else ISTIO
    return tokens[place] if len(tokens) > place else None
