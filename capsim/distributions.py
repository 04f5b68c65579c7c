"""Distributions of positive times by mean and coefficient of variation, drawn by inverse transform."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from capsim.parameters import Number, parameters
from capsim.units import PositiveDuration

Name = Literal["constant", "exponential", "lognormal", "gamma"]
CV_OF = {"constant": 0.0, "exponential": 1.0}
Variation = Annotated[Number, Field(gt=0, le=100)]
"""A coefficient of variation; far above 100 nearly all draws of a gamma distribution are zero."""


def check_variation(name: Name, cv: float | None) -> None:
    """Refuse a cv where it has no meaning, and its absence where it has.

    Raises:
        ValueError: one of these.
    """
    if name in CV_OF and cv is not None:
        raise ValueError(f"{name} has no cv; leave it out, or choose lognormal or gamma")
    if name not in CV_OF and cv is None:
        raise ValueError(f"{name} needs a cv")


@dataclass(frozen=True)
class Variate:
    """A positive random number of mean 1, by its distribution and coefficient of variation."""

    distribution: Name
    cv: float

    def quantile(self, u: NDArray[np.float64]) -> NDArray[np.float64]:
        """The quantile function."""
        return unit_quantile(self.distribution, self.cv, u)


@parameters
class Distribution:
    """A positive random time."""

    # Described by annotation: docstrings of attributes do not reach the classes that inherit them.
    distribution: Annotated[Name, Field(description="constant, exponential, lognormal or gamma.")]
    mean: Annotated[PositiveDuration, Field(description="Mean.")]
    cv: Annotated[
        Variation | None,
        Field(description="Coefficient of variation (standard deviation over mean); lognormal and gamma need it."),
    ] = None

    def __post_init__(self) -> None:
        """Refuse a cv where it has no meaning, and its absence where it has."""
        check_variation(self.distribution, self.cv)

    @property
    def variation(self) -> float:
        """The coefficient of variation."""
        return CV_OF[self.distribution] if self.cv is None else self.cv

    @property
    def variate(self) -> Variate:
        """This distribution scaled to mean 1."""
        return Variate(self.distribution, self.variation)

    def unit_quantile(self, u: NDArray[np.float64]) -> NDArray[np.float64]:
        """The quantile function of this distribution scaled to mean 1."""
        return self.variate.quantile(u)


def unit_quantile(name: Name, cv: float, u: NDArray[np.float64]) -> NDArray[np.float64]:
    """The quantile at `u` of the named distribution with mean 1 and the given coefficient of variation."""
    if name == "constant":
        return np.ones_like(u)
    if name == "exponential":
        quantiles = np.negative(u)
        return np.negative(np.log1p(quantiles, out=quantiles), out=quantiles)
    if name == "lognormal":
        from scipy.special import ndtri

        variance = math.log1p(cv * cv)
        return np.asarray(np.exp(math.sqrt(variance) * ndtri(u) - variance / 2))
    from scipy.special import gammaincinv

    shape = 1 / (cv * cv)
    return np.asarray(gammaincinv(shape, u) / shape)


def unit_share(name: Name, cv: float, x: NDArray[np.float64]) -> NDArray[np.float64]:
    """The probability of at most `x` under the named distribution with mean 1: the inverse of `unit_quantile`."""
    if name == "constant":
        return np.asarray(x >= 1, dtype=np.float64)
    if name == "exponential":
        return np.asarray(-np.expm1(-x))
    if name == "lognormal":
        from scipy.special import ndtr

        variance = math.log1p(cv * cv)
        return np.asarray(ndtr((np.log(x) + variance / 2) / math.sqrt(variance)))
    from scipy.special import gammainc

    shape = 1 / (cv * cv)
    return np.asarray(gammainc(shape, shape * x))
