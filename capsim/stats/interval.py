"""Values with their intervals, as answers tell them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from capsim.stats.confidence import Known
from capsim.stats.model_error import Joined, ModelError


@dataclass(frozen=True)
class Interval:
    """A value with its 95 % interval; None where it can't be known."""

    value: float | None
    ci95: tuple[float, float] | None

    def __str__(self) -> str:
        """The value and its interval."""
        if self.value is None:
            return "unknown"
        return f"{self.value:.4g}" + (f" [{self.ci95[0]:.4g}, {self.ci95[1]:.4g}]" if self.ci95 else "")


@dataclass(frozen=True)
class LatencyInterval(Interval):
    """A latency with two 95 % intervals.

    Attributes:
        pi95: of the real system, with everything that is known to be uncertain; `ci95` has chance alone.
    """

    pi95: tuple[float, float] | None = None


def told(known: Known, factor: float = 1.0) -> Interval:
    """What is known of a value, times a factor."""
    interval = known.interval()
    ci95 = None if interval is None else (interval[0] * factor, interval[1] * factor)
    return Interval(known.value * factor if math.isfinite(known.value) else None, ci95)


def told_with(known: Known, error: ModelError | None) -> LatencyInterval:
    """What is known of a latency by chance alone, and with what else is known to be uncertain."""
    simulated = told(known)
    if error is None or simulated.ci95 is None:
        return LatencyInterval(simulated.value, simulated.ci95, simulated.ci95)
    return LatencyInterval(simulated.value, simulated.ci95, Joined(known, error).interval())
