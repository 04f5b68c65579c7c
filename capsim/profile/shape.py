"""How latency grows with the batch: what larger batches bring, and the law that sums it up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

NEARLY = 0.9
"""Share of the highest throughput from which a larger batch is said to pay no more."""


@dataclass(frozen=True)
class AffineLaw:
    """Median latency of a batch of b items = `per_batch_ms` + b · `per_item_ms`.

    Attributes:
        per_batch_ms: what a batch takes however small it is.
        per_item_ms: what each item adds; its inverse bounds the throughput.
        worst: the largest relative residual, measured / law - 1.
        worst_batch_size: where it is.
    """

    per_batch_ms: float
    per_item_ms: float
    worst: float
    worst_batch_size: int


def affine_law(median_ms: Mapping[int, float]) -> AffineLaw | None:
    """The law that fits best by least squares of relative residuals; none with fewer than three batch sizes.

    Each median has the weight 1 / median², as the noise of a latency grows with it and a fit in milliseconds would
    serve the largest batch alone. That a batch takes a fixed time and a time per item is what batching servers are
    commonly modelled by (Inoue, "Queueing analysis of GPU-based inference servers with dynamic batching", Performance
    Evaluation 147, 2021, assumption 4).
    """
    if len(median_ms) < 3:
        return None
    sizes = np.array(sorted(median_ms), dtype=np.float64)
    medians = np.array([median_ms[int(size)] for size in sizes])
    terms = np.stack([1 / medians, sizes / medians], axis=1)
    (per_batch, per_item), *_ = np.linalg.lstsq(terms, np.ones(len(sizes)), rcond=None)
    residuals = medians / (per_batch + per_item * sizes) - 1
    worst = int(np.argmax(np.abs(residuals)))
    return AffineLaw(float(per_batch), float(per_item), float(residuals[worst]), int(sizes[worst]))


@dataclass(frozen=True)
class Knee:
    """From where on a larger batch stops paying.

    Attributes:
        batch_size: the smallest measured one with at least 90 % of the highest throughput measured.
        reached: whether it lies below the largest measured one; if not, still larger batches may pay.
        balanced: the batch size of the best throughput / latency, beyond which a batch loses more latency, in percent,
            than it wins throughput.
    """

    batch_size: int
    reached: bool
    balanced: int


def knee(throughput_per_s: Mapping[int, float], mean_ms: Mapping[int, float]) -> Knee | None:
    """The knee of throughput over batch size; none with a single batch size.

    A rule of gain per doubling would stop at the first plateau, and at gains of 9 % that add up; the share of the
    highest throughput does neither. `balanced` maximises power (Kleinrock, "Power and deterministic rules of thumb for
    probabilistic problems in computer communications", ICC 1979).
    """
    sizes = sorted(throughput_per_s)
    if len(sizes) < 2:
        return None
    enough = NEARLY * max(throughput_per_s.values())
    first = next(size for size in sizes if throughput_per_s[size] >= enough)
    balanced = max(sizes, key=lambda size: throughput_per_s[size] / mean_ms[size])
    return Knee(first, first < sizes[-1], balanced)
