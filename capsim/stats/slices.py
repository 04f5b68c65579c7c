"""What statistics read of a replication that kept no rows."""

from __future__ import annotations

from bisect import bisect_left

import numpy as np
from numpy.typing import NDArray

from capsim.engine import tally as columns
from capsim.engine.blueprint import Blueprint, PoolPlan
from capsim.engine.ledger import Outcome
from capsim.engine.tally import BEFORE, Tally, bucket_middles_ns
from capsim.stats.runs import Seen, Split, Visited
from capsim.stats.sample import Sample
from capsim.units import NS_PER_S

Floats = NDArray[np.float64]

MOST_NARROW = 2**31
COUNTED = {
    Outcome.completed: columns.COMPLETED,
    Outcome.rejected: columns.REJECTED,
    Outcome.timed_out: columns.TIMED_OUT,
    Outcome.failed: columns.FAILED,
}


class TallyRun:
    """A replication by its slices of time; spans begin and end at the nearest edges."""

    def __init__(self, tally: Tally, blueprint: Blueprint) -> None:
        self._tally = tally
        self._pools = list(blueprint.pools)
        self._edges_ns = tally.edges_ns.tolist()
        self._middles_s = bucket_middles_ns() / NS_PER_S

    def __len__(self) -> int:
        """See `Run`."""
        return len(self._tally)

    def window(self, start_ns: int) -> int:
        """See `Run`."""
        return int(self._tally.edges_ns[self._place(start_ns)])

    def edges(self, start_ns: int, end_ns: int, parts: int) -> list[int]:
        """See `Run`."""
        return [self.window(round(instant)) for instant in np.linspace(start_ns, end_ns, parts + 1)]

    def outcomes(self, start_ns: int) -> NDArray[np.int64]:
        """See `Run`."""
        kept = self._tally.requests[self._place(start_ns) : BEFORE].sum(axis=0)
        counts = np.zeros(len(Outcome), np.int64)
        for outcome, column in COUNTED.items():
            counts[outcome] = kept[column]
        counts[Outcome.in_flight] = kept[columns.SENT] - counts.sum()
        return counts

    def seen(self, low_ns: int, high_ns: int) -> Seen:
        """See `Run`."""
        span = slice(self._place(low_ns), self._place(high_ns))
        sums = self._tally.requests[span].sum(axis=0)
        completed = sums[columns.COMPLETED]
        return Seen(
            self._sample(self._tally.latency[span], sums[columns.LATENCY_NS], completed, sums[columns.SENT]),
            self._sample(self._tally.waiting[span], sums[columns.WAITED_NS], completed, completed),
            int(sums[columns.ANSWERED]),
        )

    def _sample(self, histograms: NDArray[np.int32], total_ns: float, completed: float, offered: float) -> Sample:
        """The values of a histogram; those offered that did not complete are lost."""
        # Half the width is added three times as fast.
        counts = histograms.sum(axis=0, dtype=np.int32 if completed < MOST_NARROW else np.int64)
        held = np.flatnonzero(counts)
        values, often = self._middles_s[held], counts[held].astype(np.int64)
        mean = total_ns / completed / NS_PER_S if completed else None
        return Sample(values, often, int(offered - completed), mean)

    def in_time(self, low_ns: int, high_ns: int, limit_ns: int) -> int:
        """See `Run`: of the requests that were sent in the span."""
        span = slice(self._place(low_ns), self._place(high_ns))
        held = int(np.searchsorted(self._middles_s, limit_ns / NS_PER_S, side="right"))
        return int(self._tally.latency[span, :held].sum())

    def items(self, low_ns: int, high_ns: int) -> int | None:  # noqa: ARG002 - all requests carry as many
        """See `Run`."""
        return None

    def of_class(self, number: int) -> TallyRun:  # noqa: ARG002 - there is one class
        """See `Run`."""
        return self

    def latency_sums(self, edges_ns: Floats) -> tuple[Floats, Floats]:
        """See `Run`."""
        places = self._places(edges_ns)
        table = self._tally.requests[:BEFORE, [columns.LATENCY_NS, columns.COMPLETED]]
        sums = np.concatenate([np.zeros((1, 2)), np.cumsum(table, axis=0)])[places]
        return np.diff(sums[:, 0]), np.diff(sums[:, 1])

    def inside(self, instants_ns: Floats) -> tuple[Floats, Floats]:
        """See `Run`."""
        places = self._places(instants_ns)
        table = self._tally.requests[:, [columns.SENT, columns.ENDED]]
        reached = table[BEFORE] + np.concatenate([np.zeros((1, 2)), np.cumsum(table[:BEFORE], axis=0)])
        return self._tally.edges_ns[places].astype(np.float64), (reached[:, 0] - reached[:, 1])[places]

    def split(self, start_ns: int) -> Split:
        """See `Run`."""
        kept = self._tally.requests[self._place(start_ns) : BEFORE].sum(axis=0)
        latency, waited, served = kept[columns.LATENCY_NS], kept[columns.WAITED_NS], kept[columns.SERVED_NS]
        return Split(int(kept[columns.COMPLETED]), float(latency), float(waited), float(served))

    def utilisation(self, plan: PoolPlan, low_ns: int, high_ns: int) -> float:
        """See `Run`."""
        cells = self._tally.pools[self._pools.index(plan), self._place(low_ns) : self._place(high_ns)]
        return float(cells[:, columns.BUSY_NS].sum()) / (plan.servers * plan.instances * (high_ns - low_ns))

    def visited(self, plan: PoolPlan, start_ns: int) -> Visited:
        """See `Run`."""
        number, first = self._pools.index(plan), self._place(start_ns)
        # Visits after the horizon count too, as with rows; batches do not.
        cells = np.delete(self._tally.pools[number], BEFORE, axis=0)[first:].sum(axis=0)
        low, high = self._tally.sizes[number : number + 2]
        sizes = self._tally.batches[first:BEFORE, low:high].sum(axis=0, dtype=np.int64)
        return Visited(
            np.append(0, sizes),
            int(cells[columns.VISITS]),
            int(cells[columns.BEGUN]),
            float(cells[columns.QUEUED_NS]),
            int(cells[columns.REFUSED]),
        )

    def carried(self, plan: PoolPlan, start_ns: int) -> NDArray[np.int64] | None:  # noqa: ARG002 - all are alike
        """See `Run`."""
        return None

    def waiting_at(self, plan: PoolPlan, instants_ns: Floats) -> Floats | None:  # noqa: ARG002 - who leaves isn't counted
        """See `Run`."""
        return None

    def _place(self, instant_ns: float) -> int:
        """The place of the nearest edge."""
        edges: list[int] = self._edges_ns
        after = min(max(bisect_left(edges, instant_ns), 1), len(edges) - 1)
        return after - (edges[after] - instant_ns > instant_ns - edges[after - 1])

    def _places(self, instants_ns: Floats) -> NDArray[np.int64]:
        """The place of the edge nearest to each instant."""
        edges = self._tally.edges_ns
        after = np.clip(np.searchsorted(edges, instants_ns), 1, len(edges) - 1)
        nearest: NDArray[np.int64] = after - (edges[after] - instants_ns > instants_ns - edges[after - 1])
        return nearest
