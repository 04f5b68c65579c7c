"""A scenario lowered to plain numbers: what the engines read, and nothing else.

Pools, servers, queues, classes and nodes are numbered from 0 in the order of the scenario; servers and queues count
through all pools, nodes through all routes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from capsim.distributions import Variate
from capsim.random import Stream
from capsim.scenario.service import ServiceTimes
from capsim.serving.rule import BY_REQUEST
from capsim.units import NEVER
from capsim.workload import OpenLoop, Trace

END = -1
"""The node behind the last one."""
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


@dataclass(frozen=True)
class StepPlan:
    """A node where requests are served: its queues, how one is chosen, and their cumulative shares.

    `health_lag_ns` is how late it learns that a queue has no server, `lag_ns` how old the loads are that it sees;
    `drawn_by` what its uniforms go by, see `serving.rule`.
    """

    queues: tuple[int, ...]
    balancing: str
    shares: tuple[float, ...]
    next: int = END
    settings: tuple[int, ...] = ()
    lag_ns: int = 0
    health_lag_ns: int = 0
    drawn_by: int = BY_REQUEST


@dataclass(frozen=True, eq=False)
class QuantilePlan:
    """A quantile function (ns), linear between `values_ns` at `shares`, which begin at 0 and end at 1."""

    shares: NDArray[np.float64]
    values_ns: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class DelayPlan:
    """A node where requests spend time and nobody waits for anybody."""

    delay: QuantilePlan
    next: int = END


@dataclass(frozen=True)
class LinkPlan:
    """A node that sends the request, or its answer, over a link; contended ones of one number share a line."""

    latency_ns: int
    ns_per_byte: float
    carries_response: bool = False
    line: int | None = None
    next: int = END


@dataclass(frozen=True)
class ChoosePlan:
    """A node from which a request goes one of several ways: by cumulative shares, or by the number of its class."""

    starts: tuple[int, ...]
    shares: tuple[float, ...] = ()
    by_class: tuple[int, ...] = ()
    """For each class which of the ways it takes; empty where shares decide."""


@dataclass(frozen=True)
class SplitPlan:
    """A node that sends a copy along each branch and goes on at `next` when `wait_for` of them have come to its join.

    The copy of a branch has the number `first_branch` + its place; 0 is the request's own way.
    """

    starts: tuple[int, ...]
    wait_for: int
    first_branch: int
    next: int = END


@dataclass(frozen=True)
class JoinPlan:
    """The node where the branches of a split end."""

    split: int


@dataclass(frozen=True, eq=False)
class CachePlan:
    """A node that looks for an answer: on a hit the request goes on at `hit`, else at `next`.

    It knows `hit_share` of them by chance, or the `capacity` keys used last: of as many `keys`, drawn by cumulative
    `key_shares`, where they are given and else the request's own. What was fetched is put in when the request comes to
    the node `hit` (or to the end), and is known for `ttl_ns`.
    """

    look_up_ns: int
    hit: int
    hit_share: float | None = None
    capacity: int = 0
    keys: int = 0
    key_shares: NDArray[np.float64] | None = None
    ttl_ns: int = NEVER
    coalesces: bool = False
    next: int = END


NodePlan = StepPlan | DelayPlan | LinkPlan | ChoosePlan | SplitPlan | JoinPlan | CachePlan


@dataclass(frozen=True, eq=False)
class CrowdPlan:
    """Requests of an open loop: a process says how far apart they are, in expected counts, and at which rate."""

    process: OpenLoop


@dataclass(frozen=True, eq=False)
class ReplayPlan:
    """Requests at recorded instants, drawn from the stream of arrivals where they were recorded coarsely."""

    trace: Trace


@dataclass(frozen=True, eq=False)
class ClientsPlan:
    """Clients that wait for their answer: when each sends first, and how long it thinks before it sends again.

    `think` is of mean 1, absent where every think time is the mean; a client thinks `retry_delay_ns` longer after a
    rejection.
    """

    starts_ns: tuple[int, ...]
    think_ns: int
    think: Variate | None
    retry_delay_ns: int


ArrivalPlan = CrowdPlan | ReplayPlan | ClientsPlan


@dataclass(frozen=True)
class BreakerPlan:
    """Nothing is sent for `open_ns` once `failures` of at least `least` attempts within `window_ns` were no answers."""

    failures: float
    window_ns: int
    least: int
    open_ns: int


@dataclass(frozen=True)
class SendersPlan:
    """What senders do about a request that is late or lost.

    Attributes:
        timeout_ns: how long they wait for the answer of an attempt.
        cancels: whether the system learns that they gave up.
        backoff_ns: how long they pause before each further attempt, at most; one a retry.
        jitter: what of that is drawn: 0 nothing, 1 all, 2 the second half.
        retried: by outcome, whether it is tried again.
        budget: retries for each request first sent, at most; unbounded unless given.
        hedge_ns: after how long a copy is sent beside the first; NEVER where none is.
        hedge_share: or after the quantile of the latencies seen so far.
        most_hedges: how many copies at most.
        breaker: when nothing is sent at all.
    """

    timeout_ns: int = NEVER
    cancels: bool = False
    backoff_ns: tuple[int, ...] = ()
    jitter: int = 0
    retried: tuple[bool, ...] = ()
    budget: float | None = None
    hedge_ns: int = NEVER
    hedge_share: float | None = None
    most_hedges: int = 0
    breaker: BreakerPlan | None = None

    @property
    def most_attempts(self) -> int:
        """How often a request is sent at most."""
        return (1 + len(self.backoff_ns)) * (1 + self.most_hedges)


@dataclass(frozen=True, eq=False)
class ClassPlan:
    """Requests of one kind.

    Attributes:
        name: what results call it.
        arrivals: when they are sent.
        units: of each request; 0 where they are drawn or recorded.
        unit_values: how many units a request can have, and
        unit_shares: how many requests have up to as many.
        key_shares: cumulative shares of keys; none where requests have none or recorded ones.
        priority: lower goes first.
        deadline_ns: from being sent; NEVER where there is none.
        up_ns: the way from the client to the first node.
        down_ns: the way back.
        request_bytes: size of a request.
        response_bytes: size of its answer.
        first_node: where its route begins.
        senders: what clients do about late answers; nothing unless given.
        up_ns_per_byte: how much longer the way to the first node is for each byte more.
    """

    name: str
    arrivals: ArrivalPlan
    units: int = 1
    unit_values: tuple[int, ...] = ()
    unit_shares: tuple[float, ...] = ()
    key_shares: NDArray[np.float64] | None = None
    priority: int = 0
    deadline_ns: int = NEVER
    up_ns: int = 0
    down_ns: int = 0
    request_bytes: int = 0
    response_bytes: int = 0
    first_node: int = 0
    senders: SendersPlan | None = None
    up_ns_per_byte: float = 0.0

    @property
    def recorded(self) -> bool:
        """Whether a trace says what its requests carry."""
        if not isinstance(self.arrivals, ReplayPlan):
            return False
        file = self.arrivals.trace.file
        return any(column is not None for column in (file.items, file.keys, file.request_bytes))

    @property
    def keys(self) -> int:
        """How many different keys its requests can have, drawn or recorded."""
        if self.key_shares is not None:
            return len(self.key_shares)
        recorded = self.arrivals.trace.file.keys if isinstance(self.arrivals, ReplayPlan) else None
        return 0 if recorded is None else int(recorded.max()) + 1

    def up_with_ns(self, request_bytes: NDArray[np.int64]) -> NDArray[np.int64]:
        """The way to the first node of requests of other sizes."""
        more = np.asarray((request_bytes - self.request_bytes) * self.up_ns_per_byte, np.float64)
        up_ns: NDArray[np.int64] = self.up_ns + np.rint(more).astype(np.int64)
        return up_ns

    @property
    def longest_up_ns(self) -> int:
        """The longest way of a request to the first node."""
        sizes = self.arrivals.trace.file.request_bytes if isinstance(self.arrivals, ReplayPlan) else None
        return self.up_ns if sizes is None else int(self.up_with_ns(sizes).max())


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
    most_visits: int | None = None

    def closed_loops(self) -> Iterator[tuple[int, ClientsPlan]]:
        """The classes whose clients wait for their answers, by number."""
        for number, each in enumerate(self.classes):
            if isinstance(each.arrivals, ClientsPlan):
                yield number, each.arrivals

    def first_arrivals_ns(self) -> list[int]:
        """When the first request of each client comes, the clients of all closed loops one after the other."""
        loops = self.closed_loops()
        return [start_ns + self.classes[number].up_ns for number, loop in loops for start_ns in loop.starts_ns]

    @property
    def plain(self) -> bool:
        """Whether it is one class of requests that pass station after station as they come, and are sent once."""
        only = self.classes[0]
        alike = len(self.classes) == 1 and only.units == 1 and only.key_shares is None and not only.recorded
        as_they_come = all(pool.discipline == FIFO and pool.faults is None for pool in self.pools)
        return alike and as_they_come and only.senders is None and len(self.steps) == len(self.nodes)

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
