"""Requests burstier or smoother than Poisson."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from capsim.distributions import Variation, unit_quantile
from capsim.parameters import parameters
from capsim.workload.open_loop import Renewal
from capsim.workload.rates import RateOverTime


@parameters
class Gamma(Renewal):
    """Arrivals with gamma distributed gaps: cv above 1 is burstier than Poisson, below 1 smoother."""

    process: Literal["gamma"]
    """Which arrival process."""
    rate: RateOverTime
    """Requests per unit of time, constant or varying over time."""
    cv: Variation
    """Coefficient of variation of the gaps; 1 is Poisson."""

    def unit_gaps(self, u: NDArray[np.float64]) -> NDArray[np.float64]:
        """Gaps of mean 1 from uniforms."""
        return unit_quantile("gamma", self.cv, u)
