"""Worlds whose growth is known, to see how often a forecast's range holds: for tests and `benchmarks/forecast.py`."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from capsim.costing.series import Series
from capsim.forecasting.growth import Growth, chance, from_history

Floats = NDArray[np.float64]
World = Callable[[np.random.Generator, int], Floats]
"""Chance and a number of months to the demand of each month."""

AHEAD = 12
"""Months after the history for which the range is looked at."""


def _walk(chance: np.random.Generator, months: int) -> Floats:
    """A random walk of the logarithm: drift of -2 to 8 %, spread of 2 to 15 %."""
    drift, sigma = chance.uniform(-0.02, 0.08), chance.uniform(0.02, 0.15)
    return np.asarray(100 * np.exp(np.cumsum(chance.normal(drift, sigma, months))))


def _shifted(chance: np.random.Generator, months: int) -> Floats:
    """The same, and at an unknown month of the year to come demand halves or doubles."""
    demand = _walk(chance, months)
    demand[months - AHEAD + int(chance.integers(0, AHEAD)) :] *= chance.choice([0.5, 2.0])
    return demand


def _saturating(chance: np.random.Generator, months: int) -> Floats:
    """Logistic growth that has come to between 20 and 80 % of its end when the history ends."""
    at_end, rate = chance.uniform(0.2, 0.8), chance.uniform(0.1, 0.25)
    t = np.arange(months) - (months - AHEAD - 1)
    start = np.log(at_end / (1 - at_end))
    noise = np.exp(np.cumsum(chance.normal(0, 0.03, months)))
    return np.asarray(1000 / (1 + np.exp(-(start + rate * t))) * noise)


def _noisy(chance: np.random.Generator, months: int) -> Floats:
    """A steady trend with independent errors around it: months that jump go back again."""
    drift, sigma = chance.uniform(-0.02, 0.08), chance.uniform(0.02, 0.15)
    return np.asarray(100 * np.exp(drift * np.arange(months) + chance.normal(0, sigma, months)))


WORLDS: dict[str, World] = {
    "random walk": _walk,
    "level shift": _shifted,
    "saturation": _saturating,
    "trend with errors": _noisy,
}


def covered(world: World, history: int, worlds: int, futures: int, seed: int, *, plugged_in: bool = False) -> float:
    """In what share of worlds the demand a year after the history lies between the 10th and the 90th percentile.

    `plugged_in` takes the estimated growth and spread for the true ones, to see what their uncertainty is worth.
    """
    random = np.random.default_rng(seed)
    hits = 0
    for number in range(worlds):
        demand = world(random, history + AHEAD)
        known = from_history(Series("", "2026-01", demand[:history]))
        low, high = np.quantile(_predicted(known, futures, number, plugged_in=plugged_in), [0.1, 0.9])
        hits += int(low <= demand[-1] <= high)
    return hits / worlds


def _predicted(known: Growth, futures: int, seed: int, *, plugged_in: bool) -> Floats:
    drawn = chance(seed, futures, AHEAD)
    sigma = np.full(futures, known.sigma) if plugged_in else known.spreads(drawn.spread)
    drift = np.full(futures, known.drift) if plugged_in else known.drifts(drawn.drift, sigma)
    return np.asarray(known.demand(drift, sigma, drawn.shocks)[:, -1])
