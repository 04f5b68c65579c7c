"""Times of requests of which only the distribution matters: one by one, or as a histogram.

Values are counted in buckets 1/128 of an octave wide, and only the bucket that holds a percentile is sorted: a fraction
of the time for the same order statistic.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import ceil, inf, nan

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MANTISSA_BITS = 52
PER_OCTAVE_BITS = 7
SHIFT = MANTISSA_BITS - PER_OCTAVE_BITS
LEAST = 2.0**-31
"""The first bucket has all that is smaller: half a nanosecond, where values are seconds."""
MOST = 2.0**200


def buckets_of(values: Floats) -> NDArray[np.int16]:
    """The bucket of each value, which rises with it: the exponent and the first bits of the mantissa."""
    bits = np.clip(values, LEAST, MOST).view(np.int64) >> SHIFT
    return (bits - _FIRST).astype(np.int16)


_FIRST = int(np.float64(LEAST).view(np.int64)) >> SHIFT


def middles(low: int, high: int) -> Floats:
    """The middles of the buckets from one to another."""
    edges = ((np.arange(low, high + 1, dtype=np.int64) + _FIRST) << SHIFT).view(np.float64)
    return (edges[1:] + edges[:-1]) / 2


@dataclass(frozen=True, eq=False)
class Sample:
    """Values in any order.

    Attributes:
        values: each that is finite, or those that a histogram's buckets stand for.
        counts: how often each came; once where there are none.
        lost: how many more are infinite.
        exact_mean: of the finite ones, where it is known better than from the values.
    """

    values: Floats
    counts: Ints | None = None
    lost: int = 0
    exact_mean: float | None = None
    _looked_into: dict[int, tuple[Floats, Ints | None]] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, values: Floats) -> Sample:
        """The sample of these values, of which some may be infinite."""
        finite = np.isfinite(values)
        lost = len(values) - int(np.count_nonzero(finite))
        return cls(values[finite] if lost else values, lost=lost)

    @classmethod
    def joined(cls, samples: Sequence[Sample]) -> Sample:
        """All of them together."""
        if len(samples) == 1:
            return samples[0]
        values, lost = np.concatenate([each.values for each in samples]), sum(each.lost for each in samples)
        if all(each.counts is None for each in samples):
            whole = cls(values, lost=lost)
        else:
            count = sum(each.completed for each in samples)
            mean = sum(each.total for each in samples) / count if count else None
            whole = cls(values, np.concatenate([each.weights for each in samples]), lost, mean)
        # Bound to the instance as `cached_property` does it: what the parts have counted needn't be counted again.
        buckets = np.concatenate([each.buckets for each in samples])
        whole.__dict__.update(buckets=buckets, by_bucket=table_of(samples).sum(axis=0))
        return whole

    def __len__(self) -> int:
        """How many values there are, infinite ones included."""
        return self.completed + self.lost

    @cached_property
    def completed(self) -> int:
        """How many are finite."""
        return len(self.values) if self.counts is None else int(self.counts.sum())

    @property
    def finite(self) -> Sample:
        """Those that are finite."""
        return self._finite if self.lost else self

    @cached_property
    def _finite(self) -> Sample:
        finite = Sample(self.values, self.counts, 0, self.exact_mean)
        finite.__dict__.update(buckets=self.buckets, by_bucket=self.by_bucket)
        return finite

    @property
    def weights(self) -> Ints:
        """How often each value came."""
        return np.ones(len(self.values), dtype=np.int64) if self.counts is None else self.counts

    @cached_property
    def total(self) -> float:
        """The sum of the finite ones."""
        if self.exact_mean is not None:
            return self.exact_mean * self.completed
        return float(self.values.sum() if self.counts is None else np.dot(self.values, self.counts))

    @property
    def mean(self) -> float:
        """The mean; not a number without values."""
        if self.lost:
            return inf
        if not self.completed:
            return nan
        return self.total / self.completed

    @cached_property
    def buckets(self) -> NDArray[np.int16]:
        """The bucket of each value; see `buckets_of`."""
        return buckets_of(self.values)

    @cached_property
    def by_bucket(self) -> Ints:
        """How many finite values each bucket holds, up to the last that holds any."""
        if self.counts is None:
            return np.bincount(self.buckets)
        return np.bincount(self.buckets, self.counts).astype(np.int64)

    @cached_property
    def _reached(self) -> Ints:
        return np.cumsum(self.by_bucket)

    def quantile(self, p: float) -> float:
        """The smallest value that at least the share `p` does not exceed; not a number without values."""
        if not len(self):
            return nan
        place = min(max(0, ceil(len(self) * p - 1)), len(self) - 1)
        if place >= self.completed:
            return inf
        bucket = int(np.searchsorted(self._reached, place, side="right"))
        values, reached = self._inside(bucket)
        place -= int(self._reached[bucket - 1]) if bucket else 0
        return float(values[place if reached is None else np.searchsorted(reached, place, side="right")])

    def about(self, ps: Floats) -> Floats:
        """The quantiles of many probabilities, each a value of the same bucket."""
        if not len(self):
            return np.full(len(ps), nan)
        places = np.clip(np.ceil(len(self) * ps - 1), 0, len(self) - 1).astype(np.int64)
        values, counts, _ = self._ordered
        inside = np.minimum(places, self.completed - 1)
        held = inside if counts is None else np.searchsorted(np.cumsum(counts), inside, side="right")
        return np.where(places < self.completed, values[held] if self.completed else inf, inf)

    def share_above(self, target: float) -> float:
        """The share of values above a target; not a number without values."""
        if not len(self):
            return nan
        bucket = int(buckets_of(np.array([target]))[0])
        if bucket >= len(self._reached):
            return self.lost / len(self)
        values, reached = self._inside(bucket)
        within = int(np.searchsorted(values, target, side="right"))
        if reached is not None:
            within = int(reached[within - 1]) if within else 0
        before = int(self._reached[bucket - 1]) if bucket else 0
        return (len(self) - before - within) / len(self)

    def _inside(self, bucket: int) -> tuple[Floats, Ints | None]:
        """The values of a bucket in rising order, and how many there are up to each where they came several times."""
        if bucket not in self._looked_into:
            values, counts, ends = self._ordered
            held = slice(int(ends[bucket - 1]) if bucket else 0, int(ends[bucket]))
            if counts is None:
                self._looked_into[bucket] = np.sort(values[held]), None
            else:
                order = np.argsort(values[held])
                self._looked_into[bucket] = values[held][order], np.cumsum(counts[held][order])
        return self._looked_into[bucket]

    @cached_property
    def _ordered(self) -> tuple[Floats, Ints | None, Ints]:
        """Values and counts bucket after bucket, and where each bucket ends."""
        # For 16 bits this sort counts, which is quicker than comparing.
        order = np.argsort(self.buckets, kind="stable")
        counts = None if self.counts is None else self.counts[order]
        ends = self._reached if self.counts is None else np.cumsum(np.bincount(self.buckets))
        return self.values[order], counts, ends


def table_of(samples: Sequence[Sample]) -> Ints:
    """How many finite values each bucket holds, a row for each sample."""
    table = np.zeros((len(samples), max(len(each.by_bucket) for each in samples)), np.int64)
    for row, each in zip(table, samples, strict=True):
        row[: len(each.by_bucket)] = each.by_bucket
    return table
