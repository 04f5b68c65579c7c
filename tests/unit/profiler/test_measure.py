from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any

import pytest

from capsim.errors import MeasurementError
from capsim.profiler.measure import Measurement, is_complete, measure
from capsim.profiler.plan import Plan
from capsim.profiler.samples import Samples

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


def test_takes_the_samples_of_every_batch_size(fake_runtime: Callable[..., Any], notes: Any) -> None:
    plan = Plan((1, 2, 4), samples=20)
    measurement, kept = taken(fake_runtime(), plan, notes)
    assert measurement.samples.counts() == {1: 20, 2: 20, 4: 20}
    assert is_complete(plan, measurement)
    assert kept.times == 1
    assert notes.done == pytest.approx(notes.seconds)
    assert gc.isenabled()


def test_only_missing_samples_are_taken(fake_runtime: Callable[..., Any], notes: Any) -> None:
    before = Samples([(1, 5.0)] * 1000)
    measurement, _ = taken(fake_runtime(), Plan((1, 2), samples=20), notes, before)
    assert measurement.samples.counts() == {1: 1000, 2: 20}


def test_a_batch_that_does_not_fit_is_left_out_and_the_rest_kept(fake_runtime: Callable[..., Any], notes: Any) -> None:
    plan = Plan((1, 13, 32, 64), samples=10)
    measurement, _ = taken(fake_runtime(too_large=32), plan, notes)
    assert measurement.left_out == {
        13: "thirteen is not possible",
        32: "out of memory",
        64: "out of memory",
    }
    assert set(measurement.samples.counts()) == {1}
    assert is_complete(plan, measurement)
    assert "batch size 32 is left out: out of memory" in notes.notes


def test_a_batch_size_that_fails_later_loses_its_rows(fake_runtime: Callable[..., Any], notes: Any) -> None:
    measurement, _ = taken(fake_runtime(fails_after=12), Plan((1, 2), samples=10), notes)
    (failed,) = measurement.left_out
    assert measurement.samples.counts() == {3 - failed: 10}


def test_an_interruption_keeps_what_is_measured(fake_runtime: Callable[..., Any], notes: Any) -> None:
    plan = Plan((1, 2), samples=50)
    measurement, kept = taken(fake_runtime(interrupted_after=42), plan, notes)
    assert measurement.interrupted
    assert kept.times == 1
    # Two runs were warm-up, and the last did not end.
    assert measurement.samples.counts().total() == 39
    assert not is_complete(plan, measurement)


def test_an_interruption_of_the_warm_up_writes_nothing(fake_runtime: Callable[..., Any], notes: Any) -> None:
    measurement, kept = taken(fake_runtime(interrupted_after=1), Plan((1,)), notes)
    assert measurement.interrupted
    assert kept.times == 0


def test_nothing_measured_is_an_error_with_the_reasons(fake_runtime: Callable[..., Any], notes: Any) -> None:
    with pytest.raises(MeasurementError, match="batch size 1: out of memory; batch size 2: out of memory"):
        taken(fake_runtime(too_large=1), Plan((1, 2)), notes)
    assert gc.isenabled()
