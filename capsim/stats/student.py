"""Student's and the chi-square distribution, without the second that importing scipy.stats takes."""

from __future__ import annotations


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
