"""How long the device works on a batch, from one draw: pure functions of plain numbers."""

from __future__ import annotations

from collections.abc import Sequence


def profiled_work_ns(u: float, lower: Sequence[float], upper: Sequence[float], weight: float) -> int:
    """The work at the uniform `u` between two quantile functions on an equal grid (ns, at least 1).

    Linear between grid points and linear in batch size: `weight` is that of the upper function.
    """
    place = u * (len(lower) - 1)
    cell = int(place)
    part = place - cell
    low = lower[cell] + part * (lower[cell + 1] - lower[cell])
    high = upper[cell] + part * (upper[cell + 1] - upper[cell])
    work = int(low + weight * (high - low) + 0.5)
    return max(1, work)


def drawn_work_ns(x: float, mean_ns: float) -> int:
    """The work of a variate `x` of mean 1 at a mean (ns, at least 1)."""
    work = int(x * mean_ns + 0.5)
    return max(1, work)
