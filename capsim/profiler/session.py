"""One sitting of measuring into a profile: resume, pin, measure, keep."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from capsim.profile.write import samples_path
from capsim.profiler import document, machine
from capsim.profiler.document import Subject
from capsim.profiler.measure import Measurement, Observer, is_complete, measure
from capsim.profiler.plan import Plan
from capsim.profiler.runtime import Runtime
from capsim.profiler.samples import Samples


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured of one batch size, in milliseconds."""

    batch_size: int
    samples: int
    mean_ms: float
    p50_ms: float
    p99_ms: float


def take(runtime: Runtime, plan: Plan, subject: Subject, file: Path, observer: Observer) -> Measurement:
    """Measure what is missing in a profile, and write it.

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
    found, sessions = document.earlier(file, document.compose(subject, runtime, plan, measurement, [now], name))
    measurement.samples = found
    if found.rows:
        observer.note(f"{len(found.rows)} samples were measured before; the missing ones follow")
        if is_complete(plan, measurement):
            return measurement
    watch = machine.Watch(plan.cores)
    before = found.counts()

    def checkpoint() -> None:
        watch.look()
        session = {
            **now,
            "minutes": round((time.monotonic() - started) / 60, 1),
            "samples": dict(sorted((measurement.samples.counts() - before).items())),
            **watch.report(),
        }
        profile = document.compose(subject, runtime, plan, measurement, [*sessions, session], name)
        document.write(file, profile, measurement.samples)

    with machine.limited_memory():
        measure(runtime, plan, measurement, observer, checkpoint)
    return measurement


def summary(measurement: Measurement) -> list[Row]:
    """A row per batch size."""
    rows = []
    for size in sorted(measurement.samples.counts()):
        latencies = measurement.samples.latencies_ms(size)
        p50, p99 = _quantile(latencies, 0.50), _quantile(latencies, 0.99)
        rows.append(Row(size, len(latencies), statistics.fmean(latencies), p50, p99))
    return rows


def _quantile(values: list[float], level: float) -> float:
    import numpy as np

    return float(np.quantile(values, level))
