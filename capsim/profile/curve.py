"""The quantile function of a latency from few quantiles, and from its mean and deviation where they are known.

Between quantiles it is straight, unless a mean is given that straight lines would miss. Then what is known least is
bent most: beyond the highest percentile an excess of generalised Pareto shape is added (Pickands, "Statistical
inference using extreme order statistics", Annals of Statistics 3, 1975); below the median, where no minimum is known,
the curve falls; straight lines become powers. The largest of n samples is one n-th of them: it stands beyond 1 - 1/n.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

CELLS = 1000
"""A quantile function is kept at 0, 1/CELLS … 1, so that p50, p90, p99 and p99.9 are grid points."""
GRID = np.linspace(0, 1, CELLS + 1)
MEDIAN, NEARLY_ALL = 0.5, 0.99
STEPS = 60
"""Most steps to a zero."""
MISSED = 0.02
"""By what share straight lines between samples may miss their mean."""
NEAR = 0.1
"""By what share a deviation may differ: the largest of few samples alone makes it uncertain by more."""
SLIGHT = 0.7
"""The natural logarithm of the power up to which straight lines are bent before the tail is made heavier."""
BENT = 8.0
"""The natural logarithm of the strongest power that a straight line is bent into."""
LOWEST = 0.05
"""What the lowest latency may be of the median, where only the mean speaks of it."""
SHAPES = (-1.0, 3.0)
"""Shapes of the tail that are tried: from uniform to heavier than any with a mean; the maximum bounds them."""


def mean_of(curve: Floats) -> float:
    """The mean of a variable with this piecewise linear quantile function."""
    return float(np.mean((curve[:-1] + curve[1:]) / 2))


def deviation_of(curve: Floats) -> float:
    """The standard deviation of a variable with this piecewise linear quantile function."""
    low, high = curve[:-1], curve[1:]
    second = float(np.mean((low * low + low * high + high * high) / 3))
    return float(np.sqrt(max(second - mean_of(curve) ** 2, 0.0)))


@dataclass(frozen=True)
class Known:
    """What a source says of a latency, in any unit.

    Attributes:
        quantiles: level from 0 (the minimum) to 1 (the maximum) to value; never decreasing, the median among them.
        mean: the mean.
        deviation: the standard deviation; taken into account beside a mean alone.
        samples: how many the quantiles were taken from.
    """

    quantiles: Mapping[float, float]
    mean: float | None = None
    deviation: float | None = None
    samples: int | None = None

    @property
    def last(self) -> float:
        """The highest level below the maximum."""
        return max(level for level in self.quantiles if level < 1)

    def means(self) -> tuple[float, float]:
        """The lowest and the highest mean that quantile functions through these can have; straight where all is open.

        Beyond the highest quantile nothing bounds the mean: there it is taken to be level.
        """
        levels = np.array(sorted({0.0, 1.0, *self.quantiles}))
        values = np.interp(levels, sorted(self.quantiles), [self.quantiles[u] for u in sorted(self.quantiles)])
        widths = np.diff(levels)
        return float(widths @ values[:-1]), float(widths @ values[1:])


def curve_of(known: Known) -> Floats:
    """The quantile function at `CELLS` + 1 levels: through what is known, with its mean as near as it can be.

    Straight lines where no mean is given; but where a maximum follows on less than the 99th percentile, an exponential
    tail that reaches it at 1 - 1/n (n = 1000 where it is not told).
    """
    if known.mean is None:
        return _drawn(known, _Bend()) if known.last < NEARLY_ALL and 1.0 in known.quantiles else _straight(known)
    bend = _fitted(known, 0.0)
    deviation = known.deviation
    if deviation is None or abs(deviation_of(_drawn(known, bend)) / deviation - 1) <= NEAR:
        return _drawn(known, bend)

    def excess(shape: float, first: float) -> float:
        return deviation_of(_drawn(known, _fitted(known, shape, first))) - deviation

    near = NEAR * deviation / 2
    shape = _zero(lambda each: excess(each, 0.0), *SHAPES, near) if bend.excess else 0.0
    first = _zero(lambda each: excess(shape, each), 0.0, BENT, near) if excess(shape, 0.0) < -near else 0.0
    return _drawn(known, _fitted(known, shape, first))


def curve_of_samples(samples: Floats) -> Floats:
    """The quantile function of samples at `CELLS` + 1 levels: straight lines between them.

    Where these would miss the mean, as with one far sample of few, sample i of n is put at (i - 1/2)/n, which keeps it
    (Hazen, 1914); of more samples than cells, the end is such that the last cell does.
    """
    curve, mean = np.quantile(samples, GRID), float(samples.mean())
    if abs(mean_of(curve) / mean - 1) <= MISSED:
        return np.asarray(curve)
    curve = np.quantile(samples, GRID, method="hazen")
    curve[-1] = np.clip(curve[-1] - 2 * CELLS * (mean_of(curve) - mean), curve[-2], curve[-1])
    return np.asarray(curve)


@dataclass(frozen=True)
class _Bend:
    """How a curve departs from straight lines.

    Attributes:
        excess: scale of the tail beyond the highest percentile, in medians; none: exponential up to the maximum.
        shape: its shape: 0 exponential, -1 uniform, above 0 heavier.
        fall: how far the curve falls from the median to level 0, in medians, where no minimum is known.
        power: the logarithm of the power that straight lines become: above 0 they sag, below 0 they rise early.
        first: the same below the median alone.
    """

    excess: float | None = None
    shape: float = 0.0
    fall: float = 0.0
    power: float = 0.0
    first: float = 0.0


def _fitted(known: Known, shape: float, first: float = 0.0) -> _Bend:
    """The bend with which the curve has the mean; what is known least is bent first, and further when all is."""
    target = known.mean or 0.0
    plain = _Bend(0.0, shape, first=first)
    missing = mean_of(_drawn(known, plain)) - target
    fallen = [] if 0.0 in known.quantiles else ["fall"]
    stages: list[tuple[str, float]] = [("power", -SLIGHT), ("excess", _widest(known, target)), ("power", -BENT)]
    if missing > 0:
        stages = [*((name, 0.5) for name in fallen), ("power", BENT), *((name, 1 - LOWEST) for name in fallen)]
    for name, farthest in stages:
        share = _share(known, plain, name, farthest, missing)
        start = float(getattr(plain, name))
        plain = replace(plain, **{name: start + share * (farthest - start)})
        if share < 1:
            break
    return plain


def _share(known: Known, bend: _Bend, name: str, farthest: float, missing: float) -> float:
    """How much of the way to its farthest value a bend has to go until nothing of the mean is missing, at most 1."""
    start, sign, target = float(getattr(bend, name)), math.copysign(1.0, missing), known.mean or 0.0

    def beyond(share: float) -> float:
        bent = replace(bend, **{name: start + share * (farthest - start)})
        return sign * (target - mean_of(_drawn(known, bent)))

    return _zero(beyond, 0.0, 1.0, 1e-9 * target)


def _widest(known: Known, target: float) -> float:
    """A scale of the tail, in medians, beyond which it adds nothing: the maximum bounds it, or the mean is reached."""
    if 1.0 in known.quantiles:
        return 1e3 * known.quantiles[1.0] / known.quantiles[MEDIAN]
    return 1e3 * target / known.quantiles[MEDIAN] / (1 - known.last)


def _zero(rising: Callable[[float], float], low: float, high: float, near: float) -> float:
    """Where a rising function is within `near` of 0, or the end that is nearest to it (false position, Illinois)."""
    below, above = rising(low), rising(high)
    if below >= 0 or above <= 0:
        return low if below >= 0 else high
    kept = 0
    for _ in range(STEPS):
        middle = (low * above - high * below) / (above - below)
        value = rising(middle)
        if abs(value) <= near:
            break
        if value < 0:
            low, below, above = middle, value, above / 2 if kept < 0 else above
        else:
            high, above, below = middle, value, below / 2 if kept > 0 else below
        kept = -1 if value < 0 else 1
    return middle


def _straight(known: Known) -> Floats:
    levels = sorted(known.quantiles)
    return np.asarray(np.interp(GRID, levels, [known.quantiles[level] for level in levels]))


def _drawn(known: Known, bend: _Bend) -> Floats:
    """The quantile function with this bend."""
    inner = sorted(level for level in known.quantiles if level < 1)
    values = {level: known.quantiles[level] for level in inner}
    median = values[MEDIAN]
    if inner[0] > 0:
        inner, values = [0.0, *inner], values | {0.0: median * (1 - bend.fall)}
    curve = np.full(CELLS + 1, float(values[inner[-1]]))
    for low, high in itertools.pairwise(inner):
        within = (low <= GRID) & (high >= GRID)
        power = np.exp(bend.power + (bend.first if high <= MEDIAN else 0.0))
        curve[within] = values[low] + (values[high] - values[low]) * ((GRID[within] - low) / (high - low)) ** power
    return _with_tail(curve, known, bend, median)


def _with_tail(curve: Floats, known: Known, bend: _Bend, median: float) -> Floats:
    """The curve with its tail beyond the highest percentile, and the maximum beyond 1 - 1/n."""
    last, maximum = known.last, known.quantiles.get(1.0)
    top = max(1 - 1 / max(known.samples or CELLS, 2), last)
    beyond = last < GRID
    # A half cell more keeps the last level of an unbounded tail finite: it is the mean of its cell.
    left = np.maximum(1 - GRID[beyond], 0.5 / CELLS) / (1 - last)
    if bend.excess is None:
        assert maximum is not None, "without a scale the maximum gives it"  # noqa: S101 - curve_of has seen to it
        scale = (maximum - curve[-1]) / max(np.log((1 - last) / (1 - top)), 1.0)
    else:
        scale = bend.excess * median
    tail = -np.log(left) if bend.shape == 0 else (left**-bend.shape - 1) / bend.shape
    curve[beyond] += scale * tail
    if maximum is None:
        return curve
    curve = np.minimum(curve, maximum)
    if top < GRID[-2]:
        curve[top + 1e-9 < GRID] = maximum
    else:
        # The last cell is wider than the share of the maximum: its end gives the cell the mean that it has.
        curve[-1] = min(maximum, curve[-2] + 2 * CELLS * (1 - top) * (maximum - curve[-2]))
    return curve
