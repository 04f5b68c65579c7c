"""Intervals of quantiles that assume no distribution.

The number of samples below a quantile is binomial, so that two order statistics bound it: David and Nagaraja,
"Order Statistics", 3rd edition, section 7.1. Samples are taken to be independent, which measuring the batch
sizes in alternating order serves.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Estimate:
    """A quantile with its 95 % interval, in milliseconds.

    Attributes:
        value: the quantile of the samples.
        low: lower end of the interval; 0 where the samples are too few to tell.
        high: upper end; infinite where the samples are too few to tell.
    """

    value: float
    low: float
    high: float

    def within(self, tolerance: float) -> bool:
        """Whether both ends lie within this part of the value."""
        return max(self.high - self.value, self.value - self.low) <= tolerance * self.value


def quantile(values: Sequence[float], level: float) -> Estimate:
    """A quantile of independent samples, with its 95 % interval."""
    ordered = np.sort(np.asarray(values, np.float64))
    lower, upper = _ranks(len(ordered), level)
    low = float(ordered[lower - 1]) if lower >= 1 else 0.0
    high = float(ordered[upper - 1]) if upper <= len(ordered) else math.inf
    return Estimate(float(np.quantile(ordered, level)), low, high)


@functools.cache
def _ranks(count: int, level: float) -> tuple[int, int]:
    """The order statistics, counted from 1, between which the quantile lies; 0 or count + 1 where none does."""
    from scipy.stats import binom

    tail = (1 - CONFIDENCE) / 2
    # P(B < lower) <= tail and P(B >= upper) <= tail, with B the number of samples below the quantile.
    lower = int(binom.ppf(tail, count, level))
    upper = int(binom.ppf(1 - tail, count, level)) + 1
    return lower, upper
