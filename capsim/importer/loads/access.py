"""Access logs: a line for each request, with when it ended or began, how long it took, and what became of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from capsim.documents.instants import clock_of
from capsim.errors import CodedWarning, Fault, InputError
from capsim.importer.loads.choosing import chosen
from capsim.importer.loads.measured import MOST_FAULTS, Given, Measurements
from capsim.importer.loads.requests import RequestLog, doubts, point_of

USES = frozenset({"only", "clients", "rate_per_s", "log_format", "unit"})
LEAST_SHARE = 0.9
"""The share of lines that must be requests: others are of the server itself, or cut short."""
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
LOCAL = re.compile(r"(\d{2})/(\w{3})/(\d{4}):(\d{2}:\d{2}:\d{2}) ([+-]\d{2})(\d{2})")
TIMES = re.compile(r"[,:;\s]+")


@dataclass
class Entries:
    """The lines of an access log that are requests; a field of each.

    Attributes:
        source: the file.
        stamp: what the times are of: the end of a request, or its start.
        times: as they are written; of one kind.
        latency_ms: not a number where the line has none.
        status: of the answer.
        target: method and path, without its query.
        lines: where each stands.
        odd: lines that are no requests.
    """

    source: str
    stamp: Literal["ended", "sent"]
    times: list[str] = field(default_factory=list)
    latency_ms: list[float] = field(default_factory=list)
    status: list[str] = field(default_factory=list)
    target: list[str] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    odd: list[int] = field(default_factory=list)

    def add(self, line: int, time: str, latency_ms: float, status: str, target: str) -> None:
        """A request."""
        self.lines.append(line)
        self.times.append(time)
        self.latency_ms.append(latency_ms)
        self.status.append(status)
        self.target.append(target)

    def check(self) -> None:
        """Refuse a file that is mostly something else.

        Raises:
            InputError: no request, or too many other lines.
        """
        if len(self.lines) < LEAST_SHARE * (len(self.lines) + len(self.odd)) or not self.lines:
            said = f"{len(self.odd)} of {len(self.lines) + len(self.odd)} lines are no requests of this format"
            faults = [Fault("", "is no request of this format", line) for line in self.odd[: MOST_FAULTS - 1]]
            raise InputError(self.source, [Fault("", said), *faults])


def iso_of(time_local: str) -> str:
    """`27/Nov/2026:17:15:17 +0000` in ISO 8601; as it is where it is no such time."""
    match = LOCAL.fullmatch(time_local)
    if match is None or match[2] not in MONTHS:
        return time_local
    day, month, year, clock, hours, minutes = match.groups()
    return f"{year}-{MONTHS.index(month) + 1:02}-{day}T{clock}{hours}:{minutes}"


def target_of(request: str) -> str:
    """Method and path of a request line, without its query."""
    words = request.split(" ")
    return " ".join([words[0], *(word.split("?")[0] for word in words[1:2])])


def seconds_of(text: str) -> float | None:
    """`$upstream_response_time`: one time, or those of several attempts, which add up; nothing for `-`."""
    parts = [part for part in TIMES.split(text.strip()) if part not in {"", "-"}]
    try:
        return sum(float(part) for part in parts) if parts else None
    except ValueError:
        return None


def log_of(entries: Entries, given: Given, resolution_ms: float = 1.0) -> tuple[RequestLog, list[str]]:
    """The requests that are meant, and what is to be said of how they were read.

    Raises:
        InputError: see `RequestLog`; or several targets and none chosen.
    """
    import pandas as pd

    entries.check()
    kept = chosen(entries.target, given.only, entries.source, "kinds of request")
    times = pd.Series(entries.times, dtype=str)
    clock = clock_of(times)
    seconds = clock.seconds(times)
    latency = np.array(entries.latency_ms)
    coarse = 1.0 if clock.in_whole_seconds(times) else 0.0
    answered = np.isfinite(latency)
    why = [
        ("" if _fine(status) else f"status {status}") if timed else "no latency"
        for status, timed in zip(entries.status, answered.tolist(), strict=True)
    ]
    whole = RequestLog(
        source=entries.source,
        sent_s=seconds if entries.stamp == "sent" else seconds - np.nan_to_num(latency) / 1e3,
        latency_ms=latency,
        failed=why,
        lines=np.array(entries.lines),
        resolution_s=coarse,
        latency_resolution_ms=resolution_ms,
    )
    rows = np.array([target in kept for target in entries.target])
    notes = [f"{entries.stamp}: {clock.words}"]
    if not rows.all():
        notes.append(f"left out: {int((~rows).sum())} of {len(rows)} requests, of other kinds")
    if entries.odd:
        notes.append(f"left out: {len(entries.odd)} lines that are no requests, such as line {entries.odd[0]}")
    return whole.picked(rows), notes


def _fine(status: str) -> bool:
    return status.isdecimal() and 200 <= int(status[:4]) < 400


def replay(
    entries: Entries, given: Given, tool: str, holds: str, warnings: Sequence[CodedWarning] = ()
) -> Measurements:
    """An access log as one load point: its arrivals replayed, unless the user says how they were sent."""
    log, notes = log_of(entries, given)
    point, loop = point_of(log, given)
    return Measurements(
        source=entries.source,
        tool=tool,
        points=[point],
        latency_holds=f"{holds}; of answers of status 200 to 399",
        loop=loop,
        gaps="unknown" if loop == "open" else None,
        at_server=True,
        notes=notes,
        warnings=[*warnings, *doubts(log)],
    )
