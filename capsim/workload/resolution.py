"""How finely the times of a trace were recorded, and where within that each request was sent.

A log in whole seconds does not say that the requests of a second were sent together: they are spread over it, as
independent uniforms in order (what a Poisson process does within a second of known count; Kingman, Poisson Processes,
1993, section 2.4).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from capsim.random import Stream

Floats = NDArray[np.float64]

US_PER_S = 1e6
STEPS_S = (86400, 3600, 1800, 900, 600, 300, 60, 30, 15, 10, 5, 1, 0.5, 0.1, 0.05, 0.01, 0.005, 0.001, 1e-4, 1e-5)
"""What logs count time in, from coarse to fine (s)."""
FEWEST_INSTANTS = 3
"""Fewer different instants may be whole multiples of a step by chance, or bursts that were meant."""
SHARED = 0.05
"""The share of requests at one instant with another from which the resolution changes what is simulated."""


def recorded_in_s(times_s: Floats) -> float | None:
    """The coarsest step (s) that all times were recorded in, counted from the first.

    None where there are fewer than three different instants, where few requests share one, or where no step fits.
    """
    whole = np.rint((times_s - times_s[0]) * US_PER_S).astype(np.int64)
    instants, often = np.unique(whole, return_counts=True)
    if len(instants) < FEWEST_INSTANTS or often[often > 1].sum() < SHARED * len(times_s):
        return None
    common = int(np.gcd.reduce(instants))
    return next((float(step) for step in STEPS_S if common % round(step * US_PER_S) == 0), None)


def is_multiple(times_s: Floats, step_s: float) -> NDArray[np.bool_]:
    """Which times are whole steps from the first, to a microsecond."""
    off = (times_s - times_s[0] + step_s / 2) % step_s - step_s / 2
    return np.asarray(np.abs(off) <= 1 / US_PER_S)


def spread_s(times_s: Floats, step_s: float, stream: Stream) -> Floats:
    """For each time another anywhere within the step that it was recorded in (s); these need not be in order."""
    return times_s + step_s * stream.uniforms(0, len(times_s))
