"""Warm-up: run a batch size until its latency stands still."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass

from capsim.profiler.runtime import Run

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


def timed_ms(run: Run) -> float:
    """Milliseconds that one run takes."""
    started = time.perf_counter_ns()
    run()
    return (time.perf_counter_ns() - started) / 1e6


def warm_up(run: Run) -> WarmUp:
    """Run until the latency stands still or the time limit is reached."""
    latencies: list[float] = []
    started = time.perf_counter_ns()
    while True:
        latencies.append(timed_ms(run))
        recent = statistics.median(latencies[-_WINDOW:])
        seconds = (time.perf_counter_ns() - started) / 1e9
        if len(latencies) >= 2 * _WINDOW and seconds >= _LEAST_SECONDS:
            before = statistics.median(latencies[-2 * _WINDOW : -_WINDOW])
            if abs(recent - before) < _TOLERANCE * before:
                return WarmUp(len(latencies), recent, stable=True)
        if seconds >= _MOST_SECONDS:
            return WarmUp(len(latencies), recent, stable=False)
