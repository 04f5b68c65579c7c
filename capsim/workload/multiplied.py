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


def multiplied(times_s: Instants, factor: float) -> tuple[Instants, Counts]:
    """`factor` times as many requests (rounded down, at least one), each run of them with its share.

    Their instants, and for each the place of the recorded request that it is or is like: the last before it.

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
        kept = _kept(run, ends - sizes, wanted)
        return times_s[kept], kept
    instants, places = _added(times_s, run, ends, sizes, wanted - sizes)
    instants, places = np.append(times_s, instants), np.append(np.arange(len(times_s)), places)
    order = np.argsort(instants, kind="stable")
    return instants[order], places[order]


def _runs(times_s: Instants) -> Counts:
    """To which run each request belongs, counted from 0."""
    gaps = np.diff(times_s)
    blocks = -(-len(gaps) // NEIGHBOURS)
    padded = np.full(blocks * NEIGHBOURS, np.nan)
    padded[: len(gaps)] = gaps
    usual = np.repeat(np.nanmedian(padded.reshape(blocks, NEIGHBOURS), axis=1), NEIGHBOURS)[: len(gaps)]
    return np.append(0, np.cumsum(gaps > APART * usual))


def _kept(run: Counts, starts: Counts, wanted: Counts) -> Counts:
    """The places of as many requests of each run as are wanted, by chance."""
    order = np.lexsort((Stream.named(0, 0, "trace.thinned").uniforms(0, len(run)), run))
    rank = np.empty(len(run), dtype=np.int64)
    rank[order] = np.arange(len(run)) - starts[run[order]]
    return np.flatnonzero(rank < wanted[run])


def _added(times_s: Instants, run: Counts, ends: Counts, sizes: Counts, more: Counts) -> tuple[Instants, Counts]:
    """Instants of `more` requests in each run, spread by chance over places in the run, and these places."""
    starts = ends - sizes
    place = np.arange(len(times_s)) - starts[run]
    knots = np.flatnonzero((place % NEIGHBOURS == 0) | (place == sizes[run] - 1))
    of = np.repeat(np.arange(len(sizes)), more)
    places = starts[of] + Stream.named(0, 0, "trace.added").uniforms(0, len(of)) * (sizes[of] - 1)
    return np.asarray(np.interp(places, knots, times_s[knots])), places.astype(np.int64)
