"""Student's and the chi-square distribution, without the second that importing scipy.stats takes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def student_quantile(p: float, degrees: float) -> float:
    """The value that is not exceeded with probability `p`."""
    from scipy.special import stdtrit

    return float(stdtrit(degrees, p))


def student_probability(value: float, degrees: float) -> float:
    """The probability not to exceed a value."""
    from scipy.special import stdtr

    return float(stdtr(degrees, value))


def chi_square_quantile(p: float, degrees: float) -> float:
    """The value that is not exceeded with probability `p`."""
    from scipy.special import chdtri

    return float(chdtri(degrees, 1 - p))


def student_probabilities(values: NDArray[np.float64], degrees: float) -> NDArray[np.float64]:
    """The probabilities not to exceed each of several values."""
    from scipy.special import stdtr

    return np.asarray(stdtr(degrees, values))


def student_quantiles(ps: NDArray[np.float64], degrees: float) -> NDArray[np.float64]:
    """The values that are not exceeded with each of several probabilities."""
    from scipy.special import stdtrit

    return np.asarray(stdtrit(degrees, ps))
