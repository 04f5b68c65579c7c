"""What comes from outside while a form runs: arrivals, and draws in chunks."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from capsim.distributions import Variate
from capsim.engine.blueprint import Blueprint, ClientsPlan
from capsim.engine.coming import Merged, OneClass, coming_of
from capsim.engine.compiled.arrays import Arrays
from capsim.engine.compiled.draws import QuickStream, instants_ns, uniforms
from capsim.engine.compiled.records import WANTS_ARRIVALS, WANTS_DRAWS, WANTS_THINK
from capsim.engine.kernel.build import drawn_from
from capsim.engine.kernel.layout import dtype_of
from capsim.engine.kernel.records import DRAWN, Arrival
from capsim.engine.memory import PER_VISIT, TooManyRowsError, keep_free
from capsim.units import NEVER

DRAWS_TOGETHER, FEWEST_DRAWS, MOST_DRAWS = 1 << 16, 32, 4096
THINK_TOGETHER, FEWEST_THINK, MOST_THINK = 1 << 20, 4, 64


def room_for_chunks(blueprint: Blueprint) -> tuple[dict[str, int], dict[str, NDArray[Any]]]:
    """What the clock says of chunks, and arrays with room for them."""
    pools, loops = blueprint.pools, [loop for _, loop in blueprint.closed_loops()]
    servers = sum(pool.servers for pool in pools)
    think_ns = [loop.think_ns for loop in loops for _ in loop.starts_ns] or [0]
    draws = min(max(DRAWS_TOGETHER // servers, FEWEST_DRAWS), MOST_DRAWS) + 2 * max(pool.instances for pool in pools)
    drawn, thinks = any(drawn_from(pool) == DRAWN for pool in pools), any(loop.think is not None for loop in loops)
    think_room = min(max(THINK_TOGETHER // len(think_ns), FEWEST_THINK), MOST_THINK) if thinks else 1
    clock = {"draws_room": draws if drawn else 1, "think_drawn": int(thinks), "think_room": think_room}
    arrays = {
        "arrivals_ns": np.full(1, NEVER, np.int64),
        "draws": np.zeros((servers if drawn else 1, clock["draws_room"])),
        "arrivals": np.zeros(0, dtype_of(Arrival)),
        "think_ns": np.array(think_ns, np.int64),
        # A client whose think times are not drawn thinks the mean.
        "think": np.ones((len(think_ns), think_room)),
        "cycles": np.zeros((len(think_ns), 2), np.int64),
    }
    return clock, arrays


class Supply:
    """Keeps a model supplied with chunks."""

    def __init__(self, blueprint: Blueprint, model: Arrays) -> None:
        self.model = model
        self._blueprint = blueprint
        self._coming: OneClass | Merged
        if blueprint.plain and not isinstance(blueprint.arrivals, ClientsPlan):
            self._coming = OneClass(blueprint, 0, QuickStream, instants_ns)
        else:
            self._coming = coming_of(blueprint, QuickStream, instants_ns)
        self._think_keys = {
            number: _keys_of_clients(blueprint, number, loop)
            for number, loop in blueprint.closed_loops()
            if loop.think is not None
        }
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
        """The next arrivals: of one class when they are sent, of several when each comes and what it carries."""
        if isinstance(self._coming, OneClass):
            at_ns = self._coming.sent_ns()
        else:
            coming = self._coming.next()
            at_ns = coming.at_ns
            self.model["arrivals"] = np.empty(len(at_ns), dtype_of(Arrival))
            for name in dtype_of(Arrival).names or ():
                self.model["arrivals"][name] = getattr(coming, name)
        self.model.now["next_arrival"] = 0
        self.model["arrivals_ns"] = at_ns if len(at_ns) else np.full(1, NEVER, np.int64)

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

    def _think(self) -> None:
        """Draw think times for the clients that have used up half of theirs."""
        first = 0
        for number, loop in self._blueprint.closed_loops():
            clients = slice(first, first + len(loop.starts_ns))
            first = clients.stop
            if loop.think is not None:
                self._draw_think(loop.think, self._think_keys[number], clients)

    def _draw_think(self, think: Variate, keys: NDArray[np.uint64], clients: slice) -> None:
        cycles, drawn = self.model["cycles"][clients], self.model["think"][clients]
        room = drawn.shape[1]
        low = np.flatnonzero((cycles[:, 0] == 0) | (2 * (cycles[:, 0] - cycles[:, 1]) >= room))
        starts = np.ascontiguousarray(cycles[low, 0])
        drawn[low] = think.quantile(uniforms(keys[low], starts, room).ravel()).reshape(len(low), room)
        cycles[low, 1] = starts


def _keys_of_clients(blueprint: Blueprint, number: int, loop: ClientsPlan) -> NDArray[np.uint64]:
    keys = [blueprint.class_stream(f"think/{client}", number).key for client in range(len(loop.starts_ns))]
    return np.array(keys, np.uint64)
