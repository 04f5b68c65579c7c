"""Requests of many independent senders."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from capsim.distributions import unit_quantile
from capsim.parameters import parameters
from capsim.workload.open_loop import Renewal
from capsim.workload.rates import RateOverTime


@parameters
class Poisson(Renewal):
    """Poisson arrivals: exponential gaps, the load of many independent senders."""

    process: Literal["poisson"]
    """Which arrival process."""
    rate: RateOverTime
    """Requests per unit of time, constant or varying over time."""

    def unit_gaps(self, u: NDArray[np.float64]) -> NDArray[np.float64]:
        """Gaps of mean 1 from uniforms."""
        return unit_quantile("exponential", 1.0, u)
