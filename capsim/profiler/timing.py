"""How a batch is timed."""

from __future__ import annotations

import time
from collections.abc import Callable

from capsim.profiler.runtime import Run

_SERIES_MS = 5.0
_LONGEST_SERIES = 10

RULE = (
    f"batches below {_SERIES_MS / 2:g} ms in series of up to {_LONGEST_SERIES}, within {_SERIES_MS:g} ms, "
    "after one that does not count"
)

Visit = Callable[[], list[float]]
"""Runs one or several batches and returns what each took, in milliseconds."""


def timed_ms(run: Run) -> float:
    """Milliseconds that one run takes: by the device's own clock where the run returns them, else by ours."""
    started = time.perf_counter_ns()
    of_device = run()
    passed = (time.perf_counter_ns() - started) / 1e6
    return of_device if isinstance(of_device, float) else passed


def alone(run: Run, expected_ms: float = _SERIES_MS) -> Visit:
    """Batches of one instance: one of those that take long, a series of those that are over at once.

    In a series the batch before is of the same size, as it is while several instances run; what is measured of
    one instance and of several is then alike.
    """
    batches = min(int(_SERIES_MS / max(expected_ms, 1e-3)), _LONGEST_SERIES)
    if batches <= 1:
        return lambda: [timed_ms(run)]

    def series() -> list[float]:
        run()
        return [timed_ms(run) for _ in range(batches)]

    return series
