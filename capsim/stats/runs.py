"""What statistics read of a replication, from its ledger or from its tally, by spans of time."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import NamedTuple, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from capsim.engine.blueprint import Blueprint, PoolPlan
from capsim.engine.ledger import NOT_YET, Ledger, Outcome, latencies_ns
from capsim.stats.sample import Sample
from capsim.units import NS_PER_S

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Column = TypeVar("Column", Ints, Floats)


class Seen(NamedTuple):
    """What a span of time saw; see `stats.sections.Section`."""

    latency_s: Sample
    waiting_s: Sample
    completions: int


class Split(NamedTuple):
    """The completed requests sent from an instant on: how many, and sums of their times (ns)."""

    requests: int
    latency_ns: float
    waiting_ns: float
    service_ns: float
    delay_ns: float = 0.0
    retrying_ns: float = 0.0


class Visited(NamedTuple):
    """What a pool saw from an instant on: batches by their number of units, visits, those served, their waits.

    `refused` is how many its admission rule turned away.
    """

    sizes: Ints
    visits: int
    served: int
    waited_ns: float
    refused: int


class Run(Protocol):
    """One replication."""

    def __len__(self) -> int:
        """How many requests were sent before the horizon."""

    def window(self, start_ns: int) -> int:
        """The instant nearest to one from which on spans can begin."""

    def edges(self, start_ns: int, end_ns: int, parts: int) -> list[int]:
        """The edges of spans of about the same length between two instants."""

    def outcomes(self, start_ns: int) -> Ints:
        """How many requests sent from an instant on came to each outcome."""

    def seen(self, low_ns: int, high_ns: int) -> Seen:
        """What a span saw."""

    def in_time(self, low_ns: int, high_ns: int, limit_ns: int) -> int:
        """How many requests a span saw completed within a limit of their latency."""

    def items(self, low_ns: int, high_ns: int) -> int | None:
        """How many items a span saw completed; nothing where all requests carry as many."""

    def of_class(self, number: int) -> Run:
        """The requests of a class alone; of pools it knows nothing."""

    def latency_sums(self, edges_ns: Floats) -> tuple[Floats, Floats]:
        """Sum of the latencies (ns) of completed requests by when they were sent, and how many."""

    def inside(self, instants_ns: Floats) -> tuple[Floats, Floats]:
        """Instants near the given ones, and how many requests were in the system."""

    def split(self, start_ns: int) -> Split:
        """Where the time of the requests sent from an instant on went."""

    def utilisation(self, plan: PoolPlan, low_ns: int, high_ns: int) -> float:
        """Share of a span in which the instances of a pool were busy."""

    def visited(self, plan: PoolPlan, start_ns: int) -> Visited:
        """What a pool saw from an instant on."""

    def carried(self, plan: PoolPlan, start_ns: int) -> Ints | None:
        """How many of the visits of a pool from an instant on carried 0, 1, 2 … items; nothing where all are alike."""

    def waiting_at(self, plan: PoolPlan, instants_ns: Floats) -> Floats | None:
        """How many requests waited in the queues of a pool at given instants; nothing where that isn't known."""


