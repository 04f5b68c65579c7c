"""Quantiles of measured latency, with intervals that assume nothing about its distribution.

The interval lies between two of the sorted samples: the number of samples below the true quantile is binomial,
whatever the distribution (David and Nagaraja, Order Statistics, 3rd edition, 2003, section 7.1). Samples that depend on
each other count as fewer (`capsim.profile.dependence`).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, inf, log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from capsim.profile.dependence import effective_samples

Floats = NDArray[np.float64]

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Quantile:
    """A quantile of measured latency.

    Attributes:
        value: what the samples give (ms).
        low: lower end of its 95 % interval (ms); 0 where the samples give none.
        high: upper end (ms); infinite where the samples give none.
        independent: how many independent samples it rests on; 0 where only quantiles are known.
    """

    value: float
    low: float
    high: float
    independent: int

    def to_dict(self) -> dict[str, Any]:
        """For JSON: an end that is not known is null."""
        known = self.independent > 0
        low, high = (self.low or None, self.high if self.high < inf else None) if known else (None, None)
        return {"value": self.value, "ci95": [low, high] if known else None}


def quantile(series: Floats, level: float) -> Quantile:
    """A quantile of samples in the order of measuring, with its interval."""
    value = float(np.quantile(series, level))
    independent = effective_samples((series > value).astype(np.float64))
    low, high = _ends(np.sort(series), level, independent)
    return Quantile(value, low, high, independent)


def _ends(ordered: Floats, level: float, independent: int) -> tuple[float, float]:
    """The interval's ends: the ranks are those of `independent` samples, stretched over all."""
    from scipy.special import bdtr

    tail = (1 - CONFIDENCE) / 2
    count = len(ordered)
    below = bdtr(np.arange(independent + 1), independent, level)
    lower, upper = int((below <= tail).sum()), int((below < 1 - tail).sum()) + 1
    low = 0.0 if lower == 0 else float(ordered[(lower - 1) * count // independent])
    high = inf if upper > independent else float(ordered[min(ceil(upper * count / independent), count) - 1])
    return low, high


def fewest_samples(level: float) -> int:
    """How many independent samples it takes for an upper end of the interval of a quantile."""
    return ceil(log((1 - CONFIDENCE) / 2) / log(level))
