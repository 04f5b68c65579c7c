"""Whether and by how much the latency of one batch size differs between two measurements.

Tests that take samples for independent find a difference between any two measurements of one machine: both drift, and
each its own way. Here n samples count as the n / τ independent ones that they are worth.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb, exp, inf, log, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from capsim.profile.dependence import effective_samples, ranks
from capsim.profile.quantiles import Quantile

Floats = NDArray[np.float64]

FEWEST_INDEPENDENT = 5


@dataclass(frozen=True)
class Ratio:
    """B over A.

    Attributes:
        value: the ratio.
        low: lower end of its 95 % interval; 0 where it is not known.
        high: upper end; infinite where it is not known.
    """

    value: float
    low: float
    high: float

    def to_dict(self) -> dict[str, Any]:
        """For JSON: an end that is not known is null."""
        return {"value": self.value, "ci95": [self.low or None, self.high if self.high < inf else None]}


def ratio(a: Quantile, b: Quantile) -> Ratio:
    """The ratio of two quantiles, from the interval of each (MOVER on the logarithm).

    Each interval's distance from its value to the end that matters stands for its error (Zou and Donner, "Construction
    of confidence limits about effect measures: a general approach", Statistics in Medicine 27(10), 2008).
    """
    value = b.value / a.value
    down = inf if not b.low or a.high == inf else _hypotenuse(b.value / b.low, a.high / a.value)
    up = inf if not a.low or b.high == inf else _hypotenuse(b.high / b.value, a.value / a.low)
    return Ratio(value, value * exp(-down), value * exp(up))


def _hypotenuse(first: float, second: float) -> float:
    return sqrt(log(first) ** 2 + log(second) ** 2)


def typical_p(a: Floats, b: Floats) -> float | None:
    """How probable it is by chance alone that one series is as often slower than the other; none with too few samples.

    The test of Brunner and Munzel ("The nonparametric Behrens-Fisher problem", Biometrical Journal 42(1), 2000): that
    of Mann and Whitney without the assumption that both scatter alike.
    """
    from scipy.special import stdtr

    first, second = effective_samples(ranks(a)), effective_samples(ranks(b))
    if min(first, second) < FEWEST_INDEPENDENT:
        return None
    above_a, below_b = _share_below(b, a), _share_below(a, b)
    errors = float(np.var(above_a, ddof=1)) / first, float(np.var(below_b, ddof=1)) / second
    # No test knows more than that all of one series lie above all of the other.
    least = 2 / comb(first + second, first)
    error = sum(errors)
    away = float(below_b.mean()) - 0.5
    if error == 0:
        return 1.0 if away == 0 else least
    degrees = error**2 / (errors[0] ** 2 / (first - 1) + errors[1] ** 2 / (second - 1))
    return max(least, 2 * float(stdtr(degrees, -abs(away) / sqrt(error))))


def _share_below(of: Floats, than: Floats) -> Floats:
    """For each value of `than`, the share of `of` that lies below, ties counted half."""
    ordered = np.sort(of)
    sides = np.searchsorted(ordered, than, "left") + np.searchsorted(ordered, than, "right")
    return np.asarray(sides / (2 * len(of)))


def slower_share(a: Floats, b: Floats) -> float:
    """How probable it is that a batch of B takes longer than one of A, ties counted half."""
    return float(_share_below(a, b).mean())


def tail_p(a: Floats, b: Floats, level: float) -> float | None:
    """How probable it is by chance alone that the slowest batches fall so unevenly on the two series.

    Fisher's exact test of how many of each lie above the joint quantile (the quantile test of Johnson, Verrill and
    Moore, "Two-sample rank tests for detecting changes that occur in a small proportion of the treated population",
    Biometrics 43(3), 1987).
    """
    from scipy.stats import fisher_exact

    threshold = float(np.quantile(np.concatenate([a, b]), level))
    beyond = [(series > threshold).astype(np.float64) for series in (a, b)]
    # The series with few slow batches shows nothing of how they cluster: both count as the other shows.
    tau = max(len(each) / effective_samples(each) for each in beyond)
    worth = [int(len(each) / tau) for each in beyond]
    if min(worth) < FEWEST_INDEPENDENT:
        return None
    above = [round(float(each.mean()) * count) for each, count in zip(beyond, worth, strict=True)]
    return float(fisher_exact(np.array([above, np.subtract(worth, above)])).pvalue)


def holm(p_values: list[float | None]) -> list[float | None]:
    """The p values corrected for their number; a correction of nothing is nothing.

    The chance that any of them is below 5 % where nothing differs stays below 5 % (Holm, "A simple sequentially
    rejective multiple test procedure", Scandinavian Journal of Statistics 6(2), 1979).
    """
    known = sorted((p, place) for place, p in enumerate(p_values) if p is not None)
    corrected: list[float | None] = [None] * len(p_values)
    largest = 0.0
    for rank, (p, place) in enumerate(known):
        largest = max(largest, min(1.0, p * (len(known) - rank)))
        corrected[place] = largest
    return corrected