class LedgerRun:
    """A replication by its rows."""

    def __init__(self, ledger: Ledger, blueprint: Blueprint, requests: Mapping[str, Ints] | None = None) -> None:
        """The run of a ledger, or of some of its requests."""
        self.ledger = ledger
        self._blueprint, self._horizon_ns = blueprint, blueprint.horizon_ns
        self._requests = _as_sent(ledger.requests if requests is None else requests)

    def __len__(self) -> int:
        """See `Run`."""
        return len(self._requests["arrived_ns"])

    @cached_property
    def _latencies_ns(self) -> Floats:
        return latencies_ns(self._requests)

    @cached_property
    def _completed(self) -> NDArray[np.bool_]:
        return np.asarray(self._requests["outcome"] == Outcome.completed)

    @cached_property
    def _all_completed(self) -> bool:
        return bool(self._completed.all())

    def _of_completed(self, column: Column) -> Column:
        return column if self._all_completed else column[self._completed]

    @cached_property
    def _completions_ns(self) -> Ints:
        """When requests completed, in rising order."""
        # Nearly sorted by request, which this sort makes use of.
        return np.sort(self._of_completed(self._requests["finished_ns"]), kind="stable")

    @cached_property
    def _losses_ns(self) -> Ints:
        """When requests ended without an answer, in rising order."""
        finished = self._requests["finished_ns"]
        if self._all_completed:
            return finished[:0]
        return np.sort(finished[~self._completed & (finished != NOT_YET)], kind="stable")

    @cached_property
    def _by_pool(self) -> dict[tuple[str, int], dict[str, Ints]]:
        return {}

    def window(self, start_ns: int) -> int:
        """See `Run`."""
        return start_ns

    def edges(self, start_ns: int, end_ns: int, parts: int) -> list[int]:
        """See `Run`."""
        return [start_ns + (end_ns - start_ns) * i // parts for i in range(parts + 1)]

    def outcomes(self, start_ns: int) -> Ints:
        """See `Run`."""
        first = int(np.searchsorted(self._requests["arrived_ns"], start_ns))
        return np.bincount(self._requests["outcome"][first:], minlength=len(Outcome))

    def seen(self, low_ns: int, high_ns: int) -> Seen:
        """See `Run`."""
        first, last = np.searchsorted(self._requests["arrived_ns"], [low_ns, high_ns])
        begun, ended = np.searchsorted(self._completions_ns, [low_ns, high_ns])
        latency_s = self._latencies_ns[first:last] / NS_PER_S
        waiting_s = self._requests["waited_ns"][first:last] / NS_PER_S
        if self._all_completed:
            return Seen(Sample(latency_s), Sample(waiting_s), int(ended - begun))
        return Seen(Sample.of(latency_s), Sample(waiting_s[self._completed[first:last]]), int(ended - begun))

    def in_time(self, low_ns: int, high_ns: int, limit_ns: int) -> int:
        """See `Run`."""
        return int(np.diff(np.searchsorted(self._in_time(limit_ns), [low_ns, high_ns]))[0])

    def _in_time(self, limit_ns: int) -> Ints:
        """When requests completed within a limit, in rising order."""
        if limit_ns not in self._within:
            kept = self._latencies_ns <= limit_ns
            self._within[limit_ns] = np.sort(self._requests["finished_ns"][kept], kind="stable")
        return self._within[limit_ns]

    @cached_property
    def _within(self) -> dict[int, Ints]:
        return {}

    def items(self, low_ns: int, high_ns: int) -> int | None:
        """See `Run`."""
        if self._items_by_end is None:
            return None
        begun, ended = np.searchsorted(self._completions_ns, [low_ns, high_ns])
        return int(self._items_by_end[ended] - self._items_by_end[begun])

    @cached_property
    def _items_by_end(self) -> Ints | None:
        """How many items had been completed before each completion, and in all; nothing where all carry as many."""
        if "items" not in self._requests:
            return None
        finished, items = (self._of_completed(self._requests[name]) for name in ("finished_ns", "items"))
        return np.concatenate([[0], np.cumsum(items[np.argsort(finished, kind="stable")])])

    def of_class(self, number: int) -> LedgerRun:
        """See `Run`."""
        if "class" not in self._requests:
            return self
        kept = self._requests["class"] == number
        return LedgerRun(self.ledger, self._blueprint, {name: col[kept] for name, col in self._requests.items()})

    def latency_sums(self, edges_ns: Floats) -> tuple[Floats, Floats]:
        """See `Run`."""
        sent = self._of_completed(self._requests["arrived_ns"])
        latencies = self._of_completed(self._latencies_ns)
        places = np.searchsorted(sent, edges_ns)
        places[-1] = np.searchsorted(sent, edges_ns[-1], side="right")
        sums = np.concatenate([[0.0], np.cumsum(latencies)])
        return np.diff(sums[places]), np.diff(places).astype(np.float64)

    def inside(self, instants_ns: Floats) -> tuple[Floats, Floats]:
        """See `Run`."""
        sent, completed, lost = (
            np.searchsorted(instants, instants_ns)
            for instants in (self._requests["arrived_ns"], self._completions_ns, self._losses_ns)
        )
        return instants_ns, (sent - completed - lost).astype(np.float64)

    def split(self, start_ns: int) -> Split:
        """See `Run`."""
        requests = self._requests
        first = int(np.searchsorted(requests["arrived_ns"], start_ns))
        latency = requests["finished_ns"] - requests["arrived_ns"]
        kept = slice(None) if self._all_completed else self._completed[first:]
        times = [latency, *(requests[name] for name in TIMES if name in requests)]
        sums = [each[first:][kept] for each in times]
        return Split(len(sums[0]), *(float(each.sum()) for each in sums))

    def utilisation(self, plan: PoolPlan, low_ns: int, high_ns: int) -> float:
        """See `Run`."""
        batches = self._of(plan, "batches", self.ledger.batches)
        ends = np.where(batches["finished_ns"] < 0, self._horizon_ns, batches["finished_ns"])
        overlap = np.minimum(ends, high_ns) - np.maximum(batches["started_ns"], low_ns)
        busy_ns = float(np.maximum(overlap, 0).sum())
        return busy_ns / (plan.servers * plan.instances * (high_ns - low_ns))

    def visited(self, plan: PoolPlan, start_ns: int) -> Visited:
        """See `Run`."""
        batches = self._of(plan, "batches", self.ledger.batches)
        begun = (batches["started_ns"] >= start_ns) & (batches["started_ns"] < self._horizon_ns)
        seen = self._of(plan, "visits", self.ledger.visits)
        inside = seen["enqueued_ns"] >= start_ns
        began = inside & (seen["started_ns"] >= 0)
        waited_ns = float((seen["started_ns"] - seen["enqueued_ns"])[began].sum())
        refused = int((self._of(plan, "refusals", self.ledger.refusals)["since_ns"] >= start_ns).sum())
        sizes = np.bincount(batches.get("units", batches["requests"])[begun])
        return Visited(sizes, int(inside.sum()), int(began.sum()), waited_ns, refused)

    def carried(self, plan: PoolPlan, start_ns: int) -> Ints | None:
        """See `Run`."""
        if "items" not in self.ledger.requests:
            return None
        seen = self._of(plan, "visits", self.ledger.visits)
        return np.bincount(self.ledger.requests["items"][seen["request"][seen["enqueued_ns"] >= start_ns]])

    def waiting_at(self, plan: PoolPlan, instants_ns: Floats) -> Floats | None:
        """See `Run`; a request that left a line unserved is taken to have left it when it ended."""
        seen = self._of(plan, "visits", self.ledger.visits)
        ended = self.ledger.requests["finished_ns"][seen["request"]]
        left = np.where(seen["started_ns"] != NOT_YET, seen["started_ns"], ended)
        entered, gone = np.sort(seen["enqueued_ns"]), np.sort(left[left != NOT_YET])
        return (np.searchsorted(entered, instants_ns) - np.searchsorted(gone, instants_ns)).astype(np.float64)

    def _of(self, plan: PoolPlan, name: str, table: Mapping[str, Ints]) -> dict[str, Ints]:
        """The rows of a table that are of this pool's servers."""
        if (name, plan.first_server) not in self._by_pool:
            server = table["server"]
            kept = (server >= plan.first_server) & (server < plan.first_server + plan.servers)
            whole = bool(kept.all())
            self._by_pool[name, plan.first_server] = {
                title: column if whole else column[kept] for title, column in table.items()
            }
        return self._by_pool[name, plan.first_server]


TIMES = ("waited_ns", "served_ns", "delayed_ns", "retried_ns")
"""Columns of what a latency consists of besides the network and front ends."""


def _as_sent(requests: Mapping[str, Ints]) -> Mapping[str, Ints]:
    """The requests in the order of sending; those with a longer way come to the system later."""
    sent = requests["arrived_ns"]
    if bool(np.all(sent[1:] >= sent[:-1])):
        return requests
    order = np.argsort(sent, kind="stable")
    return {name: column[order] for name, column in requests.items()}
