"""What the event loop asks for while it runs: arrivals and draws in chunks, and room."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from capsim.engine.blueprint import Blueprint, ClientsPlan, CrowdPlan, ReplayPlan
from capsim.engine.compiled import model as tables
from capsim.engine.compiled.draws import QuickStream, instants_ns, uniforms
from capsim.engine.compiled.model import NOTHING, Model
from capsim.engine.memory import PER_VISIT, TooManyRowsError, keep_free
from capsim.units import NEVER
from capsim.workload import arrival_times

ARRIVALS_TOGETHER = 1 << 14
TRACE_ROWS = 1 << 16


class Feed:
    """Keeps a model supplied."""

    def __init__(self, blueprint: Blueprint, model: Model) -> None:
        self.model = model
        self._blueprint = blueprint
        self._stream = QuickStream(blueprint.stream("arrivals").key)
        self._sent, self._reached = 0, 0.0
        plan = blueprint.arrivals
        self._recorded_ns = plan.trace.sent_ns(blueprint.stream("arrivals")) if isinstance(plan, ReplayPlan) else None
        self._think_keys = self._keys_of_clients()
        self._think()
        self._arrivals()
        self._draw()

    def supply(self, wants: int) -> None:
        """Give the model what it asks for."""
        for want, give in (
            (tables.WANTS_ARRIVALS, self._arrivals),
            (tables.WANTS_DRAWS, self._draw),
            (tables.WANTS_THINK, self._think),
            (tables.WANTS_SLOTS, self._grow_slots),
            (tables.WANTS_ROWS, self._grow_rows),
            (tables.WANTS_BATCHES, self._grow_batches),
            (tables.WANTS_RING, self._grow_rings),
        ):
            if wants & want:
                give()
        self.model.now["wants"] = 0

    def _arrivals(self) -> None:
        times = self._next_times()
        self.model.now["next_arrival"] = 0
        self.model["arrivals_ns"] = times

    def _next_times(self) -> NDArray[np.int64]:
        plan, times = self._blueprint.arrivals, np.zeros(0, np.int64)
        if isinstance(plan, CrowdPlan):
            start, stop = self._sent, self._sent + ARRIVALS_TOGETHER
            times, self._reached = arrival_times(plan.process, self._stream, start, stop, self._reached, instants_ns)
        elif self._recorded_ns is not None:
            times = self._recorded_ns[self._sent : self._sent + TRACE_ROWS]
        if len(times) == 0:
            return np.full(1, NEVER, np.int64)
        self._sent += len(times)
        return times

    def _draw(self) -> None:
        """Draw for the servers that have used up half of their draws, all of a pool together."""
        model = self.model
        room = model["draws"].shape[1]
        for plan, pool in zip(self._blueprint.pools, model["pools"], strict=True):
            variate = plan.service.variate
            if pool["draws"] != tables.DRAWN or variate is None:
                continue
            servers = model["servers"][plan.first_server : plan.first_server + plan.servers]
            formed: NDArray[np.int64] = servers["formed"]
            used: NDArray[np.int64] = formed - servers["drawn_from"]
            low = np.flatnonzero((formed == 0) | (2 * used >= room))
            if len(low):
                starts = formed[low]
                drawn = variate.quantile(uniforms(servers["key"][low], starts, room).ravel())
                model["draws"][plan.first_server + low] = drawn.reshape(len(low), room)
                servers["drawn_from"][low] = starts

    def _keys_of_clients(self) -> NDArray[np.uint64]:
        loop = self._blueprint.arrivals
        if not isinstance(loop, ClientsPlan) or loop.think is None:
            return np.zeros(0, np.uint64)
        keys = [self._blueprint.stream(f"think/{client}").key for client in range(len(loop.starts_ns))]
        return np.array(keys, np.uint64)

    def _think(self) -> None:
        """Draw think times for the clients that have used up half of theirs."""
        loop = self._blueprint.arrivals
        if not isinstance(loop, ClientsPlan) or loop.think is None:
            return
        cycles, room = self.model["cycles"], self.model["think"].shape[1]
        low = np.flatnonzero((cycles[:, 0] == 0) | (2 * (cycles[:, 0] - cycles[:, 1]) >= room))
        starts = np.ascontiguousarray(cycles[low, 0])
        drawn = loop.think.quantile(uniforms(self._think_keys[low], starts, room).ravel())
        self.model["think"][low] = drawn.reshape(len(low), room)
        cycles[low, 1] = starts

    def _grow_slots(self) -> None:
        model = self.model
        count = len(model["requests"])
        requests = np.zeros(2 * count, tables.REQUEST)
        requests[:count] = model["requests"]
        requests["next"][count:] = np.append(np.arange(count + 1, 2 * count), NOTHING)
        requests["next"][count:][-1] = model.now["free"]
        model.now["free"] = count
        model["requests"], model["passing"] = requests, _longer(model["passing"])

    def _grow_rows(self) -> None:
        model, most = self.model, self._blueprint.most_visits
        visits = len(model["enqueued_ns"])
        if most is not None and visits >= most:
            raise TooManyRowsError
        keep_free(visits * PER_VISIT)
        for name in ("arrived_ns", "finished_ns", "outcome", "enqueued_ns", "visit"):
            model[name] = _longer(model[name])

    def _grow_rings(self) -> None:
        """Lay out anew the rings that are full, twice as large, at the end."""
        model = self.model
        queues, cells = model["queues"], len(model["formed_sizes"])
        masks: NDArray[np.int64] = queues["mask"]
        held: NDArray[np.int64] = queues["serving"] + queues["formed_requests"] + queues["waiting"]
        full = np.flatnonzero(held > masks)
        sizes = 2 * (masks[full] + 1)
        starts = cells + np.cumsum(sizes) - sizes
        room = np.zeros(int(sizes.sum()), np.int32)
        for name in ("rings", "ring_since_ns", "ring_senders", "ring_numbers", "formed_sizes"):
            if len(model[name]) == 0:
                continue  # a column that this form does without
            longer = np.concatenate([model[name], room.astype(model[name].dtype)])
            for q, start in zip(full, starts, strict=True):
                queue = queues[q]
                size, first = int(queue["mask"]) + 1, int(queue["head"] - queue["serving"])
                longer[start : start + size] = np.roll(longer[queue["ring"] :][:size], -first)
            model[name] = longer
        queues["ring"][full], queues["head"][full] = starts, queues["serving"][full]
        masks[full] = sizes - 1

    def _grow_batches(self) -> None:
        self.model["batches"] = _longer(self.model["batches"])


def _longer(column: NDArray[Any]) -> NDArray[Any]:
    """Twice the length; what is new is not yet anything."""
    longer = np.empty((2 * len(column), *column.shape[1:]), column.dtype)
    longer[: len(column)] = column
    return longer
