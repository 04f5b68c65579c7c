"""Warm-up: run a batch size until its latency stands still."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass

from capsim.profiler.timing import Visit

_WINDOW = 3
_TOLERANCE = 0.02
_LEAST_SECONDS = 0.5
_MOST_SECONDS = 60.0

RULE = (
    f"each batch size until the medians of {_WINDOW} runs and of the {_WINDOW} before differ by less than "
    f"{_TOLERANCE:.0%}, for {_LEAST_SECONDS:g} to {_MOST_SECONDS:g} s"
)


@dataclass(frozen=True, slots=True)
class WarmUp:
    """How the warm-up of one batch size went.

    Attributes:
        runs: batches that were run and not counted.
        median_ms: of the last runs, to plan with.
        stable: whether the latency stood still before the time limit.
    """

    runs: int
    median_ms: float
    stable: bool


def warm_up(visit: Visit) -> WarmUp:
    """Run until the latency stands still or the time limit is reached."""
    medians: list[float] = []
    runs = 0
    started = time.perf_counter_ns()
    while True:
        latencies = visit()
        runs += len(latencies)
        medians.append(statistics.median(latencies))
        recent = statistics.median(medians[-_WINDOW:])
        seconds = (time.perf_counter_ns() - started) / 1e9
        if len(medians) >= 2 * _WINDOW and seconds >= _LEAST_SECONDS:
            before = statistics.median(medians[-2 * _WINDOW : -_WINDOW])
            if abs(recent - before) < _TOLERANCE * before:
                return WarmUp(runs, recent, stable=True)
        if seconds >= _MOST_SECONDS:
            return WarmUp(runs, recent, stable=False)
