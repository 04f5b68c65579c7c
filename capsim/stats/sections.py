"""Parts of the output that are nearly independent, and the intervals that they give.

With three or more replications each is a section; with fewer, each run is cut into slices of time (batch
means). The estimate is that of all sections together and the variance that of the sections around it
(sectioning: Asmussen and Glynn, Stochastic Simulation, 2007, section III.5; Nakayama, "Confidence intervals for
quantiles using sectioning when applying variance-reduction techniques", ACM TOMACS 24(4), 2014).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from capsim.engine.ledger import Ledger, Outcome
from capsim.units import NS_PER_S

Floats = NDArray[np.float64]

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
    latency_s: Floats
    waiting_s: Floats
    completions: int

    @property
    def completed_s(self) -> Floats:
        """Latencies of the requests that completed (s)."""
        return self.latency_s[np.isfinite(self.latency_s)]


@dataclass(frozen=True)
class Estimate:
    """A value with its standard error, from so many sections; nothing is known of the error from fewer than 3."""

    value: float
    error: float | None
    sections: int

    def interval(self) -> tuple[float, float] | None:
        """The 95 % Student interval."""
        from scipy.stats import t

        if self.error is None:
            return None
        half = float(t.ppf(0.5 + CONFIDENCE / 2, self.sections - 1)) * self.error
        return self.value - half, self.value + half

    def probability_below(self, target: float) -> float:
        """How probable it is that the long-run value is at most the target."""
        from scipy.stats import t

        if not self.error:
            return float(self.value <= target)
        return float(t.cdf((target - self.value) / self.error, self.sections - 1))


def cut_sections(ledgers: Sequence[Ledger], start_ns: int, end_ns: int) -> list[Section]:
    """The window of every ledger: whole with three or more replications, else in slices of time."""
    per_run = 1 if len(ledgers) >= FEWEST_REPLICATIONS else SECTIONS_WITHIN_RUNS // len(ledgers)
    edges = [start_ns + (end_ns - start_ns) * i // per_run for i in range(per_run + 1)]
    sections = []
    for ledger in ledgers:
        arrived, finished = ledger.requests["arrived_ns"], ledger.requests["finished_ns"]
        latency_s, waiting_s = ledger.latencies_ns() / NS_PER_S, waiting_times_ns(ledger) / NS_PER_S
        completed = ledger.requests["outcome"] == Outcome.completed
        for low, high in itertools.pairwise(edges):
            first, last = np.searchsorted(arrived, [low, high])
            sections.append(
                Section(
                    span_s=(high - low) / NS_PER_S,
                    latency_s=latency_s[first:last],
                    waiting_s=waiting_s[first:last][completed[first:last]],
                    completions=int(np.count_nonzero(completed & (finished >= low) & (finished < high))),
                )
            )
    return sections


def waiting_times_ns(ledger: Ledger) -> NDArray[np.int64]:
    """The time that each request spent in queues before batches that served it (ns)."""
    visits = ledger.visits
    waited = np.where(visits["started_ns"] >= 0, visits["started_ns"] - visits["enqueued_ns"], 0)
    return np.bincount(visits["request"], weights=waited, minlength=len(ledger)).astype(np.int64)


def estimate(sections: Sequence[Section], statistic: Callable[[Sequence[Section]], float]) -> Estimate:
    """A statistic of all sections together, with the error that they show."""
    value = statistic(sections)
    parts = np.array([statistic([section]) for section in sections])
    parts = parts[np.isfinite(parts)]
    if len(parts) < FEWEST_REPLICATIONS or not np.isfinite(value):
        return Estimate(value, None, len(parts))
    variance = float(np.sum((parts - value) ** 2)) / (len(parts) - 1)
    return Estimate(value, float(np.sqrt(variance / len(parts))), len(parts))


def quantile(values: Floats, p: float) -> float:
    """The smallest value that at least the share `p` does not exceed; not a number without values."""
    return float(np.quantile(values, p, method="inverted_cdf")) if len(values) else float("nan")


def mean(values: Floats) -> float:
    """The mean; not a number without values."""
    return float(np.mean(values)) if len(values) else float("nan")


def throughput_per_s(sections: Sequence[Section]) -> float:
    """Completions per second."""
    return sum(section.completions for section in sections) / sum(section.span_s for section in sections)
