"""Quantile functions of delays, linear between points that lie denser in the tails."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from capsim.distributions import Distribution
from capsim.engine.blueprint import QuantilePlan

BODY = 1000
"""Points at equal distances."""
FIRST, LAST, PER_OCTAVE = 4, 40, 32
"""In each tail, from 2^-4 of the draws down to 2^-40, which no run sees, so many more for each halving."""


def quantile_plan(delay: Any) -> QuantilePlan:
    """The quantile function of a delay in ns, its mean exact: a time or a distribution."""
    if not isinstance(delay, Distribution):
        return QuantilePlan(np.array([0.0, 1.0]), np.full(2, float(delay)))
    shares = _shares()
    # The ends are drawn by nobody; a quantile function may be infinite there.
    inner = np.clip(shares, 2.0 ** -(LAST + 1), 1 - 2.0 ** -(LAST + 1))
    values = delay.unit_quantile(inner)
    mean = float(np.diff(shares) @ (values[1:] + values[:-1])) / 2
    return QuantilePlan(shares, values * (delay.mean / mean))


def _shares() -> NDArray[np.float64]:
    tail = 2.0 ** -(np.arange(FIRST * PER_OCTAVE, LAST * PER_OCTAVE + 1) / PER_OCTAVE)
    return np.unique(np.concatenate([np.linspace(0.0, 1.0, BODY + 1), tail, 1 - tail]))
