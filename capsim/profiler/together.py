"""Batches of several instances that share the device."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait

from capsim.profiler.runtime import Run
from capsim.profiler.timing import timed_ms

_SECONDS = 0.2
_LEAST_RUNS = 3
_MOST_RUNS = 50

RULE = (
    "each instance is a thread of one process that runs batch after batch; "
    "a latency counts if every other instance was running throughout"
)


class Together:
    """A visit to several instances: one run each, all at once, again and again."""

    def __init__(self, runs: Sequence[Run]) -> None:
        """Start a thread per run; they live as long as this, since some runtimes keep state per thread."""
        self._runs = runs
        self._threads = ThreadPoolExecutor(len(runs))
        self._batches = _LEAST_RUNS

    def expect(self, median_ms: float) -> None:
        """Count as many batches of each instance in a visit as take about a fifth of a second."""
        self._batches = min(max(int(1000 * _SECONDS / max(median_ms, 1e-3)), _LEAST_RUNS), _MOST_RUNS)

    def __call__(self) -> list[float]:
        """The latencies of some batches of each instance, in milliseconds.

        Raises:
            MeasurementError: a batch failed.
        """
        course = _Course(len(self._runs), self._batches)
        futures = [self._threads.submit(course.run, run) for run in self._runs]
        try:
            return [latency for future in futures for latency in future.result()]
        finally:
            # After a failure or Ctrl-C too, nothing runs on behind the next visit.
            course.stop()
            wait(futures)


class _Course:
    """What the instances of one visit share."""

    def __init__(self, instances: int, batches: int) -> None:
        self._start = threading.Barrier(instances)
        self._lock = threading.Lock()
        self._counting = instances
        self._batches = batches
        self._stopped = False

    def run(self, run: Run) -> list[float]:
        try:
            self._start.wait()
            # Started in step; the first batch lets the instances fall out of it.
            run()
            latencies = [timed_ms(run) for _ in range(self._batches) if not self._stopped]
            with self._lock:
                self._counting -= 1
            while self._counting and not self._stopped:
                run()
        except BaseException:
            # The barrier stays whole: others may be about to leave it.
            self._stopped = True
            raise
        return latencies

    def stop(self) -> None:
        """End every instance, those that wait for the start too."""
        self._stopped = True
        self._start.abort()
