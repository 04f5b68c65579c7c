"""A scenario lowered to plain numbers: what the engines read, and nothing else.

Pools, servers, queues, classes and nodes are numbered from 0 in the order of the scenario; servers and queues count
through all pools, nodes through all routes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from capsim.engine.blueprint.classes import (
    ArrivalPlan,
    BreakerPlan,
    ClassPlan,
    ClientsPlan,
    CrowdPlan,
    ReplayPlan,
    SendersPlan,
)
from capsim.engine.blueprint.nodes import (
    END,
    CachePlan,
    ChoosePlan,
    DelayPlan,
    JoinPlan,
    LinkPlan,
    NodePlan,
    QuantilePlan,
    SplitPlan,
    StepPlan,
)
from capsim.engine.blueprint.pools import EDF, FIFO, PRIORITY, FaultsPlan, PoolPlan, QueuePlan, ZonePlan
from capsim.random import Stream

__all__ = [
    "EDF",
    "END",
    "FIFO",
    "PRIORITY",
    "ArrivalPlan",
    "Blueprint",
    "BreakerPlan",
    "CachePlan",
    "ChoosePlan",
    "ClassPlan",
    "ClientsPlan",
    "CrowdPlan",
    "DelayPlan",
    "FaultsPlan",
    "JoinPlan",
    "LinkPlan",
    "NodePlan",
    "PoolPlan",
    "QuantilePlan",
    "QueuePlan",
    "ReplayPlan",
    "SendersPlan",
    "SplitPlan",
    "StepPlan",
    "ZonePlan",
]


@dataclass(frozen=True, eq=False)
class Blueprint:
    """One replication of a scenario.

    Batches and rules count units: where all requests carry the same number of items it is one unit, else each item is.
    `expected` is about how many requests are sent before the horizon, where that is known beforehand. Engines that keep
    rows of more than `most_visits` visits raise `TooManyRowsError`.
    """

    seed: int
    replication: int
    horizon_ns: int
    stop_ns: int
    items_per_unit: int
    classes: tuple[ClassPlan, ...]
    expected: float | None
    pools: tuple[PoolPlan, ...]
    queues: tuple[QueuePlan, ...]
    nodes: tuple[NodePlan, ...]
    zones: tuple[ZonePlan, ...] = ()
    most_visits: int | None = None

    def closed_loops(self) -> Iterator[tuple[int, ClientsPlan]]:
        """The classes whose clients wait for their answers, by number."""
        for number, each in enumerate(self.classes):
            if isinstance(each.arrivals, ClientsPlan):
                yield number, each.arrivals

    def first_arrivals_ns(self) -> list[int]:
        """When the first request of each client comes, the clients of all closed loops one after the other (ns)."""
        loops = self.closed_loops()
        return [start_ns + self.classes[number].door_ns for number, loop in loops for start_ns in loop.starts_ns]

    @property
    def plain(self) -> bool:
        """Whether it is one class of requests that pass station after station as they come, and are sent once."""
        only = self.classes[0]
        alike = len(self.classes) == 1 and only.units == 1 and only.key_shares is None and not only.recorded
        as_they_come = all(pool.discipline == FIFO for pool in self.pools) and not self.fails
        return alike and as_they_come and only.senders is None and len(self.steps) == len(self.nodes)

    @property
    def fails(self) -> bool:
        """Whether any server can be down."""
        return any(pool.faults is not None or pool.zones for pool in self.pools)

    @property
    def arrivals(self) -> ArrivalPlan:
        """When requests of the first class are sent."""
        return self.classes[0].arrivals

    @property
    def up_ns(self) -> int:
        """Their way from the client to the first node."""
        return self.classes[0].up_ns

    @property
    def down_ns(self) -> int:
        """Their way back."""
        return self.classes[0].down_ns

    @property
    def items_per_request(self) -> int:
        """The items of each request, where all carry as many."""
        return self.items_per_unit

    @property
    def steps(self) -> tuple[StepPlan, ...]:
        """The nodes where requests are served."""
        return tuple(node for node in self.nodes if isinstance(node, StepPlan))

    def keys_of(self, cache: CachePlan) -> int:
        """Of how many keys a cache may have to know something."""
        if cache.hit_share is not None:
            return 0
        return cache.keys if cache.key_shares is not None else max(each.keys for each in self.classes)

    def replicated(self, replication: int) -> Blueprint:
        """Another replication of the same scenario."""
        return replace(self, replication=replication)

    def stream(self, name: str) -> Stream:
        """The stream of this replication by its name."""
        return Stream.named(self.seed, self.replication, name)

    def service_stream(self, pool: PoolPlan, server: int) -> Stream:
        """The stream of a server's batches, by its position in the pool."""
        return self.stream(f"service/{pool.name}/{server}")

    def class_stream(self, purpose: str, number: int) -> Stream:
        """The stream of a class for a purpose; that of an only class goes by the purpose alone."""
        return self.stream(purpose if len(self.classes) == 1 else f"{purpose}/{self.classes[number].name}")
