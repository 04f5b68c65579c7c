"""The difference between two answers under common random numbers, with its interval.

Both scenarios see the same arrivals and, where their servers are called the same, the same service draws, so that
what chance does to one it does to the other and the difference is known better than either (Law, Simulation
Modeling and Analysis, 5th edition, 2015, sections 10.2.1 and 11.2). What is known of each is joined by the correlation
that their sections show (a normal copula: Nelsen, An Introduction to Copulas, 2nd edition, 2006, section 2.3), so that
the interval of the difference is as skewed as theirs are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import copysign, expm1, isfinite

import numpy as np
from numpy.typing import NDArray

from capsim.stats.confidence import Known
from capsim.stats.interval import Interval
from capsim.stats.sections import CONFIDENCE

Floats = NDArray[np.float64]

FAR, NODES = 4.0, 41
"""Standard deviations to either side, and how many values between them stand for a distribution."""
ROUNDING = 1e-12


@dataclass(frozen=True)
class Change:
    """From one answer to another.

    Attributes:
        a: the value in the first.
        b: the value in the second.
        difference: b - a, with its interval.
        relative: b / a - 1, with its interval; none where a or b is not above zero.
        significant: whether the interval of the relative change, or of the difference where there is none, leaves
            out zero; nothing where no interval is known.
    """

    a: float | None
    b: float | None
    difference: Interval
    relative: Interval
    significant: bool | None


def change(a: Known, b: Known, a_parts: Sequence[float], b_parts: Sequence[float]) -> Change:
    """The change from `a` to `b`; the parts are what their sections say, pair by pair.

    Raises:
        ValueError: the parts are not pairs.
    """
    first, second = (known.value if isfinite(known.value) else None for known in (a, b))
    if len(a_parts) != len(b_parts):
        raise ValueError(f"{len(a_parts)} sections of one answer, {len(b_parts)} of the other")
    if first is None or second is None:
        unknown = Interval(None, None)
        return Change(first, second, unknown, unknown, None)
    before, after, weights = _joined(a, b, correlation(a_parts, b_parts))
    told = (a.interval() is not None and b.interval() is not None) or np.array_equal(before, after)
    difference = Interval(second - first, _interval(after - before, weights) if told else None)
    relative = Interval(None, None)
    if first > 0 and second > 0:
        positive = told and bool(np.all(before > 0) and np.all(after > 0))
        on_log = _interval(np.log(after / before), weights) if positive else None
        relative = Interval(second / first - 1, on_log and (expm1(on_log[0]), expm1(on_log[1])))
    interval = relative.ci95 or difference.ci95
    return Change(
        first, second, difference, relative, None if interval is None else not interval[0] <= 0 <= interval[1]
    )


def correlation(a_parts: Sequence[float], b_parts: Sequence[float]) -> float:
    """Of what the sections say; 0 where one of them always says the same."""
    a, b = (np.asarray(parts) - np.mean(parts) for parts in (a_parts, b_parts))
    scale = float(np.sqrt(np.sum(a**2) * np.sum(b**2)))
    correlated = float(np.sum(a * b)) / scale if scale else 0.0
    return correlated if abs(correlated) < 1 - ROUNDING else copysign(1.0, correlated)


def _joined(a: Known, b: Known, together: float) -> tuple[Floats, Floats, Floats]:
    """Values of both with this correlation, and how probable each pair is."""
    normal = np.linspace(-FAR, FAR, NODES)
    weights = np.exp(-(normal**2) / 2)
    weights /= weights.sum()
    other = together * normal[:, None] + (1 - together**2) ** 0.5 * normal
    before = np.broadcast_to(_table(a, normal)[:, None], other.shape)
    after = np.interp(other, normal, _table(b, normal))
    return before.ravel(), after.ravel(), np.outer(weights, weights).ravel()


def _table(known: Known, normal: Floats) -> Floats:
    """Its value at as many standard deviations; where nothing bounds it the last that is bounded."""
    from scipy.special import ndtr

    values = np.array([known.quantile(float(p)) for p in ndtr(normal)])
    bounded = values[np.isfinite(values)]
    last: Floats = np.minimum(values, bounded.max(initial=-np.inf))
    return last


def _interval(values: Floats, weights: Floats) -> tuple[float, float]:
    """The 95 % interval of values that are so probable."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order]) - weights[order] / 2
    low, high = np.interp([0.5 - CONFIDENCE / 2, 0.5 + CONFIDENCE / 2], reached, values[order])
    return float(low), float(high)
