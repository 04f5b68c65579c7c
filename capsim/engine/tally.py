"""What an engine answers where rows would not fit: counts, sums and histograms by slice of simulated time.

A histogram is log-linear: values below 256 ns exactly, above in 128 buckets an octave, so that the middle of a
bucket is at most 0.4 % off (Gil Tene's HdrHistogram has the idea).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from capsim.engine.ledger import Ints

SLICES = 200
"""Of equal length; more than sections and the warm-up rule need."""
BEFORE, AFTER = SLICES, SLICES + 1
"""Where what lies outside the slices is counted."""
PER_OCTAVE_BITS = 7
PER_OCTAVE = 1 << PER_OCTAVE_BITS
OCTAVES = 62 - PER_OCTAVE_BITS
BUCKETS = PER_OCTAVE * (OCTAVES + 1)
LARGEST_ERROR = 1 / (2 * PER_OCTAVE)

SENT, COMPLETED, REJECTED, TIMED_OUT, FAILED, LATENCY_NS, WAITED_NS, SERVED_NS, ANSWERED, ENDED = range(10)
"""Columns of `Tally.requests`: by when a request was sent, the last two by when it ended."""
VISITS, BEGUN, QUEUED_NS, BUSY_NS, REFUSED = range(5)
"""Columns of `Tally.pools`."""


@dataclass(frozen=True, eq=False)
class Tally:
    """One replication.

    Attributes:
        edges_ns: where the slices begin, and the end of the last.
        requests: by slice and column; times are sums over completed requests.
        latency: histogram of completed requests by slice of sending.
        waiting: likewise of their time in queues.
        pools: by pool, slice and column.
        batches: by slice of the start and place: how many batches of 1, 2 … requests, pool after pool.
        sizes: where the places of each pool begin in `batches`, and their end.
    """

    edges_ns: Ints
    requests: NDArray[np.float64]
    latency: NDArray[np.int32]
    waiting: NDArray[np.int32]
    pools: NDArray[np.float64]
    batches: NDArray[np.int32]
    sizes: Ints

    def __len__(self) -> int:
        """How many requests were sent before the horizon."""
        return int(self.requests[: BEFORE + 1, SENT].sum())


def bucket_middles_ns() -> NDArray[np.float64]:
    """The value that each bucket stands for."""
    places = np.arange(BUCKETS)
    shift = np.maximum(places // PER_OCTAVE - 1, 0)
    low = (places - shift * PER_OCTAVE).astype(np.float64) * 2.0**shift
    return np.asarray(low + (2.0**shift - 1) / 2)


def slice_edges_ns(start_ns: int, horizon_ns: int) -> tuple[Ints, int]:
    """The edges of the slices and their length."""
    width = max(1, -(-(horizon_ns - start_ns) // SLICES))
    edges: Any = np.minimum(start_ns + width * np.arange(SLICES + 1, dtype=np.int64), horizon_ns)
    return edges, width
