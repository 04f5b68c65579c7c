"""What load was put on a running system, and what was measured under it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from capsim.errors import CodedWarning, Fault

METRICS = ("throughput_per_s", "mean_ms", "p50_ms", "p90_ms", "p95_ms", "p99_ms")
PERCENTILES = ("p50_ms", "p90_ms", "p95_ms", "p99_ms")
SPLIT = ("waiting_ms", "service_ms")
"""Where the mean latency went in the server: `capsim calibrate` goes by them too, but they are not judged."""
LOADS = ("clients", "rate_per_s")
MOST_POINTS = 10_000
MOST_FAULTS = 10
MOST_OF_MEAN = 1.05
"""What the parts of a mean may add up to: numbers are rounded."""

Floats = NDArray[np.float64]
Loop = Literal["closed", "open", "replayed", "given"]
"""Who decides when a request is sent: clients that wait for their answers, a clock, the instants of the log, or what
each point says."""
Gaps = Literal["constant", "poisson", "unknown"]
Unit = Literal["s", "ms", "us", "ns"]
PER_MS: dict[Unit, float] = {"s": 1e-3, "ms": 1.0, "us": 1e3, "ns": 1e6}


@dataclass(frozen=True, eq=False)
class LoadPoint:
    """What was measured under one load.

    Attributes:
        load: `clients` of a closed loop or `rate_per_s` of an open one.
        value: how many.
        measured: metric to value, by the names of `METRICS`.
        sent_s: when each request was sent, where a log says so.
        line: of the file, counted from 1.
        split: mean time by the names of `SPLIT`, where it was measured.
        resolution_s: to what `sent_s` were rounded in the log; zero where they are as good as exact.
        borne: whether a log shows that the system kept up with its arrivals; unknown where only rates are known.
    """

    load: str
    value: float
    measured: dict[str, float]
    sent_s: Floats | None = field(default=None, repr=False)
    line: int = 1
    split: dict[str, float] = field(default_factory=dict)
    resolution_s: float = 0.0
    borne: bool | None = None

    @property
    def name(self) -> str:
        """The load in words."""
        return f"{self.value:g} clients" if self.load == "clients" else f"{self.value:.4g} requests/s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What the user says of a file that does not say it itself; each an option of the command line.

    Attributes:
        only: which of several configurations, endpoints or paths to take; `*` stands for any letters.
        clients: how many clients sent in a closed loop.
        rate_per_s: at which rate requests were sent.
        column: NAME=COLUMN, which column holds what.
        unit: the unit of the latencies.
        log_format: the format of an access log, as the server's configuration has it.
        items_per_request: of the scenario, for tools that count items.
    """

    only: str | None = None
    clients: int | None = None
    rate_per_s: float | None = None
    column: tuple[str, ...] = ()
    unit: Unit | None = None
    log_format: str | None = None
    items_per_request: int = 1


OPTIONS = {
    "only": "--only",
    "clients": "--clients",
    "rate_per_s": "--rate",
    "column": "--column",
    "unit": "--unit",
    "log_format": "--log-format",
}
"""Attribute of `Given` to the option of the command line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurements:
    """What a file says of a load test.

    Attributes:
        source: the file's name.
        format: how it was read: the name of a module of `capsim.importer.loads.formats`.
        tool: what wrote it.
        points: what was measured, load by load.
        latency_holds: from when to when the latency counts, and of which requests.
        loop: who decided when a request was sent.
        gaps: how the requests of an open loop were spaced.
        think_s: how long each client of a closed loop paused between answer and next request, where the file tells it.
        at_server: the latency was seen at the server, so that it holds nothing of the client's network.
        notes: how numbers were derived, and what was left out.
        warnings: what is doubtful.
    """

    source: str
    format: str = ""
    tool: str
    points: Sequence[LoadPoint]
    latency_holds: str
    loop: Loop
    gaps: Gaps | None = None
    think_s: float | None = None
    at_server: bool = False
    notes: Sequence[str] = ()
    warnings: Sequence[CodedWarning] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain data, for JSON."""
        return {
            "file": self.source,
            "format": self.format,
            "tool": self.tool,
            "latency_holds": self.latency_holds,
            "loop": self.loop,
            "gaps": self.gaps,
            "think_s": self.think_s,
            "at_server": self.at_server,
            "notes": list(self.notes),
        }


def point_faults(point: LoadPoint) -> Iterator[Fault]:
    """What one point says that cannot be: percentiles that decrease, parts that are more than the whole, nothing."""
    levels = [(name, point.measured[name]) for name in PERCENTILES if name in point.measured]
    for (low, low_ms), (high, high_ms) in itertools.pairwise(levels):
        if high_ms < low_ms:
            yield Fault(high, f"{high_ms:g} is less than {low} {low_ms:g}", point.line)
    if sum(point.split.values()) > MOST_OF_MEAN * point.measured.get("mean_ms", math.inf):
        said = f"waiting and service make {sum(point.split.values()):g} ms, more than the mean of"
        yield Fault(next(iter(point.split)), f"{said} {point.measured['mean_ms']:g}", point.line)
    if not point.measured:
        yield Fault("", "measures nothing", point.line)


def measured_of(values: Iterable[tuple[str, float | None]]) -> dict[str, float]:
    """The metrics that have a value, in the order of `METRICS`."""
    known = {name: value for name, value in values if value is not None and np.isfinite(value)}
    return {name: known[name] for name in METRICS if name in known}
