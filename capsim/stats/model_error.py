"""How far the real system may be from the simulated one, joined with what the simulation does not know itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import exp, hypot, isfinite, isnan, log

import numpy as np

from capsim.stats.confidence import Confidence, Floats
from capsim.stats.student import student_probabilities, student_quantile

OUTSIDE = 0.025
NODES = 80
"""Slices of the simulation's distribution; they are finer towards its ends."""
NORMAL = 1e6
"""Degrees of freedom of a normal distribution, to any digit that matters."""
FARTHEST = 9.0
"""Log odds of the outermost slices."""

MOST_STEPS, NEAR = 60, 1e-6


@dataclass(frozen=True)
class ModelError:
    """The logarithm of real over simulated, by Student's distribution.

    Attributes:
        shift: its centre.
        deviation: its standard deviation.
        degrees: of freedom.
    """

    shift: float
    deviation: float
    degrees: float = NORMAL

    @classmethod
    def summed(cls, parts: Sequence[ModelError]) -> ModelError | None:
        """The error that several independent ones make; none without any.

        Degrees of freedom by Welch and Satterthwaite (Satterthwaite, "An approximate distribution of estimates of
        variance components", Biometrics Bulletin 2(6), 1946, equation 17).
        """
        parts = [part for part in parts if part.deviation > 0 or part.shift != 0]
        if not parts:
            return None
        variance = sum(part.deviation**2 for part in parts)
        uncertain = sum(part.deviation**4 / part.degrees for part in parts)
        degrees = variance**2 / uncertain if uncertain else NORMAL
        return cls(sum(part.shift for part in parts), variance**0.5, degrees)

    def quantile(self, p: float) -> float:
        """What the logarithm is at most with probability `p`."""
        return self.shift + self.deviation * student_quantile(p, self.degrees)


@dataclass(frozen=True, eq=False)
class Joined:
    """A `Confidence` of the real system: the simulation's, times a factor that is known as `error` says."""

    simulated: Confidence
    error: ModelError

    @property
    def value(self) -> float:
        """See `Confidence`: the simulation's, as it is the answer."""
        return self.simulated.value

    @cached_property
    def _slices(self) -> tuple[np.ndarray[tuple[int], np.dtype[np.float64]], ...]:
        """Logarithms of what the simulation says, at the middle of slices of probability, with their widths."""
        odds = np.linspace(-FARTHEST, FARTHEST, NODES - 1)
        edges = np.concatenate([[0.0], 1 / (1 + np.exp(-odds)), [1.0]])
        values = self.simulated.quantiles((edges[:-1] + edges[1:]) / 2)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.log(values), np.diff(edges)

    def interval(self) -> tuple[float, float]:
        """The 95 % interval."""
        return self.quantile(OUTSIDE), self.quantile(1 - OUTSIDE)

    def cdf(self, x: float) -> float:
        """See `Confidence`: the share of slices whose factor to `x` the error allows; not a number if not known."""
        values, widths = self._slices
        if x <= 0:
            return 0.0
        if np.isnan(values).any():
            # Below nothing, on a scale without logarithm: chance alone decides.
            return self.simulated.cdf(x)
        with np.errstate(invalid="ignore"):
            distances = (log(x) - values - self.error.shift) / (self.error.deviation or 1e-12)
        return float(widths @ student_probabilities(distances, self.error.degrees))

    def quantiles(self, ps: Floats) -> Floats:
        """See `Confidence`."""
        return np.array([self.quantile(p) for p in ps.tolist()])

    def quantile(self, p: float) -> float:
        """See `Confidence`."""
        simulated = self.simulated.quantile(p)
        if isnan(simulated) or not isfinite(simulated) or simulated <= 0 or np.isnan(self._slices[0]).any():
            return simulated
        median = log(self.simulated.quantile(0.5))
        distance = hypot(log(simulated) - median, self.error.quantile(p) - self.error.shift) or NEAR
        near = median + self.error.shift + (distance if p > 0.5 else -distance)
        return exp(_crossing(lambda x: self.cdf(exp(x)) - p, near, distance / 5))


def _crossing(rising: Callable[[float], float], near: float, step: float) -> float:
    """Where a rising function is zero, to a millionth (the Illinois rule: Dowell and Jarratt, BIT 11, 1971)."""
    low = high = near
    below = above = rising(near)
    for _ in range(MOST_STEPS):
        if below < 0 < above:
            break
        if above <= 0:
            low, below, high = high, above, high + step
            above = rising(high)
        else:
            high, above, low = low, below, low - step
            below = rising(low)
        step *= 2
    for _ in range(MOST_STEPS):
        if high - low < NEAR or below >= 0 or above <= 0:
            break
        middle = (low * above - high * below) / (above - below)
        at = rising(middle)
        if abs(at) < NEAR:
            return middle
        if at < 0:
            low, below, above = middle, at, above / 2
        else:
            high, above, below = middle, at, below / 2
    return (low + high) / 2


def joined(simulated: Mapping[str, Confidence], errors: Mapping[str, ModelError]) -> dict[str, Confidence]:
    """What is known of the real system, by statistic."""
    return {name: Joined(known, errors[name]) if name in errors else known for name, known in simulated.items()}
