"""Which assumption moves the total: each from low to high alone, and its share of the variance of all together."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from capsim.forecasting.fleet import Fleet
from capsim.forecasting.growth import Growth
from capsim.forecasting.model import Inputs, futures

Floats = NDArray[np.float64]

LOW, HIGH = 0.1, 0.9
SAMPLES = 512
"""A power of two; shares of the variance are then within some percent."""
TENTH = 0.1


@dataclass(frozen=True)
class Sensitivity:
    """What one assumption does to the net present cost.

    Attributes:
        name: of the assumption.
        low: its value at the 10th percentile, or a tenth below where nobody says how far it may be off.
        high: its value at the 90th, or a tenth above.
        basis: where the range comes from.
        npv_low_usd: the total with the low value, all others at their middle.
        npv_high_usd: the total with the high value.
        share: of the variance of the total, from this assumption alone (Sobol's first-order index).
        share_total: from it alone and together with others.
    """

    name: str
    low: float
    high: float
    basis: str
    npv_low_usd: float
    npv_high_usd: float
    share: float
    share_total: float


@dataclass(frozen=True)
class Factor:
    """An assumption that may be otherwise.

    Attributes:
        name: of it.
        basis: where its range comes from.
        value: its value at a probability.
        put: the inputs with it at probabilities, one a future.
    """

    name: str
    basis: str
    value: Callable[[float], float]
    put: Callable[[Inputs, Floats], Inputs]


def sensitivities(growth: Growth, fleet: Fleet, middle: Inputs, shocks: Floats) -> list[Sensitivity]:
    """Every assumption, the one that moves the total most first.

    Args:
        growth: what is known of it.
        fleet: how it follows demand.
        middle: one future with everything at its middle, shocks of zero.
        shocks: those of the futures, to choose from.
    """
    factors = _factors(growth, middle, shocks)
    lows, highs = _tornado(growth, fleet, middle, factors)
    first, total = _shares(growth, fleet, middle, factors)
    told = [
        Sensitivity(f.name, f.value(LOW), f.value(HIGH), f.basis, lows[i], highs[i], first[i], total[i])
        for i, f in enumerate(factors)
    ]
    return sorted(told, key=lambda each: -abs(each.npv_high_usd - each.npv_low_usd))


def _factors(growth: Growth, middle: Inputs, shocks: Floats) -> list[Factor]:
    known = growth.differences is not None or growth.drift_sd > 0
    factors = [_growth(growth) if known else _tenth("growth", "drift", middle)]
    if growth.sigma:
        factors.append(_chance(shocks))
    for name, field in (("peak over mean", "peak"), ("capacity of servers", "capacity"), ("price of servers", "price")):
        factors.append(_tenth(name, field, middle))
    if float(middle.price_change[0]):
        factors.append(_tenth("change of prices", "price_change", middle))
    if float(middle.discount[0]):
        factors.append(_tenth("cost of capital", "discount", middle))
    return factors


def _growth(growth: Growth) -> Factor:
    """The drift, whatever the standard deviation: Student's t of a history, normal where it was given."""
    from scipy.special import ndtri, stdtrit

    def drift(u: Floats) -> Floats:
        if growth.differences is None:
            return np.asarray(growth.drift + growth.drift_sd * ndtri(u))
        return np.asarray(growth.drift + growth.drift_sd * stdtrit(growth.differences - 1, u))

    basis = "given" if growth.differences is None else f"{growth.differences} monthly differences"
    return Factor(
        "growth",
        basis,
        lambda u: float(np.expm1(drift(np.array(u)))),
        lambda inputs, u: replace(inputs, drift=drift(u)),
    )


def _chance(shocks: Floats) -> Factor:
    """What happens from month to month: whole paths, in the order of how much demand they bring."""
    from scipy.special import ndtri

    by_demand = shocks[np.argsort(np.cumsum(shocks, axis=1).mean(axis=1))]

    def put(inputs: Inputs, u: Floats) -> Inputs:
        return replace(inputs, shocks=by_demand[np.minimum((u * len(by_demand)).astype(np.int64), len(by_demand) - 1)])

    return Factor("month to month", "the spread of the history", lambda u: float(ndtri(u)), put)


def _tenth(name: str, field: str, middle: Inputs) -> Factor:
    """A tenth less to a tenth more, evenly."""
    centre = float(getattr(middle, field)[0])
    # The 10th and the 90th percentile are a tenth off, so that the ends are an eighth off.
    half = TENTH * abs(centre) / (HIGH - 0.5) / 2

    def value(u: Floats) -> Floats:
        return np.asarray(centre + half * (2 * u - 1))

    basis = "assumed: nobody says how far it may be off, so a tenth"
    told = (
        (lambda u: float(np.expm1(value(np.array(u))))) if field == "drift" else (lambda u: float(value(np.array(u))))
    )
    return Factor(name, basis, told, lambda inputs, u: replace(inputs, **{field: value(u)}))


def _repeated(middle: Inputs, count: int) -> Inputs:
    return Inputs(**{name: np.repeat(value, count, axis=0) for name, value in vars(middle).items()})


def _tornado(
    growth: Growth, fleet: Fleet, middle: Inputs, factors: Sequence[Factor]
) -> tuple[list[float], list[float]]:
    """The total with each factor low, and with it high."""
    ends = [
        [float(futures(growth, fleet, factor.put(middle, np.array([end]))).npv_usd[0]) for factor in factors]
        for end in (LOW, HIGH)
    ]
    return ends[0], ends[1]


def _shares(growth: Growth, fleet: Fleet, middle: Inputs, factors: Sequence[Factor]) -> tuple[list[float], list[float]]:
    """First-order and total indices of Sobol (Saltelli et al., Computer Physics Communications 181, 2010)."""
    from scipy.stats import sobol_indices, uniform

    def total(u: Floats) -> Floats:
        inputs = _repeated(middle, u.shape[1])
        for factor, row in zip(factors, u, strict=True):
            inputs = factor.put(inputs, row)
        # Of a few futures that grow beyond measure nothing else could be seen.
        return np.log(np.maximum(futures(growth, fleet, inputs).npv_usd, 1.0))

    even: Any = uniform()
    indices = sobol_indices(func=total, n=SAMPLES, dists=[even] * len(factors), rng=np.random.default_rng(0))
    clean = [
        [min(max(float(x), 0.0), 1.0) if math.isfinite(x) else 0.0 for x in row]
        for row in (indices.first_order, indices.total_order)
    ]
    return clean[0], clean[1]
