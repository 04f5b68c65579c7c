"""What comes from outside while a form runs: arrivals, and draws in chunks."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from capsim.engine.blueprint import Blueprint, ClientsPlan, CrowdPlan, ReplayPlan
from capsim.engine.compiled.arrays import Arrays
from capsim.engine.compiled.draws import QuickStream, instants_ns, uniforms
from capsim.engine.compiled.records import WANTS_ARRIVALS, WANTS_DRAWS, WANTS_THINK
from capsim.engine.kernel.build import drawn_from
from capsim.engine.kernel.records import DRAWN
from capsim.engine.memory import PER_VISIT, TooManyRowsError, keep_free
from capsim.units import NEVER
from capsim.workload import arrival_times

ARRIVALS_TOGETHER = 1 << 14
TRACE_ROWS = 1 << 16
DRAWS_TOGETHER, FEWEST_DRAWS, MOST_DRAWS = 1 << 16, 32, 4096
THINK_TOGETHER, FEWEST_THINK, MOST_THINK = 1 << 20, 4, 64


def room_for_chunks(blueprint: Blueprint) -> tuple[dict[str, int], dict[str, NDArray[Any]]]:
    """What the clock says of chunks, and arrays with room for them."""
    pools, plan = blueprint.pools, blueprint.arrivals
    servers, clients = sum(pool.servers for pool in pools), 1
    draws = min(max(DRAWS_TOGETHER // servers, FEWEST_DRAWS), MOST_DRAWS) + 2 * max(pool.instances for pool in pools)
    drawn = any(drawn_from(pool) == DRAWN for pool in pools)
    clock = {"draws_room": draws if drawn else 1, "think_room": 1}
    if isinstance(plan, ClientsPlan):
        clients = len(plan.starts_ns)
        clock |= {"think_ns": plan.think_ns, "think_drawn": int(plan.think is not None)}
        if plan.think is not None:
            clock["think_room"] = min(max(THINK_TOGETHER // clients, FEWEST_THINK), MOST_THINK)
    arrays = {
        "arrivals_ns": np.full(1, NEVER, np.int64),
        "draws": np.zeros((servers if drawn else 1, clock["draws_room"])),
        "think": np.zeros((clients, clock["think_room"])),
        "cycles": np.zeros((clients, 2), np.int64),
    }
    return clock, arrays


class Supply:
    """Keeps a model supplied with chunks."""

    def __init__(self, blueprint: Blueprint, model: Arrays) -> None:
        self.model = model
        self._blueprint = blueprint
        self._stream = QuickStream(blueprint.stream("arrivals").key)
        self._sent, self._reached = 0, 0.0
        plan = blueprint.arrivals
        self._recorded_ns = plan.trace.sent_ns(blueprint.stream("arrivals")) if isinstance(plan, ReplayPlan) else None
        if isinstance(plan, CrowdPlan):
            self._process = plan.process.drawn(blueprint.stream("arrivals/modulation"), blueprint.stop_ns)
        self._think_keys = self._keys_of_clients()
        self._think()
        self._arrivals()
        self._draw()

    def supply(self, wants: int) -> None:
        """Give the model what it asks for."""
        for want, give in ((WANTS_ARRIVALS, self._arrivals), (WANTS_DRAWS, self._draw), (WANTS_THINK, self._think)):
            if wants & want:
                give()

    def _see_to_memory(self, visits: int) -> None:
        """See whether there is room for the rows of as many visits again.

        Raises:
            TooManyRowsError: there is not.
        """
        most = self._blueprint.most_visits
        if most is not None and visits >= most:
            raise TooManyRowsError
        keep_free(visits * PER_VISIT)

    def _arrivals(self) -> None:
        times = self._next_times()
        self.model.now["next_arrival"] = 0
        self.model["arrivals_ns"] = times

    def _next_times(self) -> NDArray[np.int64]:
        plan, times = self._blueprint.arrivals, np.zeros(0, np.int64)
        if isinstance(plan, CrowdPlan):
            start, stop = self._sent, self._sent + ARRIVALS_TOGETHER
            times, self._reached = arrival_times(self._process, self._stream, start, stop, self._reached, instants_ns)
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
        for plan in self._blueprint.pools:
            variate = plan.service.variate
            if drawn_from(plan) != DRAWN or variate is None:
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
