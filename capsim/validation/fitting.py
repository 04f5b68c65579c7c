"""Least squares by simulation: settings that predict the measurements, no further from what is usual than needed."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from capsim.scenario.knobs import Knob

Floats = NDArray[np.float64]

STARTS = 32
KEPT = 3
STEPS = (0.1, 0.03)
"""Steps of the logarithm for the derivatives: wide enough to see over the roughness of a finite simulation."""
MOST_ITERATIONS = 12
PULL = 0.02
"""How strongly the usual value draws, against a residual of one unit of log ratio."""
LEAST = 1e-3
NOISE_FLOOR = 0.015
"""Log ratio that a measurement may be off by itself; nothing is fitted closer than this."""
EARNED = 0.5
"""How much a setting must lower the sum of squares over its variance, with the others left where they are: well below
Akaike's price of a parameter, because the others would make up for some of it."""


@dataclass(frozen=True, eq=False)
class Fitted:
    """Numbers for knobs (in their own unit), with the covariance of their logarithms.

    Attributes:
        knobs: which were kept.
        x: their values.
        covariance: of the logarithms.
        variance: of a log ratio of measured and predicted, weighted.
        dropped: knobs that earned no place.
    """

    knobs: list[Knob]
    x: Floats
    covariance: Floats
    variance: float
    dropped: list[Knob]


Residuals = Callable[[Sequence[Knob], Floats], Floats]
"""Weighted log ratios of predicted and measured with these knobs turned and all others left alone."""


def fit(knobs: Sequence[Knob], residuals: Residuals, pull: float = PULL, *, drop: bool = True) -> Fitted:
    """The knobs that earn their place, at the values that predict best.

    Args:
        knobs: what may be turned.
        residuals: how far predictions are off.
        pull: how strongly the usual value draws, against a residual of one unit of log ratio.
        drop: take out the knobs that earn no place.
    """
    kept = list(knobs)
    if not kept:
        return Fitted([], np.zeros(0), np.zeros((0, 0)), _variance(residuals([], np.zeros(0)), 0), [])
    y = _search(kept, residuals, pull)
    dropped: list[Knob] = []
    if drop:
        kept, y, dropped = _drop_unearned(kept, y, residuals)
    if dropped and kept:
        y = _descend(kept, y, residuals, pull, STEPS[-1])
    data = residuals(kept, np.exp(y))
    variance = _variance(data, len(kept))
    return Fitted(kept, np.exp(y), _covariance(kept, y, residuals, variance), variance, dropped)


def _drawn(knobs: Sequence[Knob], y: Floats, pull: float) -> Floats:
    usual = np.array([math.log(knob.kind.usual) for knob in knobs])
    return np.asarray(pull * (y - usual) / np.array([knob.kind.spread for knob in knobs]))


def _all(knobs: Sequence[Knob], residuals: Residuals, pull: float, y: Floats) -> Floats:
    return np.concatenate([residuals(knobs, np.exp(y)), _drawn(knobs, y, pull)])


def _search(knobs: Sequence[Knob], residuals: Residuals, pull: float) -> Floats:
    """The best of several descents, from the best of many points spread over what is usual."""
    from scipy.special import ndtri
    from scipy.stats import qmc

    grid = ndtri(qmc.Sobol(len(knobs), scramble=False).random(STARTS * 2)[1 : STARTS + 1])
    usual = np.array([math.log(knob.kind.usual) for knob in knobs])
    spread = np.array([knob.kind.spread for knob in knobs])
    starts = np.clip(usual + spread * grid, *_bounds(knobs))
    starts[0] = usual
    costs = [(_cost(knobs, residuals, pull, start), start) for start in starts]
    best = sorted(costs, key=lambda pair: pair[0])[:KEPT]
    for step in STEPS:
        # Only the best of the wide descents is worth a fine one.
        ends = [_descend(knobs, start, residuals, pull, step) for _, start in best]
        best = [min([*best, *((_cost(knobs, residuals, pull, end), end) for end in ends)], key=lambda pair: pair[0])]
    return np.asarray(best[0][1])


def _cost(knobs: Sequence[Knob], residuals: Residuals, pull: float, y: Floats) -> float:
    return float(np.sum(_all(knobs, residuals, pull, y) ** 2))


def _bounds(knobs: Sequence[Knob]) -> tuple[Floats, Floats]:
    most = np.log([knob.kind.most for knob in knobs])
    return np.full(len(knobs), math.log(LEAST)), most


def _descend(knobs: Sequence[Knob], y: Floats, residuals: Residuals, pull: float, step: float) -> Floats:
    from scipy.optimize import least_squares

    low, high = _bounds(knobs)
    # The step is one of the logarithm itself, wherever that stands.
    relative = step / np.maximum(np.abs(y), 0.05)
    inside = np.clip(y, low + 1e-6, high - 1e-6)

    def squares(at: Floats) -> Floats:
        return _all(knobs, residuals, pull, at)

    solution = least_squares(squares, inside, bounds=(low, high), diff_step=relative, max_nfev=MOST_ITERATIONS)
    return np.asarray(solution.x)


def _drop_unearned(knobs: list[Knob], y: Floats, residuals: Residuals) -> tuple[list[Knob], Floats, list[Knob]]:
    """Take out knobs, the least useful first, as long as the fit does not suffer more than a parameter is worth."""
    dropped: list[Knob] = []
    while knobs:
        data = residuals(knobs, np.exp(y))
        variance, squares = _variance(data, len(knobs)), float(data @ data)
        harm = []
        for i in range(len(knobs)):
            others = [*knobs[:i], *knobs[i + 1 :]]
            without = residuals(others, np.exp(np.delete(y, i)))
            harm.append((float(without @ without) - squares) / variance)
        least = int(np.argmin(harm))
        if harm[least] >= EARNED:
            break
        dropped.append(knobs[least])
        knobs, y = [*knobs[:least], *knobs[least + 1 :]], np.delete(y, least)
    return knobs, y, dropped


def _variance(data: Floats, parameters: int) -> float:
    freedom = max(len(data) - parameters, 1)
    return max(float(data @ data) / freedom, NOISE_FLOOR**2)


def _covariance(knobs: Sequence[Knob], y: Floats, residuals: Residuals, variance: float) -> Floats:
    """Of the logarithms: Gauss's approximation, with what is usual as prior knowledge."""
    if not knobs:
        return np.zeros((0, 0))
    step = STEPS[0]
    columns = []
    for i in range(len(knobs)):
        up, down = y.copy(), y.copy()
        up[i], down[i] = y[i] + step, y[i] - step
        columns.append((residuals(knobs, np.exp(up)) - residuals(knobs, np.exp(down))) / (2 * step))
    slopes = np.array(columns).T
    prior = np.diag([1 / knob.kind.spread**2 for knob in knobs])
    return np.asarray(np.linalg.inv(slopes.T @ slopes / variance + prior))
