from __future__ import annotations

import threading
import time

import pytest

from capsim.errors import MeasurementError
from capsim.profiler.runtime import OutOfMemoryError
from capsim.profiler.timing import alone, timed_ms
from capsim.profiler.together import Together


class Instances:
    """Sleeping runs that remember how many ran at once."""

    def __init__(self, seconds: float = 0.002) -> None:
        self.running = 0
        self.most = 0
        self._seconds = seconds
        self._lock = threading.Lock()

    def run(self) -> None:
        with self._lock:
            self.running += 1
            self.most = max(self.most, self.running)
        time.sleep(self._seconds)
        with self._lock:
            self.running -= 1


def test_all_instances_run_at_once_and_give_their_samples() -> None:
    instances = Instances()
    together = Together([instances.run] * 3)
    assert len(together()) == 9
    assert instances.most == 3
    together.expect(median_ms=40)
    assert len(together()) == 15
    assert instances.running == 0


def test_the_slow_instance_is_accompanied_until_its_last_sample() -> None:
    quick, slow = Instances(0.001), Instances(0.02)
    alone_ms = []

    def slowly() -> None:
        started = quick.most
        slow.run()
        alone_ms.append(started)

    Together([quick.run, slowly])()
    # The slow one ran four times or more, and the quick one never waited for it.
    assert len(alone_ms) >= 4
    assert quick.most == 1


def test_a_failure_ends_every_instance_and_is_told() -> None:
    instances = Instances()

    def fails() -> None:
        raise OutOfMemoryError("out of memory")

    with pytest.raises(MeasurementError, match="out of memory"):
        Together([instances.run, fails])()
    assert instances.running == 0


def test_instances_that_compute_on_one_core_slow_each_other_down() -> None:
    """What the measurement is for: without the interpreter's lock they share the core."""

    def busy() -> None:
        until = time.thread_time() + 0.02
        while time.thread_time() < until:
            pass

    single = sum(timed_ms(busy) for _ in range(5)) / 5
    two = Together([busy, busy])()
    assert sum(two) / len(two) == pytest.approx(2 * single, rel=0.5)


def test_quick_batches_are_taken_in_series_and_slow_ones_one_by_one() -> None:
    calls: list[int] = []
    assert len(alone(lambda: calls.append(1), expected_ms=0.1)()) == 10
    assert len(calls) == 11
    assert len(alone(lambda: calls.append(1), expected_ms=2.0)()) == 2
    assert len(alone(lambda: calls.append(1), expected_ms=3.0)()) == 1


def test_the_clock_of_the_device_counts_where_it_is_told() -> None:
    assert timed_ms(lambda: 12.5) == 12.5
    assert timed_ms(lambda: 12) < 10
