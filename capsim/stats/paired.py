"""The difference between two answers under common random numbers, with its interval.

Both scenarios see the same arrivals and, where their servers are called the same, the same service draws, so that
what chance does to one it does to the other and the difference is known better than either (Law, Simulation
Modeling and Analysis, 5th edition, 2015, sections 10.2.1 and 11.2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, isfinite, log

import numpy as np

from capsim.stats.result import Interval
from capsim.stats.sections import CONFIDENCE
from capsim.stats.student import student_quantile


@dataclass(frozen=True)
class Change:
    """From one answer to another.

    Attributes:
        a: the value in the first.
        b: the value in the second.
        difference: b - a, with the paired Student interval.
        relative: b / a - 1, with the paired Student interval of the logarithm of b / a; none where a or b is not
            above zero.
        significant: whether the interval of the relative change, or of the difference where there is none, leaves
            out zero; nothing where no interval is known.
    """

    a: float | None
    b: float | None
    difference: Interval
    relative: Interval
    significant: bool | None


def change(a: float | None, b: float | None, a_parts: Sequence[float], b_parts: Sequence[float]) -> Change:
    """The change from `a` to `b`; the parts are those of their sections, pair by pair.

    Raises:
        ValueError: the parts are not pairs.
    """
    if a is None or b is None:
        unknown = Interval(None, None)
        return Change(a, b, unknown, unknown, None)
    pairs = [(x, y) for x, y in zip(a_parts, b_parts, strict=True) if isfinite(x) and isfinite(y)]
    first, second = np.array(pairs).reshape(-1, 2).T
    difference = Interval(b - a, _around(b - a, second - first))
    relative = Interval(None, None)
    if a > 0 and b > 0:
        # The logarithm's first-order change: exact in the limit, and free of logarithms of zero.
        on_log = _around(log(b / a), second / b - first / a + log(b / a))
        ci95 = None if on_log is None or max(map(abs, on_log)) > LARGEST_LOG else on_log
        relative = Interval(b / a - 1, None if ci95 is None else (exp(ci95[0]) - 1, exp(ci95[1]) - 1))
    interval = relative.ci95 or difference.ci95
    return Change(a, b, difference, relative, None if interval is None else not interval[0] <= 0 <= interval[1])


FEWEST_PARTS = 3
LARGEST_LOG = 50.0


def _around(value: float, parts: np.ndarray[tuple[int], np.dtype[np.float64]]) -> tuple[float, float] | None:
    """The 95 % Student interval of a value whose sections gave these parts."""
    if len(parts) < FEWEST_PARTS:
        return None
    error = float(np.sqrt(np.sum((parts - value) ** 2) / (len(parts) - 1) / len(parts)))
    half = student_quantile(0.5 + CONFIDENCE / 2, len(parts) - 1) * error
    return value - half, value + half
