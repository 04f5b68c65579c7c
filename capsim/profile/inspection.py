"""What a latency profile is worth: its statistics by batch size, its shape, and what is doubtful about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from capsim.errors import CodedWarning
from capsim.profile.curve import mean_of
from capsim.profile.load import NS_PER_MS, Recording
from capsim.profile.model import LatencyProfile
from capsim.profile.quantiles import Quantile, quantile
from capsim.profile.shape import AffineLaw, Knee, affine_law, knee

Floats = NDArray[np.float64]

SCHEMA = "capsim.profile/1"
LEVELS = {"p50": 0.5, "p90": 0.9, "p99": 0.99}


@dataclass(frozen=True)
class Row:
    """The statistics of one batch size.

    Attributes:
        instances: how many batches ran on the device at once.
        batch_size: items in the batch.
        samples: measured batches; 0 where only quantiles are known.
        mean_ms: mean latency (ms).
        latency_ms: p50, p90 and p99 with their intervals, as far as they are known (ms).
        throughput_per_s: items per second of the whole device, when every instance always has a full batch.
        drift: relative change of the median from the first quarter of the measurement to the last, where there is a
            trend; else 0.
    """

    instances: int
    batch_size: int
    samples: int
    mean_ms: float
    latency_ms: Mapping[str, Quantile]
    throughput_per_s: float
    drift: float

    @property
    def p50(self) -> Quantile:
        """The median, which is always known."""
        return self.latency_ms["p50"]

    @property
    def p99(self) -> Quantile | None:
        """The 99th percentile, where it is known."""
        return self.latency_ms.get("p99")

    @property
    def noise(self) -> float | None:
        """How many times the median p99 is."""
        return self.p99.value / self.p50.value if self.p99 else None


@dataclass(frozen=True, eq=False)
class Inspection:
    """Everything that `capsim profile show` tells.

    Attributes:
        profile: what was inspected.
        rows: by instances, then by batch size.
    """

    profile: LatencyProfile
    rows: tuple[Row, ...]

    @property
    def alone(self) -> list[Row]:
        """The rows measured with one instance, from the smallest batch size to the largest."""
        return [row for row in self.rows if row.instances == 1]

    @property
    def together(self) -> list[Row]:
        """The rows measured with several instances at once."""
        return [row for row in self.rows if row.instances > 1]

    @cached_property
    def knee(self) -> Knee | None:
        """Where a larger batch stops paying."""
        return knee(
            {row.batch_size: row.throughput_per_s for row in self.alone},
            {row.batch_size: row.mean_ms for row in self.alone},
        )

    @cached_property
    def law(self) -> AffineLaw | None:
        """The affine law of the medians."""
        return affine_law({row.batch_size: row.p50.value for row in self.alone})

    def largest_within(self, limit_ms: float) -> Row | None:
        """The largest batch size measured with one instance whose p99 is at most the limit."""
        fitting = [row for row in self.alone if row.p99 and row.p99.value <= limit_ms]
        return fitting[-1] if fitting else None

    def warnings(self) -> list[CodedWarning]:
        """What is doubtful about the profile."""
        return self.profile.warnings()

    def to_dict(self, within_ms: float | None = None) -> dict[str, Any]:
        """What `capsim profile show --json` prints."""
        profile = self.profile
        fitting = None if within_ms is None else self.largest_within(within_ms)
        within = {"p99_ms": within_ms, "batch_size": fitting.batch_size if fitting else None}
        return {
            "schema": SCHEMA,
            "profile": profile.file,
            "model": profile.model,
            "hardware": None if profile.hardware is None else asdict(profile.hardware),
            "runtime": profile.runtime,
            "precision": profile.precision,
            "measured": dict(profile.measured),
            "tail_known": profile.tail_known,
            "batch_sizes": [_row_to_dict(row) for row in self.rows],
            "knee": None if self.knee is None else asdict(self.knee),
            "affine_law": None if self.law is None else asdict(self.law),
            "overlap": profile.measured_overlap(),
            "within": None if within_ms is None else within,
            "warnings": [asdict(warning) for warning in self.warnings()],
        }


def _row_to_dict(row: Row) -> dict[str, Any]:
    return {
        "batch_size": row.batch_size,
        "instances": row.instances,
        "samples": row.samples,
        "independent_samples": row.p50.independent,
        "mean_ms": row.mean_ms,
        "latency_ms": {name: quantile.to_dict() for name, quantile in row.latency_ms.items()},
        "noise": row.noise,
        "throughput_per_s": row.throughput_per_s,
        "drift": row.drift,
    }


def inspect_profile(recording: Recording) -> Inspection:
    """The statistics of a profile."""
    profile = recording.profile
    rows = (_row(profile, instances, size, recording.series_ms) for instances, size in sorted(profile.curves_ns))
    return Inspection(profile, tuple(rows))


def _row(profile: LatencyProfile, instances: int, size: int, series_ms: Mapping[tuple[int, int], Floats]) -> Row:
    series = series_ms.get((instances, size))
    return Row(
        instances,
        size,
        profile.counts[instances, size],
        mean_of(profile.curves_ns[instances, size]) / NS_PER_MS,
        _from_curve(profile, instances, size)
        if series is None
        else {name: quantile(series, level) for name, level in LEVELS.items()},
        profile.max_throughput_per_s(size, instances),
        0.0 if series is None else profile.worth[instances, size].drift,
    )


def _from_curve(profile: LatencyProfile, instances: int, size: int) -> dict[str, Quantile]:
    """What is known without samples: the median, and more where the tail is known."""
    curve = profile.curves_ns[instances, size]
    values = {name: float(curve[round(level * (len(curve) - 1))]) / NS_PER_MS for name, level in LEVELS.items()}
    return {name: Quantile(value, 0.0, inf, 0) for name, value in values.items() if name == "p50" or profile.tail_known}
