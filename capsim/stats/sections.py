"""Parts of the output that are nearly independent, and the intervals that they give.

With three or more replications each is a section; with fewer, each run is cut into slices of time (batch
means). The estimate is that of all sections together and the variance that of the sections around it
(sectioning: Asmussen and Glynn, Stochastic Simulation, 2007, section III.5; Nakayama, "Confidence intervals for
quantiles using sectioning when applying variance-reduction techniques", ACM TOMACS 24(4), 2014).

Times have intervals on the scale of their logarithm (delta method: Asmussen and Glynn, section III.3). A run with
long queues has both a large p99 and a large spread, so that a symmetric interval ends too low where p99 came
out low; on the logarithm the spread no longer follows the value. docs/explanation/intervals.md has the coverage.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import exp, isfinite, log, nan

import numpy as np

from capsim.stats.runs import Run
from capsim.stats.sample import Sample
from capsim.stats.student import student_probability, student_quantile
from capsim.units import NS_PER_S

SECTIONS_WITHIN_RUNS = 10
FEWEST_REPLICATIONS = 3
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

    @property
    def completed_s(self) -> Sample:
        """Latencies of the requests that completed (s)."""
        return self.latency_s.finite


@dataclass(frozen=True)
class Estimate:
    """A value with its standard error; nothing is known of the error from fewer than 3 sections.

    Attributes:
        value: of all sections together.
        error: its standard error.
        parts: the value of each section.
        logarithmic: Student's distribution applies to the logarithm.
    """

    value: float
    error: float | None
    parts: tuple[float, ...]
    logarithmic: bool = False

    @property
    def sections(self) -> int:
        """How many sections have a value."""
        return sum(1 for part in self.parts if isfinite(part))

    @property
    def _on_logarithm(self) -> bool:
        # A value below its own error, such as a median wait near zero, is not a matter of factors.
        return self.logarithmic and self.error is not None and self.error < self.value

    def interval(self) -> tuple[float, float] | None:
        """The 95 % Student interval."""
        if self.error is None:
            return None
        return self.quantile(0.5 - CONFIDENCE / 2), self.quantile(0.5 + CONFIDENCE / 2)

    def quantile(self, p: float) -> float:
        """See `Confidence`."""
        if self.error is None:
            return nan
        distance = student_quantile(p, self.sections - 1) * self.error
        return self.value * exp(distance / self.value) if self._on_logarithm else self.value + distance

    def cdf(self, x: float) -> float:
        """See `Confidence`; all or nothing without an error."""
        if not self.error:
            return float(self.value <= x)
        if self._on_logarithm and x <= 0:
            return 0.0
        distance = self.value * log(x / self.value) if self._on_logarithm else x - self.value
        return student_probability(distance / self.error, self.sections - 1)


def windows(runs: Sequence[Run], start_ns: int, end_ns: int) -> list[tuple[Run, int, int]]:
    """The spans that become sections: whole runs with three or more replications, else slices of time (ns)."""
    per_run = 1 if len(runs) >= FEWEST_REPLICATIONS else SECTIONS_WITHIN_RUNS // len(runs)
    spans = [(run, low, high) for run in runs for low, high in itertools.pairwise(run.edges(start_ns, end_ns, per_run))]
    # Of a window of a few ns some slices are empty: they saw nothing.
    return [(run, low, high) for run, low, high in spans if low < high]


def cut_sections(runs: Sequence[Run], start_ns: int, end_ns: int) -> list[Section]:
    """What each of the `windows` saw."""
    return [
        Section((high - low) / NS_PER_S, *run.seen(low, high)) for run, low, high in windows(runs, start_ns, end_ns)
    ]


@lru_cache(maxsize=2)
def _latency(sections: tuple[Section, ...]) -> Sample:
    return Sample.joined([section.latency_s for section in sections])


@lru_cache(maxsize=2)
def _waiting(sections: tuple[Section, ...]) -> Sample:
    return Sample.joined([section.waiting_s for section in sections])


def latency_of(sections: Sequence[Section]) -> Sample:
    """The latencies of all sections together."""
    return sections[0].latency_s if len(sections) == 1 else _latency(tuple(sections))


def completed_of(sections: Sequence[Section]) -> Sample:
    """The latencies of those that completed, of all sections together."""
    return latency_of(sections).finite


def waiting_of(sections: Sequence[Section]) -> Sample:
    """The waiting times of all sections together."""
    return sections[0].waiting_s if len(sections) == 1 else _waiting(tuple(sections))


def forget() -> None:
    """Give back the memory of what was joined."""
    _latency.cache_clear()
    _waiting.cache_clear()


def estimate(
    sections: Sequence[Section], statistic: Callable[[Sequence[Section]], float], *, logarithmic: bool = False
) -> Estimate:
    """A statistic of all sections together, with the error that they show; see the top for `logarithmic`."""
    value = statistic(sections)
    parts = tuple(statistic([section]) for section in sections)
    known = np.array([part for part in parts if isfinite(part)])
    if len(known) < FEWEST_REPLICATIONS or not isfinite(value):
        return Estimate(value, None, parts, logarithmic)
    variance = float(np.sum((known - value) ** 2)) / (len(known) - 1)
    return Estimate(value, float(np.sqrt(variance / len(known))), parts, logarithmic)


def independent_requests(sections: Sequence[Section]) -> float:
    """How many independent requests would give the mean latency as exactly; those in one queue are late together.

    Variance of a latency over the squared error of their mean (effective sample size: Asmussen and Glynn, section
    IV.1). Without an error it is the number of requests.
    """
    together = completed_of(sections)
    error = estimate(sections, lambda parts: completed_of(parts).mean).error
    return together.variance / error**2 if error else float(len(together))


def throughput_per_s(sections: Sequence[Section]) -> float:
    """Completions per second."""
    return sum(section.completions for section in sections) / sum(section.span_s for section in sections)
