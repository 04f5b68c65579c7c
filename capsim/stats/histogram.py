"""How values spread, counted in equal bins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from capsim.stats.sample import Sample

BINS = 80
TAIL = 0.999


@dataclass(frozen=True)
class Histogram:
    """Shares of values in equal bins from the least value to the 99.9th percentile; the slowest 0.1 % are told apart.

    Attributes:
        edges: of the bins, one more than there are shares.
        shares: of all values, in each bin.
        beyond: share above the last edge.
        most: the largest value.
    """

    edges: tuple[float, ...]
    shares: tuple[float, ...]
    beyond: float
    most: float


def histogram(sample: Sample) -> Histogram | None:
    """The histogram of finite values; nothing without values."""
    count = len(sample)
    if not count:
        return None
    low, high, most = float(sample.values.min()), sample.quantile(TAIL), float(sample.values.max())
    # All values alike still need a bin to stand in.
    top = high if high > low else low * 1.01
    bins = BINS if high > low else 1
    edges = np.linspace(low, top, bins + 1)
    inside = sample.values <= top
    places = np.minimum((sample.values[inside] - low) * (bins / (top - low)), bins - 1).astype(np.int64)
    weights = None if sample.counts is None else sample.counts[inside]
    counts = np.bincount(places, weights, minlength=bins)
    shares = tuple((counts / count).tolist())
    return Histogram(tuple(edges.tolist()), shares, max(0.0, 1 - float(counts.sum()) / count), most)
