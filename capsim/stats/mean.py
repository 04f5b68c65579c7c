"""How well the runs know a mean time.

A queue that was longer than usual makes the mean larger and its error too: in heavy traffic the variance of a mean over
a given time is proportional to the fourth power of the mean (Whitt, "Planning queueing simulations", Management Science
35(11), 1989, equation 21 for M/M/1). So a candidate for the long-run mean is judged by the error that it would have
itself: a score interval, whose upper end is further away than the lower, and open where little is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isfinite, isnan, nan, sqrt

import numpy as np
from numpy.typing import NDArray

from capsim.stats.sample import Sample
from capsim.stats.sections import CONFIDENCE, Sections
from capsim.stats.student import student_probability, student_quantile
from capsim.stats.tail import Tail

Floats = NDArray[np.float64]

SLOWEST = 0.025
"""Share of requests that tell how far the error of a mean can be trusted."""


@dataclass(frozen=True)
class Mean:
    """What the runs know of a mean: see the top.

    Attributes:
        value: of all requests together; infinite where one did not complete.
        error: its standard error over the value; not a number where none is known.
        degrees: Student's degrees of freedom, by how well the error is known.
        parts: what each section says.
    """

    value: float
    error: float
    degrees: float
    parts: tuple[float, ...]

    def cdf(self, x: float) -> float:
        """See `Confidence`; all or nothing without an error."""
        if not isfinite(self.value) or not self.error or isnan(self.error):
            return float(x >= self.value)
        ratio = min(x / self.value, 2.0)
        return student_probability((ratio - 1) / ratio**2 / self.error, self.degrees) if ratio > 0 else 0.0

    def quantile(self, p: float) -> float:
        """See `Confidence`."""
        if not isfinite(self.value) or not self.error:
            return self.value
        if isnan(self.error):
            return nan
        distance = 4 * student_quantile(p, self.degrees) * self.error
        return self.value * 2 / (1 + sqrt(1 - distance)) if distance <= 1 else inf

    def quantiles(self, ps: Floats) -> Floats:
        """See `Confidence`."""
        return np.array([self.quantile(p) for p in ps.tolist()])

    def interval(self) -> tuple[float, float] | None:
        """The 95 % interval; none where the runs don't bound the mean."""
        low, high = self.quantile(0.5 - CONFIDENCE / 2), self.quantile(0.5 + CONFIDENCE / 2)
        return (low, high) if isfinite(high) else None


def mean_of(sections: Sections, samples: Sequence[Sample], together: Sample, tail: Tail) -> Mean:
    """What is known of the mean of the requests of all sections together."""
    value, count = together.mean, len(together)
    if not isfinite(value) or not value or not sections.degrees:
        return Mean(value, nan if value else 0.0, 1.0, (value,) * len(samples))
    sums = np.array([sample.total for sample in samples])
    offered = np.array([len(sample) for sample in samples])
    residuals = sections.residuals(sums - value * offered) / count
    error = float(np.sqrt(np.sum(residuals**2))) / value
    slowest = tail.dispersion(SLOWEST)
    # The slowest tell how far the variance can be trusted: that of a gamma variable has 6 over its shape.
    noise = 2 / sections.degrees + (6 / slowest.independent if slowest else 0.0)
    return Mean(value, error, 2 / noise, sections.parts_of(value, residuals))
