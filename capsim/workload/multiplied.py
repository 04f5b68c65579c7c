"""A recorded sequence of requests with more or fewer of them in every stretch of time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from capsim.random import Stream

Instants = NDArray[np.float64]
Counts = NDArray[np.int64]

NEIGHBOURS = 50
"""Requests over which the rate of a run is taken as even."""
APART = 10.0
"""A gap of so many times the median of those around ends a run: what comes together stays together."""
NEARLY = 1e-6
"""What rounding may take from a whole number of requests."""


def multiplied(times_s: Instants, factor: float) -> Instants:
    """`factor` times as many requests (rounded down, at least one), each run of them with its share.

    Of a burst of 100 requests, 1.04 makes one of 104. What is added to a run is spread over it by chance, as its rate
    goes, and what is taken away is taken by chance, so that a Poisson process stays one. The same factor gives the
    same instants.

    Args:
        times_s: instants in seconds that never decrease.
        factor: more than zero.
    """
    run = _runs(times_s)
    ends = np.flatnonzero(np.append(run[1:] != run[:-1], True)) + 1
    wanted = np.diff(np.floor(ends * factor + NEARLY).astype(np.int64), prepend=0)
    wanted[0] = max(wanted[0], int(wanted.sum() == 0))
    sizes = np.diff(ends, prepend=0)
    if factor < 1:
        return _thinned(times_s, run, ends - sizes, wanted)
    return np.sort(np.concatenate([times_s, _added(times_s, run, ends, sizes, wanted - sizes)]))


def _runs(times_s: Instants) -> Counts:
    """To which run each request belongs, counted from 0."""
    gaps = np.diff(times_s)
    blocks = -(-len(gaps) // NEIGHBOURS)
    padded = np.full(blocks * NEIGHBOURS, np.nan)
    padded[: len(gaps)] = gaps
    usual = np.repeat(np.nanmedian(padded.reshape(blocks, NEIGHBOURS), axis=1), NEIGHBOURS)[: len(gaps)]
    return np.append(0, np.cumsum(gaps > APART * usual))


def _thinned(times_s: Instants, run: Counts, starts: Counts, wanted: Counts) -> Instants:
    """As many requests of each run as are wanted, by chance."""
    order = np.lexsort((Stream.named(0, 0, "trace.thinned").uniforms(0, len(times_s)), run))
    rank = np.empty(len(times_s), dtype=np.int64)
    rank[order] = np.arange(len(times_s)) - starts[run[order]]
    return times_s[rank < wanted[run]]


def _added(times_s: Instants, run: Counts, ends: Counts, sizes: Counts, more: Counts) -> Instants:
    """Instants of `more` requests in each run, spread by chance over places in the run."""
    starts = ends - sizes
    place = np.arange(len(times_s)) - starts[run]
    knots = np.flatnonzero((place % NEIGHBOURS == 0) | (place == sizes[run] - 1))
    of = np.repeat(np.arange(len(sizes)), more)
    places = starts[of] + Stream.named(0, 0, "trace.added").uniforms(0, len(of)) * (sizes[of] - 1)
    return np.asarray(np.interp(places, knots, times_s[knots]))
