"""Variation that nobody measured: what is assumed of a profile that has none, such as composed kernel latencies.

It works like `noise`, which calibration fits: a lognormal factor of mean 1 on the work of the device. The two are kept
apart because an answer tells what was assumed from what was fitted.
"""

from __future__ import annotations

import math

from capsim.parameters import parameters
from capsim.units import Share


@parameters
class Jitter:
    """An assumption about how much service varies beyond the profile; every answer says that it was made."""

    cv: Share
    """Coefficient of variation (standard deviation over mean) of the factor."""


def together(*cvs: float) -> float:
    """The coefficient of variation of a product of independent factors of mean 1.

    Since E[(XY)²] = E[X²] E[Y²], 1 + cv² multiplies; a product of lognormal factors is lognormal.
    """
    told = [cv for cv in cvs if cv]
    return math.sqrt(math.prod(1 + cv**2 for cv in told) - 1) if len(told) > 1 else sum(told)
