"""How well the runs know a percentile.

A request beyond the 99th percentile rarely comes alone: what makes it late makes those behind it late too, and then the
queue has calmed down for long. So the requests beyond are counted as fewer independent ones: their number over its
index of dispersion, the variance of the number that sections see over its mean. With n independent ones the share of
requests beyond the percentile is known with the relative error n ** -0.5, and the interval of the percentile is between
the two order statistics whose shares differ by Student's quantile of it: what a test of the share does not refuse
(score test: Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22, 1927; with an
estimated dispersion: McCullagh and Nelder, Generalized Linear Models, 2nd edition, 1989, section 4.5).

The dispersion at the percentile itself is known badly, from the same few requests, and is too small whenever few late
ones came by chance, so that such answers would seem the surest. It is taken from lower percentiles too, which 2 to 20
times as many requests exceed, and carried over: by how the dispersion rises towards the tail of a queue under heavy
load (`RISE`), and by how the mean excess over a percentile grows with it where the tail is heavier than exponential
(the time above a level is its excess over the speed at which the queue empties).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf, isfinite, log, nan, sqrt

import numpy as np
from numpy.typing import NDArray

from capsim.stats.sample import Sample, middles, table_of
from capsim.stats.sections import CONFIDENCE, Sections
from capsim.stats.student import chi_square_quantile, student_probability, student_quantile, student_quantiles

Floats = NDArray[np.float64]

FEWEST_INDEPENDENT = 2.0
"""Independent requests beyond a percentile for its interval to be told, surely: at the lower 95 % limit."""
REACH = (20, 10, 5, 2, 1)
"""The dispersion is looked at where so many times as many requests are beyond."""
MOST_BEYOND = 0.5
DOUBT = 0.07
"""Relative error of carrying a dispersion over to where a factor e fewer requests are beyond."""
DOUBT_OF_A_VARYING_LOAD, GROWTH_OF_A_VARYING_LOAD = 0.3, 0.2
"""Where the hours of high load have most of those far out, the dispersion rises faster, and less is known how fast."""
RISE = ((0.5, 0.175), (0.2, 0.526), (0.1, 0.73), (0.05, 0.87), (0.02, 0.97), (0.01, 1.0))
"""Share beyond a level, and the dispersion there over that far out: of M/M/1 and M/D/1 at loads of 0.5 to 0.95, G/M/1
with bursts and batching servers, which agree within a tenth, as queues under heavy load do (reflected Brownian motion).
"""
OVERALL = 0.2
SETTLED = 0.7
"""Parts of the time in which one independent request is beyond p80, for a run that began empty to settle: with 1.1 the
share beyond p99 is right, with 0.3 a tenth too low (M/M/1 at 0.9 and 0.95, a tenth of 60 s left out)."""
ROUNDING = 1e-9


@dataclass(frozen=True)
class Dispersion:
    """How requests beyond a level come together.

    Attributes:
        share: of requests that are beyond the level.
        index: variance of their number in a section over its mean.
        independent: as how many independent ones they count.
        exceeded: by section, how far their number is from the expected (see `Sections.residuals`).
        excess: mean of how far they are beyond.
    """

    share: float
    index: float
    independent: float
    exceeded: Floats
    excess: float


@dataclass(frozen=True, eq=False)
class Percentile:
    """What the runs know of a percentile: see the top.

    Attributes:
        level: share of requests that are beyond it.
        sample: all requests.
        independent: as how many independent ones those beyond it count.
        degrees: Student's degrees of freedom, by how well that number is known.
    """

    level: float
    sample: Sample
    independent: float
    degrees: float

    @cached_property
    def value(self) -> float:
        """The percentile of all requests together."""
        return self.sample.quantile(1 - self.level)

    def cdf(self, x: float) -> float:
        """See `Confidence`."""
        share = self.sample.share_above(x)
        if not isfinite(self.independent) or not self.independent:
            return float(share <= self.level * (1 + ROUNDING))
        root = sqrt(self.independent)
        return student_probability(-root * (share / self.level - 1) - _MEDIAN / root, self.degrees)

    def quantile(self, p: float) -> float:
        """See `Confidence`."""
        if not isfinite(self.independent):
            return self.value
        if not self.independent:
            return nan
        root = sqrt(self.independent)
        share = self.level * (1 - (student_quantile(p, self.degrees) + _MEDIAN / root) / root)
        return inf if share <= 0 else 0.0 if share >= 1 else self.sample.quantile(1 - share)

    def quantiles(self, ps: Floats) -> Floats:
        """See `Confidence`."""
        if not isfinite(self.independent) or not self.independent:
            return np.full(len(ps), self.quantile(0.5))
        root = sqrt(self.independent)
        shares = self.level * (1 - (student_quantiles(ps, self.degrees) + _MEDIAN / root) / root)
        values = self.sample.about(np.clip(1 - shares, 0.0, 1.0))
        return np.where(shares <= 0, inf, np.where(shares >= 1, 0.0, values))

    @property
    def surely_independent(self) -> float:
        """The lower 95 % limit of the number of independent requests beyond it."""
        if not isfinite(self.independent) or not self.independent:
            return self.independent
        return self.independent * chi_square_quantile(1 - CONFIDENCE, self.degrees) / self.degrees

    def interval(self) -> tuple[float, float] | None:
        """The 95 % interval; none where too few independent requests are beyond the percentile, or bound it."""
        if self.surely_independent < FEWEST_INDEPENDENT:
            return None
        low, high = self.quantile(0.5 - CONFIDENCE / 2), self.quantile(0.5 + CONFIDENCE / 2)
        return (low, high) if isfinite(high) else None


_MEDIAN = 1 / 3
"""A gamma variable of shape n, as the number of requests beyond nearly is, has its median a third below its mean."""


class Tail:
    """A time of requests: as how many independent ones those beyond a level count."""

    def __init__(self, sections: Sections, samples: Sequence[Sample], together: Sample) -> None:
        self.sections, self._together = sections, together
        self._offered = np.array([len(sample) for sample in samples], dtype=np.float64)
        self._reached = np.cumsum(table_of(samples), axis=1)
        self._beyond = len(together) - self._reached.sum(axis=0)
        self._known: dict[float, Dispersion | None] = {}

    def percentile(self, level: float) -> Percentile:
        """What is known of the percentile that this share of requests is beyond."""
        if not self.sections.degrees:
            return Percentile(level, self._together, 0.0, 1.0)
        looked_at = [level * reach for reach in REACH if level * reach <= MOST_BEYOND]
        seen = {each.share: each for each in map(self.dispersion, looked_at) if each is not None}
        known = list(seen.values())
        if not known:
            # All take as long, as far as is known.
            return Percentile(level, self._together, len(self._together) * level, self.sections.degrees)
        growth = self._growth(level)
        carried = np.array([_carried(each, level, growth) for each in known])
        noise = np.array([2 / self.sections.degrees + 3 / each.independent for each in known])
        carrying = DOUBT if self.sections.steady else DOUBT_OF_A_VARYING_LOAD
        doubt = np.array([(carrying * log(each.share / level)) ** 2 for each in known])
        weights = 1 / (noise + doubt)
        index, error = float(np.average(carried, weights=weights)), float(np.average(noise, weights=weights))
        return Percentile(level, self._together, len(self._together) * level / index if index else inf, 2 / error)

    @property
    def settling_s(self) -> float:
        """How long a run that begins empty takes to forget it."""
        seen, spans = self.dispersion(OVERALL), sum(part.span_s for part in self.sections.parts)
        return SETTLED * spans / seen.independent if seen else 0.0

    def _growth(self, level: float) -> float:
        """By which power of the share the dispersion rises beyond `RISE`: that of the mean excess."""
        least = 0.0 if self.sections.steady else GROWTH_OF_A_VARYING_LOAD
        far = min(REACH[0] * level, MOST_BEYOND)
        near, out = self.dispersion(far), self.dispersion(far / 4)
        if near is None or out is None or not out.share < near.share or not (near.excess and out.excess):
            return least
        return float(np.clip(log(out.excess / near.excess) / log(near.share / out.share), least, 0.5))

    def dispersion(self, share: float) -> Dispersion | None:
        """At the level nearest to which this share of requests is beyond; none where all take as long."""
        if share not in self._known:
            self._known[share] = self._dispersion(share)
        return self._known[share]

    def _dispersion(self, share: float) -> Dispersion | None:
        count = len(self._together)
        parted = np.flatnonzero((self._beyond > 0) & (self._beyond < count))
        if not len(parted):
            return None
        bucket = int(parted[np.argmin(np.abs(self._beyond[parted] - share * count))])
        counts = self._offered - self._reached[:, bucket]
        total = float(counts.sum())
        exceeded = self.sections.residuals(counts - total / count * self._offered)
        index = float(np.sum(exceeded**2)) / total
        outside = self._together.by_bucket[bucket + 1 :]
        held = int(outside.sum())
        edge, values = middles(bucket, bucket + 1)[0], middles(bucket + 1, bucket + 1 + len(outside))
        excess = float(np.dot(outside, values)) / held - float(edge) if held else 0.0
        return Dispersion(total / count, index, total / index if index else inf, exceeded, excess)


def _carried(seen: Dispersion, level: float, growth: float) -> float:
    """The index of dispersion at another level; below that of requests that come alone it keeps its ratio to it."""
    alone, alone_there = 1 - seen.share, 1 - level
    if seen.index <= alone:
        return seen.index * alone_there / alone
    factor: float = _rise(level) / _rise(seen.share) * (seen.share / level) ** growth
    return alone_there + (seen.index - alone) * factor


def _rise(share: float) -> float:
    shares, indices = zip(*RISE, strict=True)
    rise: np.float64 = np.interp(-log(share), -np.log(np.array(shares)), np.array(indices))
    return float(rise)


def parts_of_percentile(tail: Tail, known: Percentile) -> tuple[float, ...]:
    """What each section says of a percentile: by how many more requests are beyond it than expected.

    Over the density of requests there (Bahadur, "A note on quantiles in large samples", Annals of Mathematical
    Statistics 37(3), 1966).
    """
    value, seen = known.value, tail.dispersion(known.level)
    lower, upper = known.sample.quantile(1 - known.level * 1.5), known.sample.quantile(1 - known.level / 1.5)
    if seen is None or not lower < upper < inf:
        return (value,) * len(tail.sections.parts)
    density = known.level * (1.5 - 1 / 1.5) / (upper - lower)
    return tail.sections.parts_of(value, seen.exceeded / len(known.sample) / density)
