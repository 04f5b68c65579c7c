"""Samples of k6, one for each request and second, made into load points.

`http_req_duration` is stamped when the answer has come, so that a request was sent that much earlier. VUs that are
constant and busy all the time are a closed loop; where their number keeps still for a while and then changes, each
while is a load of its own. Any other run is replayed as it was sent. Source: k6's lib/netext/httpext/tracer.go.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from capsim.documents.instants import Clock, clock_of
from capsim.errors import CodedWarning, Fault, InputError
from capsim.importer.loads.choosing import chosen
from capsim.importer.loads.measured import Floats, Given, LoadPoint, Loop, Measurements
from capsim.importer.loads.plateaus import plateaus
from capsim.importer.loads.requests import RequestLog, doubts, point_of, under_clients

TOOL = "k6"
USES = frozenset({"clients", "rate_per_s", "only"})
HOLDS = "at the client, from sending a request to its whole answer, without connecting; of answers of status 200 to 399"
LATENCY, USERS, ITERATION, DROPPED = "http_req_duration", "vus", "iteration_duration", "dropped_iterations"
BUSY = 0.1
"""By how much busy VUs may differ from their number for a closed loop."""


@dataclass
class Samples:
    """What the lines say: of each request its end, latency (ms), status and target; of each second its VUs."""

    ended: list[str] = field(default_factory=list)
    latency_ms: list[float] = field(default_factory=list)
    why: list[str] = field(default_factory=list)
    target: list[str] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    users_at: list[str] = field(default_factory=list)
    users: list[float] = field(default_factory=list)
    iterations_ms: float = 0.0
    dropped: float = 0.0

    def add(self, metric: str, time: str, value: float, tags: dict[str, str], line: int) -> None:
        """One sample; those of other metrics are passed over."""
        if metric == LATENCY:
            self.ended.append(time)
            self.latency_ms.append(value)
            self.why.append(_why(tags))
            self.target.append(" ".join(word for word in (tags.get("method"), tags.get("name")) if word))
            self.lines.append(line)
        elif metric == USERS:
            self.users_at.append(time)
            self.users.append(value)
        elif metric == ITERATION:
            self.iterations_ms += value
        elif metric == DROPPED:
            self.dropped += value


def _why(tags: dict[str, str]) -> str:
    """Why a request failed: k6's own word, else its status."""
    status = tags.get("status", "")
    expected = tags.get("expected_response")
    if expected == "true" or (not expected and status.isdecimal() and 200 <= int(status[:4]) < 400):
        return ""
    return "no answer" if status in {"0", ""} else f"status {status}"


def measurements(samples: Samples, given: Given, source: str) -> Measurements:
    """The samples as load points.

    Raises:
        InputError: no request, several targets and none chosen, or values that make no sense.
    """
    import pandas as pd

    if not samples.ended:
        raise InputError(source, [Fault(LATENCY, "has no sample of it, as the script sent no HTTP requests")])
    kept = chosen(samples.target, given.only, source, "requests")
    rows = np.array([target in kept for target in samples.target])
    times = pd.Series(samples.ended, dtype=str)
    clock = clock_of(times)
    ended = clock.seconds(times)
    coarse = 1.0 if clock.in_whole_seconds(times) else 0.0
    latency = np.array(samples.latency_ms)
    whole = RequestLog(
        source=source,
        sent_s=ended - np.nan_to_num(latency) / 1e3,
        latency_ms=latency,
        failed=samples.why,
        lines=np.array(samples.lines),
        resolution_s=coarse,
    )
    log = whole.picked(rows)
    points, loop, notes, warnings = _points(log, samples, given, clock, float(np.max(ended) - np.min(whole.sent_s)))
    if samples.dropped:
        said = f"{source}: k6 dropped {samples.dropped:g} iterations for want of VUs; they are in no number"
        warnings.append(CodedWarning("dropped_iterations", said))
    if loop == "closed":
        warnings += [warning for warning in doubts(log) if warning.code != "coarse_times"]
    else:
        warnings += doubts(log)
    return Measurements(
        source=source,
        tool=TOOL,
        points=points,
        latency_holds=HOLDS,
        loop=loop,
        gaps="constant" if loop == "open" else None,
        think_s=_pause_s(samples, whole) if loop == "closed" and bool(rows.all()) else None,
        notes=notes,
        warnings=warnings,
    )


def _points(
    log: RequestLog, samples: Samples, given: Given, clock: Clock, span_s: float
) -> tuple[Sequence[LoadPoint], Loop, list[str], list[CodedWarning]]:
    """The points, who sent the requests, how that was told, and what is doubtful."""
    import pandas as pd

    if given.clients is not None or given.rate_per_s is not None:
        point, loop = point_of(log, given)
        return [point], loop, [], []
    times = pd.Series(samples.users_at, dtype=str)
    at, users = clock.seconds(times), np.array(samples.users)
    known = np.isfinite(at)
    at, users = at[known], users[known]
    busy = samples.iterations_ms / 1e3 / span_s if span_s else 0.0
    if not len(users) or abs(busy / max(float(users.mean()), 1e-9) - 1) > BUSY:
        point, loop = point_of(log, given)
        return [point], loop, [], []
    if users.min() == users.max():
        point, loop = point_of(log, replace(given, clients=int(users[0])))
        return [point], loop, [f"clients: {users[0]:g} VUs, constant, and busy all the time"], []
    return _stages(log, at, users, given)


def _stages(
    log: RequestLog, at: Floats, users: Floats, given: Given
) -> tuple[Sequence[LoadPoint], Loop, list[str], list[CodedWarning]]:
    """A point for each while in which the VUs kept still."""
    stages = plateaus(at, users)
    points = []
    for start, end, count in stages:
        inside = (log.sent_s >= start) & (log.sent_s < end)
        if (inside & log.done).sum() > 1:
            points.append(under_clients(log.picked(inside), int(count)))
    if points:
        told = ", ".join(f"{count:g} for {end - start:.3g} s" for start, end, count in stages)
        return points, "closed", [f"clients: VUs that kept still, {told}; requests between are left out"], []
    point, loop = point_of(log, given)
    said = f"{log.source}: the VUs never kept still ({users.min():g} to {users.max():g}); each waited for its answer,"
    warning = CodedWarning("closed_loop_replayed", f"{said} and its requests are replayed as if it had not")
    return [point], loop, [], [warning]


def _pause_s(samples: Samples, log: RequestLog) -> float:
    """How long a VU paused for each of its requests."""
    return max(samples.iterations_ms - float(np.nansum(log.latency_ms)), 0.0) / 1e3 / len(log.latency_ms)
