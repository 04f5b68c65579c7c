"""Values of which only the distribution matters: one by one, or as a histogram."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ceil, isfinite, nan

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Sample:
    """Values in rising order.

    Attributes:
        values: each, or those that buckets stand for.
        counts: how often each came; once where there are none.
        exact_mean: of those that are finite, where it is known better than from the values.
    """

    values: Floats
    counts: NDArray[np.int64] | None = None
    exact_mean: float | None = None

    @classmethod
    def of(cls, values: Floats) -> Sample:
        """The sample of these values, in any order."""
        return cls(np.sort(values))

    @classmethod
    def joined(cls, samples: Sequence[Sample]) -> Sample:
        """All of them together."""
        values = np.concatenate([sample.values for sample in samples])
        if all(sample.counts is None for sample in samples):
            # The parts are sorted, which this sort makes use of.
            return cls(np.sort(values, kind="stable"))
        counts = np.concatenate([sample.weights for sample in samples])
        order = np.argsort(values, kind="stable")
        weights = [len(sample.finite) for sample in samples]
        means = [sample.finite.mean for sample, weight in zip(samples, weights, strict=True) if weight]
        mean = float(np.average(means, weights=[weight for weight in weights if weight])) if means else None
        return cls(values[order], counts[order], mean)

    def __len__(self) -> int:
        """How many values there are."""
        return len(self.values) if self.counts is None else int(self.counts.sum())

    @property
    def weights(self) -> NDArray[np.int64]:
        """How often each value came."""
        return np.ones(len(self.values), dtype=np.int64) if self.counts is None else self.counts

    @cached_property
    def finite(self) -> Sample:
        """Those that are finite."""
        end = int(np.searchsorted(self.values, np.inf))
        if end == len(self.values):
            return self
        return Sample(self.values[:end], None if self.counts is None else self.counts[:end], self.exact_mean)

    @cached_property
    def mean(self) -> float:
        """The mean; not a number without values."""
        if not len(self):
            return nan
        if not isfinite(self.values[-1]):
            return float(self.values[-1])
        if self.exact_mean is not None:
            return self.exact_mean
        return float(np.mean(self.values) if self.counts is None else np.average(self.values, weights=self.counts))

    @property
    def variance(self) -> float:
        """The variance."""
        return float(np.var(self.values) if self.counts is None else np.cov(self.values, fweights=self.counts, ddof=0))

    def quantile(self, p: float) -> float:
        """The smallest value that at least the share `p` does not exceed; not a number without values."""
        count = len(self)
        if not count:
            return nan
        place = max(0, ceil(count * p - 1))
        if self.counts is None:
            return float(self.values[place])
        return float(self.values[np.searchsorted(self._reached, place, side="right")])

    def share_above(self, target: float) -> float:
        """The share of values above a target; not a number without values."""
        if not len(self):
            return nan
        beyond = int(np.searchsorted(self.values, target, side="right"))
        return float(self.weights[beyond:].sum() / len(self))

    @cached_property
    def _reached(self) -> NDArray[np.int64]:
        return np.cumsum(self.weights)
