"""Parts of the output that are nearly independent, and the error that they show.

Each replication is cut into slices of time, so that there are 30 sections or more: the variance of what all say
together is then known well even from few replications (batch means: Law, Simulation Modeling and Analysis, 5th
edition, 2015, section 9.5.3). Slices at the same place in their runs are compared with each other, so that what all
runs have in common, such as the hours of a day or the start, is no error (stratification).
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from capsim.stats.runs import Run
from capsim.stats.sample import Sample
from capsim.stats.student import student_probability, student_quantile, student_quantiles
from capsim.units import NS_PER_S

Floats = NDArray[np.float64]

FEWEST_SECTIONS = 30
FEWEST_OF_A_VARYING_LOAD = 15
CONFIDENCE = 0.95


@dataclass(frozen=True, eq=False)
class Section:
    """What a span of simulated time saw.

    Attributes:
        span_s: its length.
        latency_s: of the requests sent in it; infinite where one did not complete.
        waiting_s: of the requests sent in it that completed, in all queues together.
        completions: requests that ended well in it, whenever sent.
    """

    span_s: float
    latency_s: Sample
    waiting_s: Sample
    completions: int


@dataclass(frozen=True, eq=False)
class Sections:
    """All sections, replication after replication, each in the order of time.

    Attributes:
        parts: each.
        runs: how many replications they are of.
        steady: whether all see the same load, but for chance.
    """

    parts: Sequence[Section]
    runs: int
    steady: bool = True

    @cached_property
    def offered_s(self) -> Sample:
        """Latencies of all requests together; infinite where one did not complete."""
        return Sample.joined([part.latency_s for part in self.parts])

    @cached_property
    def waiting_s(self) -> Sample:
        """Waiting times of all completed requests together."""
        return Sample.joined([part.waiting_s for part in self.parts])

    @property
    def degrees(self) -> int:
        """Degrees of freedom of the residuals."""
        return len(self.parts) - (len(self.parts) // self.runs if self.runs > 1 else 1)

    def residuals(self, values: Any) -> Floats:
        """How far the sections are from what they have in common; `values` has a section in each last place.

        Scaled so that the sum of their squares estimates the variance of the sum of the values.
        """
        given = np.asarray(values, dtype=np.float64)
        if self.runs == 1:
            count = given.shape[-1]
            return np.asarray((given - given.mean(axis=-1, keepdims=True)) * (count / max(count - 1, 1)) ** 0.5)
        by_place = given.reshape(*given.shape[:-1], self.runs, -1)
        around = by_place - by_place.mean(axis=-2, keepdims=True)
        return np.asarray((around * (self.runs / (self.runs - 1)) ** 0.5).reshape(given.shape))

    def parts_of(self, value: float, residuals: Floats) -> tuple[float, ...]:
        """What each section says of a value, from its residual; their Student interval is that of the value."""
        count = len(residuals)
        return tuple((value + residuals * (count * (count - 1)) ** 0.5).tolist())


Window = tuple[Run, int, int]
"""A run, and the span of it that becomes a section (ns)."""


def windows(runs: Sequence[Run], start_ns: int, end_ns: int, *, steady: bool = True) -> list[Window]:
    """The spans that become sections; longer ones where each sees another load."""
    per_run = -(-(FEWEST_SECTIONS if steady else FEWEST_OF_A_VARYING_LOAD) // len(runs))
    spans = [(run, low, high) for run in runs for low, high in itertools.pairwise(run.edges(start_ns, end_ns, per_run))]
    # Of a window of a few ns some slices are empty, the same in all runs: they saw nothing.
    return [(run, low, high) for run, low, high in spans if low < high]


def cut_sections(spans: Sequence[Window], runs: int, *, steady: bool = True) -> Sections:
    """What each of the `windows` of that many replications saw."""
    parts = [Section((high - low) / NS_PER_S, *run.seen(low, high)) for run, low, high in spans]
    return Sections(parts, runs, steady)


@dataclass(frozen=True)
class Estimate:
    """An average over time, with Student's distribution.

    Attributes:
        value: of all sections together.
        error: its standard error.
        degrees: degrees of freedom of the error.
        parts: what each section says.
    """

    value: float
    error: float
    degrees: int
    parts: tuple[float, ...]

    def interval(self) -> tuple[float, float] | None:
        """The 95 % interval; none of a single section."""
        if not self.degrees:
            return None
        return self.quantile(0.5 - CONFIDENCE / 2), self.quantile(0.5 + CONFIDENCE / 2)

    def quantile(self, p: float) -> float:
        """See `Confidence`."""
        return self.value + student_quantile(p, self.degrees) * self.error

    def quantiles(self, ps: Floats) -> Floats:
        """See `Confidence`."""
        return self.value + student_quantiles(ps, self.degrees) * self.error

    def cdf(self, x: float) -> float:
        """See `Confidence`; all or nothing without an error."""
        if not self.error or not self.degrees:
            return float(x >= self.value)
        return student_probability((x - self.value) / self.error, self.degrees)


def averaged(sections: Sections, values: Sequence[float]) -> Estimate:
    """The average over time of values that the sections have in their spans."""
    spans = np.array([part.span_s for part in sections.parts])
    total = float(spans.sum())
    value = float(np.dot(values, spans)) / total
    residuals = sections.residuals((np.asarray(values) - value) * spans) / total
    return Estimate(value, float(np.sqrt(np.sum(residuals**2))), sections.degrees, sections.parts_of(value, residuals))


def throughput_per_s(sections: Sections) -> Estimate:
    """Completions per second."""
    return averaged(sections, [part.completions / part.span_s for part in sections.parts])
