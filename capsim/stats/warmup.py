"""How much to leave out at the start of a run that begins empty.

A tenth of the run, and more only where the start is plainly unlike the rest. The MSER rule alone picks the cut
that makes what remains look steadiest, which is the one behind a stretch of long queues: the values that remain
are then too low (p99 of M/M/1 at load 0.9 by 5 % in runs of 60 s; docs/explanation/intervals.md).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from capsim.stats.runs import Run
from capsim.stats.student import student_quantile

GROUP = 5
LEAST_SHARE = 10
FEWEST_PIECES = 4
SIGNIFICANCE = 0.005
MOST_SLICES = 1000
REQUESTS_PER_SLICE = 10


def mser_cut(series: NDArray[np.float64]) -> int:
    """How many leading values to leave out: the cut with the smallest standard error of what remains.

    White, "An effective truncation heuristic for bias reduction in simulation output", Simulation 69(6), 1997;
    the cut is looked for in the first half.
    """
    count = len(series)
    if count < 4:
        return 0
    series = series - series[-1]  # equal values become zeros, whose sums have no rounding errors
    # Sums of all suffixes at once.
    remaining = np.arange(count, 0, -1)
    sums, squares = np.cumsum(series[::-1])[::-1], np.cumsum((series**2)[::-1])[::-1]
    errors = (squares - sums**2 / remaining) / remaining**2
    return int(np.argmin(errors[: count // 2 + 1]))


def start_differs(series: NDArray[np.float64], first: int, cut: int) -> bool:
    """Whether the mean from `first` to the cut is unlike that of as long or shorter pieces of what follows.

    Student's prediction interval of one more piece at 99 % (Hahn and Meeker, Statistical Intervals, 1991, section
    4.7). Shorter pieces scatter more, which only makes the rule slower to find a difference.
    """
    length = min(cut - first, (len(series) - cut) // FEWEST_PIECES)
    if length < 1:
        return False
    series = series - series[-1]  # as above
    count = (len(series) - cut) // length
    pieces = series[len(series) - count * length :].reshape(count, length).mean(axis=1)
    spread = float(np.std(pieces, ddof=1)) * (1 + 1 / count) ** 0.5
    distance = abs(float(series[first:cut].mean() - pieces.mean()))
    return bool(distance > student_quantile(1 - SIGNIFICANCE, count - 1) * spread)


def warmup_ns(runs: Sequence[Run], horizon_ns: int) -> tuple[int, bool]:
    """A tenth of the horizon, or the MSER-5 cut beyond it where the start differs; and whether the run settled.

    The series has the mean latency of the requests sent in each slice of time, averaged over replications. A
    cut at the end of what is looked at says that the run did not settle.
    """
    least_ns = horizon_ns // LEAST_SHARE
    fewest = min(len(run) for run in runs)
    slices = min(MOST_SLICES, fewest // REQUESTS_PER_SLICE) // GROUP * GROUP
    if slices < 4 * GROUP:
        return least_ns, True
    # Groups of slices, as the rule has it.
    edges = np.linspace(0, horizon_ns, slices + 1)[::GROUP]
    totals, counts = np.zeros(len(edges) - 1), np.zeros(len(edges) - 1)
    for run in runs:
        sums, ended = run.latency_sums(edges)
        totals, counts = totals + sums, counts + ended
    held = np.flatnonzero(counts > 0)
    series = totals[held] / counts[held]
    instants = edges[:-1][held]
    cut, first = mser_cut(series), int(np.searchsorted(instants, least_ns))
    if cut <= first or not start_differs(series, first, cut):
        return least_ns, True
    return int(instants[cut]), cut < len(series) // 2
