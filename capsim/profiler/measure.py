"""The measurement: warm-up, rounds, one row per batch."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from capsim.errors import MeasurementError
from capsim.profiler import order
from capsim.profiler.plan import Plan
from capsim.profiler.runtime import Run, Runtime
from capsim.profiler.samples import Samples
from capsim.profiler.warmup import WarmUp, timed_ms, warm_up

_SECONDS_BETWEEN_CHECKPOINTS = 20.0


class Observer(Protocol):
    """Who is told how it goes. It is called between samples, never during one."""

    def note(self, text: str) -> None:
        """Something worth a line."""

    def planned(self, seconds: float) -> None:
        """The samples to come will take about this long."""

    def advanced(self, seconds: float) -> None:
        """Of that, this much is done."""


@dataclass(slots=True)
class Measurement:
    """What has been measured so far.

    Attributes:
        samples: the measured batches, of earlier sessions too.
        warm: how each batch size was warmed up.
        left_out: batch sizes that could not be measured, and why.
        interrupted: whether the user ended it early.
    """

    samples: Samples
    warm: dict[int, WarmUp] = field(default_factory=dict)
    left_out: dict[int, str] = field(default_factory=dict)
    interrupted: bool = False


def is_complete(plan: Plan, measurement: Measurement) -> bool:
    """Whether every batch size that can be measured has the samples that the plan asks for."""
    counts = measurement.samples.counts()
    return all(counts[size] >= plan.samples or size in measurement.left_out for size in plan.batch_sizes)


def measure(
    runtime: Runtime,
    plan: Plan,
    measurement: Measurement,
    observer: Observer,
    checkpoint: Callable[[], None],
) -> None:
    """Take the samples that are missing.

    Args:
        runtime: what runs the batches.
        plan: what to measure.
        measurement: what there is already; the new samples are added to it.
        observer: is told how it goes.
        checkpoint: called now and then, and at the end, to keep what is measured.

    Raises:
        MeasurementError: no batch size could be measured.
    """
    before = list(measurement.samples.rows)
    try:
        runs = _warmed_up(runtime, plan, measurement, observer)
        # The collector would add its pauses to random samples; the loop leaves no cycles behind.
        gc.disable()
        _sample(runs, plan, measurement, observer, checkpoint)
    except KeyboardInterrupt:
        measurement.interrupted = True
    finally:
        gc.enable()
    if len(measurement.left_out) == len(plan.batch_sizes):
        reasons = "; ".join(f"batch size {size}: {why}" for size, why in measurement.left_out.items())
        raise MeasurementError(f"no batch size could be measured: {reasons}")
    if measurement.samples.rows != before:
        checkpoint()


def _warmed_up(runtime: Runtime, plan: Plan, measurement: Measurement, observer: Observer) -> dict[int, Run]:
    runs = {}
    for size in plan.batch_sizes:
        try:
            run = runtime.prepare(size)
            warm = warm_up(run)
        except MeasurementError as error:
            _leave_out(size, str(error), measurement, observer)
            continue
        runs[size] = run
        measurement.warm[size] = warm
        doubt = "" if warm.stable else ", not stable"
        observer.note(f"batch size {size}: {warm.median_ms:.4g} ms after {warm.runs} runs of warm-up{doubt}")
    return runs


def _sample(
    runs: dict[int, Run],
    plan: Plan,
    measurement: Measurement,
    observer: Observer,
    checkpoint: Callable[[], None],
) -> None:
    expected = {size: measurement.warm[size].median_ms / 1000 for size in runs}
    if not expected:
        return
    counts = measurement.samples.counts()
    target = order.targets(plan.samples, expected)
    missing = {size: max(0, target[size] - counts[size]) for size in runs}
    observer.planned(sum(expected[size] * count for size, count in missing.items()))
    kept = time.monotonic()
    # Counted from what there is, so that a resumed measurement does not repeat the order of the first.
    for this in order.rounds(missing, plan.seed + counts.total()):
        for size in this:
            if size in measurement.left_out:
                continue
            try:
                measurement.samples.add(size, timed_ms(runs[size]))
            except MeasurementError as error:
                _leave_out(size, str(error), measurement, observer)
            observer.advanced(expected[size])
        if time.monotonic() - kept > _SECONDS_BETWEEN_CHECKPOINTS:
            checkpoint()
            kept = time.monotonic()


def _leave_out(size: int, why: str, measurement: Measurement, observer: Observer) -> None:
    """A size that works only sometimes is not one to plan with: its rows go too."""
    measurement.left_out[size] = why
    measurement.samples.drop(size)
    observer.note(f"batch size {size} is left out: {why}")
