"""Rates that stay for a while and then change."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Piecewise:
    """Constant rates one after the other; the last goes on.

    Attributes:
        at_s: when each begins (s), rising from 0.
        per_s: the rates (1/s).
    """

    at_s: Floats
    per_s: Floats

    @cached_property
    def reached(self) -> Floats:
        """How many arrivals are expected before each begins."""
        return np.concatenate([[0.0], np.cumsum(np.diff(self.at_s) * self.per_s[:-1])])

    def instants_s(self, counts: Floats) -> Floats:
        """When the expected number of arrivals so far reaches each count (s); infinite where it never does."""
        # The piece in which a count is reached: at its end, not after a pause that follows.
        i = np.maximum(np.searchsorted(self.reached, counts, side="left") - 1, 0)
        with np.errstate(divide="ignore"):
            return np.asarray(self.at_s[i] + (counts - self.reached[i]) / self.per_s[i])

    def mean_per_s(self, horizon_s: float) -> float:
        """The mean rate from 0 to the horizon."""
        spans = np.diff(np.minimum(np.append(self.at_s, np.inf), horizon_s))
        return float(spans @ self.per_s / horizon_s)
