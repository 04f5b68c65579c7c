"""How demand grows: the logarithm of a month's demand is a random walk with drift, and neither is known exactly.

From k monthly differences of the logarithm with mean m and variance s², without prior knowledge: the variance σ² is
(k - 1) s² over a chi-square with k - 1 degrees of freedom, the drift given σ is normal around m with variance σ² / k,
so that both together have Student's t in them (Gelman et al., Bayesian Data Analysis, 3rd edition, section 3.2).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from capsim.costing.series import Series
from capsim.random import Stream

LEAST_MONTHS = 4
"""Of a history: three differences leave two degrees of freedom."""
GIVEN = re.compile(r"\s*([+-]?\d+(?:\.\d+)?)\s*%\s*(?:/\s*(month|year|mo|y))?\s*")

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Growth:
    """What is known of the growth of demand.

    Attributes:
        source: where it comes from.
        level_per_s: demand now, in the month before the first (requests/s).
        drift: mean change of the logarithm in a month.
        drift_sd: standard deviation of what is not known of the drift; of a history it follows from `sigma`.
        sigma: standard deviation of the change of the logarithm from month to month.
        differences: how many differences of a history it comes from; nothing where it was given.
        first: the month of the level, as `2026-11`; nothing where nobody says.
    """

    source: str
    level_per_s: float
    drift: float
    drift_sd: float
    sigma: float
    differences: int | None = None
    first: str | None = None

    @property
    def per_month(self) -> float:
        """Growth of the median by the month, as a fraction."""
        return math.expm1(self.drift)

    def spreads(self, uniforms: Floats) -> Floats:
        """The month-to-month standard deviation at these probabilities."""
        if self.differences is None:
            return np.full_like(uniforms, self.sigma)
        from scipy.special import gammaincinv

        free = self.differences - 1
        # The chi-square is twice a gamma; its upper quantiles are the lower ones of the variance.
        return np.asarray(self.sigma * np.sqrt(free / (2 * gammaincinv(free / 2, 1 - uniforms))))

    def drifts(self, uniforms: Floats, sigma: Floats) -> Floats:
        """The drift at these probabilities, given the standard deviation from month to month."""
        from scipy.special import ndtri

        unknown = self.drift_sd if self.differences is None else sigma / math.sqrt(self.differences)
        return np.asarray(self.drift + unknown * ndtri(uniforms))

    def demand(self, drift: Floats, sigma: Floats, shocks: Floats) -> Floats:
        """Demand of each future and month (requests/s), from standard normal shocks of the same shape."""
        months = np.arange(1, shocks.shape[1] + 1)
        walk = drift[:, None] * months + sigma[:, None] * np.cumsum(shocks, axis=1)
        return np.asarray(self.level_per_s * np.exp(np.clip(walk, -FARTHEST, FARTHEST)))


FARTHEST = 60.0
"""Logarithm of the most that demand may grow by: beyond any sense, and within a float."""


def from_history(series: Series) -> Growth:
    """The growth that a history of monthly demand tells."""
    steps = np.diff(np.log(series.per_s))
    sigma, count = float(steps.std(ddof=1)), len(steps)
    last = _months_later(series.first[:7], len(series.per_s) - 1)
    source = f"{series.file}, {len(series.per_s)} months from {series.first[:7]} to {last}"
    level = float(series.per_s[-1])
    return Growth(source, level, float(steps.mean()), sigma / math.sqrt(count), sigma, count, last)


def given_growth(level_per_s: float, per_month: float, sd_per_month: float | None, volatility: float | None) -> Growth:
    """Growth that somebody states.

    Args:
        level_per_s: demand now (requests/s).
        per_month: growth by the month, as a fraction.
        sd_per_month: standard deviation of what is not known of it; nothing: it is taken for known.
        volatility: standard deviation of the change from month to month; nothing: every month grows alike.
    """
    sd = (sd_per_month or 0.0) / (1 + per_month)
    return Growth("given", level_per_s, math.log1p(per_month), sd, volatility or 0.0)


def per_month(text: str) -> float:
    """A growth such as `5 %/month` or `60 %/year` by the month, as a fraction.

    Raises:
        ValueError: it is none, or shrinks to nothing.
    """
    match = GIVEN.fullmatch(text)
    if match is None:
        raise ValueError(f"expected a growth such as '5 %/month' or '60 %/year', got '{text[:40]}'")
    share = float(match[1]) / 100
    if not -1 < share <= 100:
        raise ValueError(f"must be more than -100 % and at most 10,000 %, got '{text.strip()[:40]}'")
    return (1 + share) ** (1 / 12) - 1 if match[2] in {"year", "y"} else share


@dataclass(frozen=True)
class Chance:
    """Uniform numbers behind the futures.

    Attributes:
        spread: of the standard deviation from month to month, one a future.
        drift: of the drift, one a future.
        shocks: standard normal, future × month.
    """

    spread: Floats
    drift: Floats
    shocks: Floats


def chance(seed: int, futures: int, months: int) -> Chance:
    """The chance of these many futures; the same seed gives the same."""
    from scipy.special import ndtri

    drawn = {name: Stream.named(seed, 0, f"forecast/{name}") for name in ("spread", "drift", "shocks")}
    shocks = ndtri(drawn["shocks"].uniforms(0, futures * months)).reshape(futures, months)
    return Chance(drawn["spread"].uniforms(0, futures), drawn["drift"].uniforms(0, futures), shocks)


def _months_later(month: str, count: int) -> str:
    years, months = divmod(int(month[:4]) * 12 + int(month[5:7]) - 1 + count, 12)
    return f"{years:04}-{months + 1:02}"


def calendar(first: str | None, month: int) -> str | None:
    """The calendar month so many after the first; nothing where nobody says which that is."""
    return None if first is None else _months_later(first, month)
