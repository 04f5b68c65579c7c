"""The measurement: warm-up, rounds until the intervals are narrow, a row per batch."""

from __future__ import annotations

import gc
import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from capsim.errors import MeasurementError
from capsim.profile.quantiles import quantile
from capsim.profiler import order
from capsim.profiler.plan import Plan
from capsim.profiler.runtime import Runtime
from capsim.profiler.samples import Cell, Samples
from capsim.profiler.timing import Visit, alone
from capsim.profiler.together import Together
from capsim.profiler.warmup import WarmUp, warm_up

_SECONDS_BETWEEN_CHECKPOINTS = 20.0
# Of the time limit; larger batches wait for the next session, which finds the smaller ones complete.
_MOST_OF_WARM_UP = 0.5
# Of Linux, on machines of some cores: 3 to 4 ms.
_TIME_SLICE_MS = 4.0


class Observer(Protocol):
    """Who is told how it goes. It is called between samples, never during one."""

    def note(self, text: str) -> None:
        """Something worth a line."""

    def left(self, done_s: float, left_s: float) -> None:
        """The samples have taken so long, and those to come take at most so long."""


@dataclass(slots=True)
class Measurement:
    """What has been measured so far.

    Attributes:
        samples: the measured batches, of earlier sessions too.
        warm: how each cell was warmed up.
        left_out: cells that could not be measured, and why.
        interrupted: whether the user ended it early.
        out_of_time: whether the time limit ended it early.
    """

    samples: Samples
    warm: dict[Cell, WarmUp] = field(default_factory=dict)
    left_out: dict[Cell, str] = field(default_factory=dict)
    interrupted: bool = False
    out_of_time: bool = False


def is_complete(plan: Plan, measurement: Measurement) -> bool:
    """Whether everything that can be measured has the samples that the plan asks for."""
    latencies = measurement.samples.by_cell()
    return all(cell in measurement.left_out or _enough(plan, latencies.get(cell, [])) for cell in plan.cells)


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
    started = time.monotonic()
    try:
        visits = _warmed_up(runtime, plan, measurement, observer, started + _MOST_OF_WARM_UP * plan.most_seconds)
        # The collector would add its pauses to random samples; the loop leaves no cycles behind.
        gc.disable()
        _sample(visits, _Progress(visits, plan, measurement, started + plan.most_seconds), observer, checkpoint)
    except KeyboardInterrupt:
        measurement.interrupted = True
    finally:
        gc.enable()
    if len(measurement.left_out) == len(plan.cells):
        reasons = "; ".join(f"{cell}: {why}" for cell, why in measurement.left_out.items())
        raise MeasurementError(f"no batch size could be measured: {reasons}")
    if measurement.samples.rows != before:
        checkpoint()


def _enough(plan: Plan, latencies: list[float]) -> bool:
    """Whether the median and p99 are known well, or the limit is reached."""
    if len(latencies) < plan.samples:
        return False
    if len(latencies) >= plan.most_samples:
        return True
    quantiles = (quantile(np.asarray(latencies), level) for level in (0.5, 0.99))
    return all(max(each.high - each.value, each.value - each.low) <= plan.tolerance * each.value for each in quantiles)


def _warmed_up(
    runtime: Runtime, plan: Plan, measurement: Measurement, observer: Observer, until: float
) -> dict[Cell, Visit]:
    earlier = measurement.samples.by_cell()
    visits: dict[Cell, Visit] = {}
    for cell in plan.cells:
        if _enough(plan, earlier.get(cell, [])):
            continue
        if visits and time.monotonic() > until:
            measurement.out_of_time = True
            observer.note(f"{cell} waits for another time: half of this one went into warm-up")
            break
        try:
            visits[cell], warm = _warm(runtime, plan, cell)
        except MeasurementError as error:
            _leave_out(cell, str(error), measurement, observer)
            continue
        measurement.warm[cell] = warm
        doubt = "" if warm.stable else ", not stable"
        observer.note(f"{cell}: {warm.median_ms:.4g} ms after {warm.runs} runs of warm-up{doubt}")
    return visits


