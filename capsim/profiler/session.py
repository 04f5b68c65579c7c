"""One sitting of measuring into a profile: resume, pin, measure, keep."""

from __future__ import annotations

import contextlib
import statistics
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from capsim.profile.quantiles import Quantile, quantile
from capsim.profile.write import samples_path
from capsim.profiler import document, machine
from capsim.profiler.document import Subject
from capsim.profiler.measure import Measurement, Observer, is_complete, measure
from capsim.profiler.plan import Plan
from capsim.profiler.runtime import Runtime
from capsim.profiler.samples import Cell, Samples

_MUCH_PERCENT = 1.0


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured of one batch size, in milliseconds."""

    cell: Cell
    samples: int
    mean_ms: float
    p50: Quantile
    p99: Quantile


def take(
    runtime: Runtime, plan: Plan, subject: Subject, file: Path, observer: Observer, *, anew: bool = False
) -> Measurement:
    """Measure what is missing in a profile, and write it; `anew` in place of one that is there.

    The caller has pinned the process before it loaded the model, so that the threads of the runtime are
    pinned as well.

    Raises:
        InputError: the file holds a measurement of something else.
        MeasurementError: no batch size could be measured.
    """
    started = time.monotonic()
    now: dict[str, object] = {"at": datetime.now(UTC).replace(microsecond=0)}
    measurement = Measurement(Samples())
    name = samples_path(file).name
    sessions: list[dict[str, Any]] = []
    if not anew:
        likewise = document.compose(subject, runtime, plan, measurement, [now], name)
        measurement.samples, sessions = document.earlier(file, likewise)
    written = measurement.samples
    if written.rows:
        observer.note(f"{len(written.rows)} samples were measured before; the missing ones follow")
        if is_complete(plan, measurement):
            return measurement
    if plan.crowd:
        observer.note(plan.crowd)
    watch = machine.Watch(plan.cores, plan.device)
    before = _counts(written)

    def checkpoint() -> None:
        watch.look()
        session = {
            **now,
            "minutes": round((time.monotonic() - started) / 60, 1),
            "samples": document.by_cell(_counts(measurement.samples) - before),
            **watch.report(),
        }
        profile = document.compose(subject, runtime, plan, measurement, [*sessions, session], name)
        document.write(file, profile, measurement.samples)

    # A GPU's driver reserves addresses far beyond any memory.
    with machine.limited_memory() if plan.device == "cpu" else contextlib.nullcontext():
        measure(runtime, plan, measurement, observer, checkpoint)
    others = float(str(watch.report()[machine.OTHERS]))
    if plan.cores and others > _MUCH_PERCENT:
        observer.note(f"other processes had {others:.2g} % of the measured cores' time: the tail is theirs too")
    return measurement


def summary(measurement: Measurement) -> list[Row]:
    """A row per batch size, and per number of instances."""
    return [
        Row(
            cell,
            len(latencies),
            statistics.fmean(latencies),
            quantile(np.asarray(latencies), 0.50),
            quantile(np.asarray(latencies), 0.99),
        )
        for cell, latencies in sorted(measurement.samples.by_cell().items())
    ]


def _counts(samples: Samples) -> Counter[Cell]:
    return Counter({cell: len(latencies) for cell, latencies in samples.by_cell().items()})
