"""What a simulation knows of a long-run value."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Confidence(Protocol):
    """A distribution whose every interval holds the long-run value as often as it says.

    Intervals, probabilities of objectives and whatever joins them with other doubts come from it (confidence
    distribution: Xie and Singh, "Confidence distribution, the frequentist distribution estimator of a parameter",
    International Statistical Review 81(1), 2013).
    """

    @property
    def value(self) -> float:
        """The best single guess; infinite or not a number where there is none."""

    def cdf(self, x: float) -> float:
        """How probable it is that the long-run value is at most `x`; rises with `x` from 0 to 1."""

    def quantile(self, p: float) -> float:
        """What the long-run value is at most with probability `p`; not a number where that isn't known.

        It is infinite where the runs don't bound the value from above.
        """

    def quantiles(self, ps: Floats) -> Floats:
        """Those of many probabilities, each to within a few thousandths of itself."""


class Known(Confidence, Protocol):
    """One whose 95 % interval is told."""

    def interval(self) -> tuple[float, float] | None:
        """The 95 % interval; none where the runs know too little for it."""
