"""Pools and the queues before their servers, in numbers."""

from __future__ import annotations

from dataclasses import dataclass

from capsim.distributions import Variate
from capsim.scenario.service import ServiceTimes

FIFO, PRIORITY, EDF = 0, 1, 2
"""In which order requests wait: first come first served, by the priority of their class, by their deadline."""


@dataclass(frozen=True, eq=False)
class FaultsPlan:
    """When servers are down: from instant to instant (ns), all of the pool or one, by its position; and by chance.

    By chance a server is up for `up` times `up_ns`, then down for `down` times `down_ns`, both variates of mean 1.
    """

    at: tuple[tuple[int, int, int | None], ...] = ()
    up_ns: int | None = None
    up: Variate | None = None
    down_ns: int = 0
    down: Variate | None = None


@dataclass(frozen=True, eq=False)
class ZonePlan:
    """Where servers stand that go down together."""

    name: str
    faults: FaultsPlan


@dataclass(frozen=True, eq=False)
class PoolPlan:
    """Identical servers.

    `slowdown[k]` is how many times longer device work takes with k batches on the device, in 1 / sharing.SCALE; batches
    feel each other where `instances_interact`. Servers in the same position of pools of one `device` share it; it has
    one batch at a time where it `takes_turns`. A server
    of `stages` (0 unless it is a pipeline) has an instance for each; the first copies where it `copies_ahead`. One
    that takes a batch formed ahead takes those behind it too, up to `merged_most` units, as long as the oldest of
    each has waited for more than `merged_after_ns`.
    """

    name: str
    first_server: int
    servers: int
    instances: int
    service: ServiceTimes
    slowdown: tuple[int, ...]
    before_ns: int
    after_ns: int
    batching: str
    settings: tuple[int, ...]
    merged_most: int
    merged_after_ns: int
    admission: str | None
    admission_settings: tuple[int, ...]
    discipline: int = FIFO
    faults: FaultsPlan | None = None
    zones: tuple[int, ...] = ()
    """The zones to which its servers are dealt out in turn."""
    instances_interact: bool = False
    device: int | None = None
    takes_turns: bool = False
    stages: int = 0
    copies_ahead: bool = False


@dataclass(frozen=True)
class QueuePlan:
    """A queue and the servers that it feeds; capacity and timeout are absent where unbounded.

    `load_unit` is what one request adds to the load that balancers compare: the same per server everywhere.
    """

    pool: int
    first_server: int
    servers: int
    capacity: int | None
    timeout_ns: int | None
    load_unit: int
