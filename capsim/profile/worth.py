"""What the samples of a batch size are worth: how many independent ones they are, and how they drift."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

from capsim.profile.dependence import effective_samples
from capsim.profile.quantiles import quantile

Floats = NDArray[np.float64]

TAIL = 0.99
"""The quantile that objectives are mostly about."""
DRIFT = 0.05
"""Change of the median, from the first quarter of a measurement to the last, that is told."""
DRIFTING = 0.65
"""Rank correlation of ten sections with time that chance exceeds in 5 % of cases (Spearman, two-sided)."""
SECTIONS = 10


@dataclass(frozen=True)
class Worth:
    """What the samples of one batch size are worth.

    Attributes:
        independent: how many independent samples would know the mean of the logarithm as exactly.
        independent_tail: how many would know p99 as exactly.
        ends: whether they are enough for an upper end of the interval of p99.
        drift: relative change of the median from the first quarter of the measurement to the last, where there is a
            trend; else 0.
    """

    independent: int
    independent_tail: int
    ends: bool
    drift: float


def worth_of(series: Floats) -> Worth:
    """What samples are worth, in the order of measuring (any unit)."""
    tail = quantile(series, TAIL)
    return Worth(effective_samples(np.log(series)), tail.independent, tail.high < inf, _drift(series))


def _drift(series: Floats) -> float:
    """The change from the first quarter to the last, where it is large and the sections rise or fall throughout."""
    if len(series) < 2 * SECTIONS:
        return 0.0
    medians = np.array([np.median(part) for part in np.array_split(series, SECTIONS)])
    trend = float(np.corrcoef(np.argsort(np.argsort(medians)), np.arange(SECTIONS))[0, 1])
    quarter = len(series) // 4
    change = float(np.median(series[-quarter:]) / np.median(series[:quarter])) - 1
    return change if abs(trend) >= DRIFTING and abs(change) >= DRIFT else 0.0
