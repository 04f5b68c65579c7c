"""Least squares by simulation: settings that predict the measurements, no further from what is usual than needed."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from capsim.validation.knobs import Knob

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
"""Weighted log ratios of predicted and measured with these knobs turned and all others at zero."""


def fit(knobs: Sequence[Knob], residuals: Residuals) -> Fitted:
    """The knobs that earn their place, at the values that predict best."""
    kept = list(knobs)
    if not kept:
        return Fitted([], np.zeros(0), np.zeros((0, 0)), _variance(residuals([], np.zeros(0)), 0), [])
    y = _search(kept, residuals)
    kept, y, dropped = _drop_unearned(kept, y, residuals)
    if dropped and kept:
        y = _descend(kept, y, residuals, STEPS[-1])
    data = residuals(kept, np.exp(y))
    variance = _variance(data, len(kept))
    return Fitted(kept, np.exp(y), _covariance(kept, y, residuals, variance), variance, dropped)


def _pull(knobs: Sequence[Knob], y: Floats) -> Floats:
    usual = np.array([math.log(knob.kind.usual) for knob in knobs])
    return np.asarray(PULL * (y - usual) / np.array([knob.kind.spread for knob in knobs]))


def _all(knobs: Sequence[Knob], residuals: Residuals, y: Floats) -> Floats:
    return np.concatenate([residuals(knobs, np.exp(y)), _pull(knobs, y)])


def _search(knobs: Sequence[Knob], residuals: Residuals) -> Floats:
    """The best of several descents, from the best of many points spread over what is usual."""
    from scipy.special import ndtri
    from scipy.stats import qmc

    grid = ndtri(qmc.Sobol(len(knobs), scramble=False).random(STARTS * 2)[1 : STARTS + 1])
    usual = np.array([math.log(knob.kind.usual) for knob in knobs])
    spread = np.array([knob.kind.spread for knob in knobs])
    starts = np.clip(usual + spread * grid, *_bounds(knobs))
    starts[0] = usual
    costs = [float(np.sum(_all(knobs, residuals, start) ** 2)) for start in starts]
    best, best_cost = np.asarray(starts[int(np.argmin(costs))]), min(costs)
    for i in np.argsort(costs)[:KEPT]:
        y = starts[i]
        for step in STEPS:
            y = _descend(knobs, y, residuals, step)
        cost = float(np.sum(_all(knobs, residuals, y) ** 2))
        if cost < best_cost:
            best, best_cost = y, cost
    return np.asarray(best)


def _bounds(knobs: Sequence[Knob]) -> tuple[Floats, Floats]:
    most = np.log([knob.kind.most for knob in knobs])
    return np.full(len(knobs), math.log(LEAST)), most


def _descend(knobs: Sequence[Knob], y: Floats, residuals: Residuals, step: float) -> Floats:
    from scipy.optimize import least_squares

    low, high = _bounds(knobs)
    # The step is one of the logarithm itself, wherever that stands.
    relative = step / np.maximum(np.abs(y), 0.05)
    inside = np.clip(y, low + 1e-6, high - 1e-6)

    def squares(at: Floats) -> Floats:
        return _all(knobs, residuals, at)

    found = least_squares(squares, inside, bounds=(low, high), diff_step=relative, max_nfev=MOST_ITERATIONS)
    return np.asarray(found.x)


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
