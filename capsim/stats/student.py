"""Student's distribution, without the second that importing scipy.stats takes."""

from __future__ import annotations


def student_quantile(p: float, degrees: int) -> float:
    """The value that is not exceeded with probability `p`."""
    from scipy.special import stdtrit

    return float(stdtrit(degrees, p))


def student_probability(value: float, degrees: int) -> float:
    """The probability not to exceed a value."""
    from scipy.special import stdtr

    return float(stdtr(degrees, value))
