"""A log with a row per request, and the load points that it is: replayed, or under so many clients."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from capsim.documents.table import read_table
from capsim.errors import CodedWarning, Fault, InputError
from capsim.importer.loads.measured import MOST_FAULTS, Floats, Given, LoadPoint, Loop, measured_of
from capsim.importer.loads.telling import check_one_load
from capsim.units import NS_PER_S, TIME
from capsim.workload.resolution import recorded_in_s

if TYPE_CHECKING:
    import pandas as pd

MOST_MS = 3.6e6
MOST_SPAN_S = float(TIME.most) / NS_PER_S
"""No run of a scenario is longer."""
FEW = 100
"""A 99th percentile of fewer requests is their slowest."""
SLOW_START = 1.5
"""A first tenth with this many times the median of the rest holds a warm-up."""
LEAST_START = 200
UNDER_WAY, LATE, FEW_LATE = 3.0, 0.05, 3
LEAST_STEP_S = 0.01
"""Rounding to less is not felt beside the latency of most servers."""
MOST_FAILED = 0.01
OVERLAP = 0.02
BUSY = 0.9
"""Clients of a closed loop that are fewer than this share of their most on average also think, or ramp up."""


@dataclass(frozen=True, eq=False, kw_only=True)
class RequestLog:
    """Requests in any order.

    Attributes:
        source: the file.
        sent_s: when each was sent (s), from any start.
        latency_ms: how long its answer took; not a number where it does not count.
        failed: why it did not complete, such as a status; empty where it did.
        lines: where each stands in the file, counted from 1.
        resolution_s: to what times of sending were rounded.
        latency_resolution_ms: to what latencies were rounded; one of zero is taken as half of it.
    """

    source: str
    sent_s: Floats
    latency_ms: Floats
    failed: Sequence[str] | None = None
    lines: NDArray[np.int64]
    resolution_s: float = 0.0
    latency_resolution_ms: float = 0.0
    done: NDArray[np.bool_] = field(init=False)

    def __post_init__(self) -> None:
        """Check the values.

        Raises:
            InputError: no requests, an instant or a latency that makes no sense, or instants too far apart.
        """
        failed = self.failed
        done = np.ones(len(self.sent_s), dtype=bool) if failed is None else np.array([not why for why in failed])
        latency = np.where(self.latency_ms == 0, self.latency_resolution_ms / 2, self.latency_ms)
        object.__setattr__(self, "done", done)
        object.__setattr__(self, "latency_ms", latency)
        faults = list(self._faults())
        if faults:
            raise InputError(self.source, faults[:MOST_FAULTS])

    def _faults(self) -> Iterator[Fault]:
        for row in np.flatnonzero(~np.isfinite(self.sent_s))[:MOST_FAULTS].tolist():
            yield Fault("", "has no time that can be read", int(self.lines[row]))
        wrong = self.done & ~((self.latency_ms > 0) & (self.latency_ms <= MOST_MS))
        for row in np.flatnonzero(wrong)[:MOST_FAULTS].tolist():
            said = f"expected a latency above 0 and at most an hour, got {self.latency_ms[row]:g} ms"
            yield Fault("", said, int(self.lines[row]))
        if not self.done.any():
            why = Counter(why or "completed" for why in self.failed or ()).most_common(3)
            said = ", ".join(f"{reason} {often}" for reason, often in why)
            yield Fault("", f"none of {len(self.done)} requests completed ({said})")
        elif np.ptp(self.sent_s) == 0:
            yield Fault("", "needs completed requests sent at different times")
        elif np.ptp(self.sent_s) > MOST_SPAN_S:
            yield self._far_apart()

    def _far_apart(self) -> Fault:
        """The fault of a log that is longer than a scenario may be: where its longest gap is."""
        order = np.argsort(self.sent_s, kind="stable")
        at = int(np.argmax(np.diff(self.sent_s[order])))
        before, after = sorted(int(self.lines[order[place]]) for place in (at, at + 1))
        span, most = float(np.ptp(self.sent_s)), MOST_SPAN_S / 86400
        said = f"lies {span:.3g} s from line {before}; a log may span {most:g} days. Are the times of one kind?"
        return Fault("", said, after)

    def sorted(self) -> RequestLog:
        """The requests in the order in which they were sent, from the first."""
        order = np.argsort(self.sent_s, kind="stable")
        return RequestLog(
            source=self.source,
            sent_s=self.sent_s[order] - self.sent_s.min(),
            latency_ms=self.latency_ms[order],
            failed=None if self.failed is None else [self.failed[row] for row in order.tolist()],
            lines=self.lines[order],
            resolution_s=self.resolution_s,
            latency_resolution_ms=self.latency_resolution_ms,
        )

    def picked(self, rows: NDArray[np.bool_]) -> RequestLog:
        """Some of the requests."""
        return RequestLog(
            source=self.source,
            sent_s=self.sent_s[rows],
            latency_ms=self.latency_ms[rows],
            failed=None if self.failed is None else [why for why, kept in zip(self.failed, rows, strict=True) if kept],
            lines=self.lines[rows],
            resolution_s=self.resolution_s,
            latency_resolution_ms=self.latency_resolution_ms,
        )


def replayed(log: RequestLog) -> LoadPoint:
    """The log as one point with its own arrivals; throughput counts what completed within, as `capsim run` does."""
    log = log.sorted()
    sent, latency, done = log.sent_s, log.latency_ms, log.done
    # Rounded times are spread over what they were rounded to, the last ones too.
    span_s = float(sent[-1]) + log.resolution_s if log.resolution_s else float(sent[-1]) * len(sent) / (len(sent) - 1)
    inside = done & (sent + np.where(done, latency, 0) / 1e3 <= span_s)
    measured = {"throughput_per_s": float(inside.sum()) / span_s, **latencies(latency[done])}
    return LoadPoint(
        "rate_per_s",
        len(sent) / span_s,
        measured,
        sent,
        int(log.lines.min()),
        resolution_s=log.resolution_s,
        borne=_borne(latency[done], len(sent) / span_s, int(done.sum() - inside.sum())),
    )


def _borne(latency_ms: Floats, rate_per_s: float, late: int) -> bool:
    """Whether no more requests were still under way at the end of the log than at any time.

    That is three times as many as at its beginning (Little's law), before any queue can have grown, and what is left
    within a twentieth of all: requests that failed do not count against it.
    """
    first = latency_ms[: max(len(latency_ms) // 4, 1)]
    usual = rate_per_s * float(np.median(first)) / 1e3
    return late <= UNDER_WAY * usual + LATE * len(latency_ms) + FEW_LATE


def under_clients(log: RequestLog, clients: int) -> LoadPoint:
    """The log as one point under a constant number of clients that wait for their answers."""
    ends = log.sent_s + np.where(np.isfinite(log.latency_ms), log.latency_ms, 0) / 1e3
    span_s = float(ends.max() - log.sent_s.min())
    measured = {"throughput_per_s": float(log.done.sum()) / span_s, **latencies(log.latency_ms[log.done])}
    return LoadPoint("clients", clients, measured, None, int(log.lines.min()))


def point_of(log: RequestLog, given: Given) -> tuple[LoadPoint, Loop]:
    """The log as the point that the user says it is, else replayed; and who sent the requests."""
    check_one_load(given)
    if given.clients is not None:
        return under_clients(log, given.clients), "closed"
    if given.rate_per_s is not None:
        return at_rate(log, given.rate_per_s), "open"
    return replayed(log), "replayed"


def at_rate(log: RequestLog, rate_per_s: float) -> LoadPoint:
    """The log as one point at a rate that it does not show itself."""
    point = under_clients(log, 1)
    return LoadPoint("rate_per_s", rate_per_s, point.measured, None, point.line)


def latencies(latency_ms: Floats) -> dict[str, float]:
    """Mean and percentiles of latencies."""
    names = ("p50_ms", "p90_ms", "p95_ms", "p99_ms")
    levels = np.quantile(latency_ms, [0.5, 0.9, 0.95, 0.99]).tolist()
    return measured_of([("mean_ms", float(latency_ms.mean())), *zip(names, levels, strict=True)])


def in_flight(log: RequestLog) -> tuple[int, float]:
    """How many requests were under way at once over the middle of the log: at most, and on average.

    At most: for all but a fiftieth of the time, since rounded times overlap where requests did not.
    """
    latency_s = np.where(np.isfinite(log.latency_ms), log.latency_ms, 0) / 1e3
    times = np.concatenate([log.sent_s, log.sent_s + latency_s])
    change = np.concatenate([np.ones(len(latency_s)), -np.ones(len(latency_s))])
    order = np.lexsort((change, times))
    times, count = times[order], np.cumsum(change[order])
    low, high = np.quantile(times, [0.1, 0.9])
    held = np.clip(np.append(times[1:], times[-1]), low, high) - np.clip(times, low, high)
    if high <= low:
        return int(count.max()), math.nan
    rising = np.argsort(count, kind="stable")
    share = np.cumsum(held[rising]) / (high - low)
    most = count[rising][min(int(np.searchsorted(share, 1 - OVERLAP)), len(count) - 1)]
    return int(most), float(held @ count / (high - low))


def doubts(log: RequestLog) -> Iterator[CodedWarning]:
    """Failures, a slow start, rounded times, and too few requests for a tail."""
    if log.failed is not None:
        yield from failures(Counter(why for why in log.failed if why), len(log.sent_s))
    completed = int(log.done.sum())
    if completed < FEW:
        said = f"{log.source}: {completed} completed requests are too few for a 99th percentile"
        yield CodedWarning("few_requests", said)
    yield from _slow_start(log)
    if log.resolution_s:
        said = f"{log.source}: times are rounded to {log.resolution_s:g} s"
        yield CodedWarning("coarse_times", f"{said}; requests are spread over it")
    if log.latency_resolution_ms:
        middle = float(np.median(log.latency_ms[log.done]))
        if middle < 10 * log.latency_resolution_ms:
            said = f"{log.source}: latencies are rounded to {log.latency_resolution_ms:g} ms, and half are below"
            yield CodedWarning("coarse_latencies", f"{said} {middle:.3g} ms")


def failures(why: Counter[str], requests: int, kept: str = "their latency is not counted") -> Iterator[CodedWarning]:
    """Requests that failed, where there are any to speak of."""
    count = sum(why.values())
    if count > MOST_FAILED * requests:
        told = ", ".join(f"{reason} {often}" for reason, often in why.most_common(3))
        said = f"{count} of {requests} requests failed ({told}); {kept}"
        yield CodedWarning("failed_requests", said)


def _slow_start(log: RequestLog) -> Iterator[CodedWarning]:
    latency = log.latency_ms[np.argsort(log.sent_s, kind="stable")]
    latency = latency[np.isfinite(latency)]
    if len(latency) < LEAST_START:
        return
    first, rest = np.median(latency[: len(latency) // 10]), np.median(latency[len(latency) // 10 :])
    if first > SLOW_START * rest:
        said = f"the first tenth of the requests took {first / rest:.2g} times as long as the rest: a warm-up"
        yield CodedWarning("warm_up_measured", f"{log.source}: {said} is in the numbers; leave it out of the file")


def resolution_s(sent_s: Floats) -> float:
    """To what times were rounded, where that is 10 ms or more and requests share instants; else zero."""
    known = np.sort(sent_s[np.isfinite(sent_s)])
    step_s = recorded_in_s(known) if len(known) else None
    return step_s if step_s is not None and step_s >= LEAST_STEP_S else 0.0


def whole_table(
    path: Path,
    most_bytes: int,
    needed: Sequence[str] = (),
    check: Callable[[list[str]], Sequence[Fault]] | None = None,
) -> pd.DataFrame:
    """A CSV file as text, with names of columns stripped, and without blank lines at its end.

    Args:
        path: the file.
        most_bytes: how large it may be.
        needed: columns that it must have.
        check: what is wrong with its columns.

    Raises:
        InputError: no such file, too large, no rows, or columns that are missing or wrong.
    """
    import pandas as pd

    table = pd.concat(read_table(path, most_bytes))
    table.columns = columns = [str(name).strip() for name in table.columns]
    there = ", ".join(columns[:10])
    faults = [Fault(name, f"no such column; found {there}", 1) for name in needed if name not in columns]
    faults += check(columns) if check else ()
    if faults:
        raise InputError(str(path), faults)
    # Blank lines at the end are harmless; before others they would shift the numbers of lines.
    held = np.flatnonzero((table != "").any(axis=1))
    table = table.iloc[: held[-1] + 1 if len(held) else 0]
    if table.empty:
        raise InputError(str(path), [Fault("", "has no rows")])
    return table
