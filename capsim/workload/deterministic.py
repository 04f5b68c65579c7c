"""Requests at equal gaps."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from capsim.parameters import parameters
from capsim.workload.open_loop import Renewal
from capsim.workload.rates import RateOverTime


@parameters
class Deterministic(Renewal):
    """Arrivals at equal gaps, the first after one gap."""

    process: Literal["deterministic"]
    """Which arrival process."""
    rate: RateOverTime
    """Requests per unit of time, constant or varying over time."""

    def unit_gaps(self, u: NDArray[np.float64]) -> NDArray[np.float64]:
        """Gaps of 1."""
        return np.ones_like(u)
