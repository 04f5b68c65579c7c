from __future__ import annotations

import gc
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from capsim.errors import MeasurementError
from capsim.profiler.measure import Measurement, is_complete, measure
from capsim.profiler.plan import Plan
from capsim.profiler.samples import Cell, Samples
from capsim.profiler.timing import Visit
from capsim.profiler.warmup import WarmUp

pytestmark = pytest.mark.usefixtures("single_warm_up")


class Kept:
    """Counts checkpoints."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> None:
        self.times += 1


def taken(runtime: Any, plan: Plan, notes: Any, samples: Samples | None = None) -> tuple[Measurement, Kept]:
    measurement, kept = Measurement(samples or Samples()), Kept()
    measure(runtime, plan, measurement, notes, kept)
    return measurement, kept


def counts(measurement: Measurement) -> dict[Cell, int]:
    return {cell: len(latencies) for cell, latencies in measurement.samples.by_cell().items()}


def test_takes_the_samples_of_every_batch_size(fake_runtime: Callable[..., Any], notes: Any) -> None:
    plan = Plan((1, 2, 4), samples=20, most_samples=20)
    measurement, kept = taken(fake_runtime(), plan, notes)
    assert counts(measurement) == {Cell(1): 20, Cell(2): 20, Cell(4): 20}
    assert is_complete(plan, measurement)
    assert kept.times == 1
    done, left = zip(*notes.times, strict=True)
    assert list(done) == sorted(done)
    assert left[-1] == 0
    assert gc.isenabled()


def test_only_missing_samples_are_taken(fake_runtime: Callable[..., Any], notes: Any) -> None:
    before = Samples([(Cell(1), 5.0)] * 1000)
    measurement, _ = taken(fake_runtime(), Plan((1, 2), samples=20, most_samples=20), notes, before)
    assert counts(measurement) == {Cell(1): 1000, Cell(2): 20}


def test_a_batch_that_does_not_fit_is_left_out_and_the_rest_kept(fake_runtime: Callable[..., Any], notes: Any) -> None:
    plan = Plan((1, 13, 32, 64), samples=10, most_samples=10)
    measurement, _ = taken(fake_runtime(too_large=32), plan, notes)
    assert measurement.left_out == {
        Cell(13): "thirteen is not possible",
        Cell(32): "out of memory",
        Cell(64): "out of memory",
    }
    assert set(counts(measurement)) == {Cell(1)}
    assert is_complete(plan, measurement)
    assert "batch size 32 is left out: out of memory" in notes.notes


def test_a_batch_size_that_fails_later_loses_its_rows(fake_runtime: Callable[..., Any], notes: Any) -> None:
    measurement, _ = taken(fake_runtime(fails_after=12), Plan((1, 2), samples=10, most_samples=10), notes)
    (failed,) = measurement.left_out
    assert counts(measurement) == {Cell(3 - failed.batch_size): 10}


def test_an_interruption_keeps_what_is_measured(fake_runtime: Callable[..., Any], notes: Any) -> None:
    plan = Plan((1, 2), samples=50, most_samples=50)
    measurement, kept = taken(fake_runtime(interrupted_after=42), plan, notes)
    assert measurement.interrupted
    assert kept.times == 1
    # Two runs were warm-up, and the last did not end.
    assert len(measurement.samples.rows) == 39
    assert not is_complete(plan, measurement)


def test_an_interruption_of_the_warm_up_writes_nothing(fake_runtime: Callable[..., Any], notes: Any) -> None:
    measurement, kept = taken(fake_runtime(interrupted_after=1), Plan((1,)), notes)
    assert measurement.interrupted
    assert kept.times == 0


def test_nothing_measured_is_an_error_with_the_reasons(fake_runtime: Callable[..., Any], notes: Any) -> None:
    with pytest.raises(MeasurementError, match="batch size 1: out of memory; batch size 2: out of memory"):
        taken(fake_runtime(too_large=1), Plan((1, 2)), notes)
    assert gc.isenabled()


def test_measures_until_the_intervals_are_narrow(notes: Any, fake_runtime: Callable[..., Any]) -> None:
    plan = Plan((1,), samples=10, most_samples=5000, tolerance=0.99)
    measurement, _ = taken(fake_runtime(), plan, notes)
    # A p99 has an upper end from 368 samples on; 0.99 ** 367 > 2.5 %.
    assert 368 <= len(measurement.samples.rows) < 5000


def test_the_time_limit_ends_the_measurement_and_keeps_it(fake_runtime: Callable[..., Any], notes: Any) -> None:
    plan = Plan((1,), samples=10, most_samples=10**9, tolerance=1e-9, most_seconds=0.05)
    measurement, kept = taken(fake_runtime(), plan, notes)
    assert measurement.out_of_time
    assert not measurement.interrupted
    assert kept.times == 1
    assert all(left <= 0.05 for _, left in notes.times)


def test_warm_up_leaves_half_of_the_time_to_samples(
    fake_runtime: Callable[..., Any], notes: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = [0.0]

    def slow(visit: Visit) -> WarmUp:
        seconds[0] += 0.03
        return WarmUp(len(visit()), 5.0, stable=True)

    monkeypatch.setattr("capsim.profiler.measure.warm_up", slow)
    monkeypatch.setattr("capsim.profiler.measure.time", SimpleNamespace(monotonic=lambda: seconds[0]))
    plan = Plan((1, 2, 4, 8), samples=10, most_samples=10, most_seconds=0.1)
    measurement, _ = taken(fake_runtime(), plan, notes)
    assert counts(measurement) == {Cell(1): 10, Cell(2): 10}
    assert measurement.out_of_time
    assert "batch size 4 waits for another time" in notes.notes[-1]
    again, _ = taken(fake_runtime(), plan, notes, measurement.samples)
    assert counts(again) == dict.fromkeys(plan.cells, 10)


def test_several_instances_get_as_many_samples_as_one(fake_runtime: Callable[..., Any], notes: Any) -> None:
    plan = Plan((1,), instances=(1, 3), samples=60, most_samples=60, cores=(0, 1, 2))
    measurement, _ = taken(fake_runtime(), plan, notes)
    found = counts(measurement)
    assert found[Cell(1)] >= 60
    assert found[Cell(1, 3)] >= 60


def test_instances_that_only_take_turns_are_left_out(
    fake_runtime: Callable[..., Any], notes: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("capsim.profiler.measure.warm_up", lambda _: WarmUp(1, 0.5, stable=True))
    plan = Plan((1,), instances=(1, 2), samples=10, most_samples=10, cores=(0,))
    measurement, _ = taken(fake_runtime(), plan, notes)
    assert "within one time slice" in measurement.left_out[Cell(1, 2)]
    assert set(counts(measurement)) == {Cell(1)}
