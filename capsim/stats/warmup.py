"""How much to leave out at the start of a run that begins empty."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from capsim.engine.ledger import Ledger

GROUP = 5
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
    # Sums of all suffixes at once.
    remaining = np.arange(count, 0, -1)
    sums, squares = np.cumsum(series[::-1])[::-1], np.cumsum((series**2)[::-1])[::-1]
    errors = (squares - sums**2 / remaining) / remaining**2
    return int(np.argmin(errors[: count // 2 + 1]))


def warmup_ns(ledgers: Sequence[Ledger], horizon_ns: int) -> tuple[int, bool]:
    """The MSER-5 cut on the series of latencies averaged over replications, and whether it settled.

    The series has the mean latency of the requests sent in each slice of time. A cut at the end of what is
    looked at says that the run did not settle.
    """
    fewest = min(len(ledger) for ledger in ledgers)
    slices = min(MOST_SLICES, fewest // REQUESTS_PER_SLICE) // GROUP * GROUP
    if slices < 4 * GROUP:
        return 0, True
    edges = np.linspace(0, horizon_ns, slices + 1)
    totals, counts = np.zeros(slices), np.zeros(slices)
    for ledger in ledgers:
        latencies = ledger.latencies_ns()
        ended = np.isfinite(latencies)
        sent = ledger.requests["arrived_ns"][ended]
        totals += np.histogram(sent, edges, weights=latencies[ended])[0]
        counts += np.histogram(sent, edges)[0]
    grouped_counts = counts.reshape(-1, GROUP).sum(axis=1)
    held = grouped_counts > 0
    series = totals.reshape(-1, GROUP).sum(axis=1)[held] / grouped_counts[held]
    cut = mser_cut(series)
    if cut == 0:
        return 0, True
    first_kept = int(np.flatnonzero(held)[cut])
    return int(edges[first_kept * GROUP]), cut < len(series) // 2