def _warm(runtime: Runtime, plan: Plan, cell: Cell) -> tuple[Visit, WarmUp]:
    runs = [runtime.prepare(cell.batch_size, instance) for instance in range(cell.instances)]
    warm = warm_up(alone(runs[0]))
    if cell.instances == 1:
        return alone(runs[0], warm.median_ms), warm
    crowded = plan.device == "cpu" and cell.instances * plan.threads > len(plan.cores)
    if crowded and warm.median_ms < _TIME_SLICE_MS:
        raise MeasurementError(
            f"a batch of {warm.median_ms:.2g} ms ends within one time slice of the system's scheduler, so that "
            "instances on the same cores take turns and are not seen to share them"
        )
    together = Together(runs)
    together.expect(warm.median_ms)
    return together, warm_up(together)


class _Progress:
    """What is still open, and how long that may take."""

    def __init__(self, cells: Iterable[Cell], plan: Plan, measurement: Measurement, deadline: float) -> None:
        self.plan = plan
        self.measurement = measurement
        earlier = measurement.samples.by_cell()
        self._latencies = {cell: list(earlier.get(cell, [])) for cell in cells}
        # While k instances run, k batches are done in the time of one.
        self._each_s = {cell: measurement.warm[cell].median_ms / 1000 / cell.instances for cell in self._latencies}
        self._yields = dict.fromkeys(self._latencies, 1)
        self._started = time.monotonic()
        self._deadline = deadline

    def round(self) -> dict[Cell, int]:
        """What comes next, and how often; empty when all is done."""
        self._latencies = {
            cell: latencies
            for cell, latencies in self._latencies.items()
            if cell not in self.measurement.left_out and not _enough(self.plan, latencies)
        }
        if not self._latencies:
            return {}
        shares = order.shares({cell: self._each_s[cell] for cell in self._latencies})
        most = max(self._yields[cell] for cell in shares)
        return {cell: share * math.ceil(most / self._yields[cell]) for cell, share in shares.items()}

    def add(self, cell: Cell, latencies: list[float]) -> None:
        """Samples of an open cell."""
        self.measurement.samples.add(cell, latencies)
        self._latencies[cell] += latencies
        self._yields[cell] = len(latencies)

    def is_late(self) -> bool:
        """Whether the time is up."""
        return time.monotonic() >= self._deadline

    def times(self) -> tuple[float, float]:
        """Seconds since the start, and at most to come."""
        now = time.monotonic()
        missing = (
            self._each_s[cell] * max(0, self.plan.most_samples - len(latencies))
            for cell, latencies in self._latencies.items()
        )
        return now - self._started, min(sum(missing), max(0.0, self._deadline - now))


def _sample(visits: dict[Cell, Visit], progress: _Progress, observer: Observer, checkpoint: Callable[[], None]) -> None:
    measurement = progress.measurement
    # Counted from what there is, so that a resumed measurement does not repeat the order of the first.
    rng = np.random.default_rng(progress.plan.seed + len(measurement.samples.rows))
    kept = time.monotonic()
    while counts := progress.round():
        for cell in order.shuffled(counts, rng):
            if cell in measurement.left_out:
                continue
            if progress.is_late():
                measurement.out_of_time = True
                return
            try:
                progress.add(cell, visits[cell]())
            except MeasurementError as error:
                _leave_out(cell, str(error), measurement, observer)
            observer.left(*progress.times())
        if time.monotonic() - kept > _SECONDS_BETWEEN_CHECKPOINTS:
            checkpoint()
            kept = time.monotonic()


def _leave_out(cell: Cell, why: str, measurement: Measurement, observer: Observer) -> None:
    """What works only sometimes is not to be planned with: its rows go too."""
    measurement.left_out[cell] = why
    measurement.samples.drop(cell)
    observer.note(f"{cell} is left out: {why}")
