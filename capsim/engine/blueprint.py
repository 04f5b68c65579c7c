"""A scenario lowered to plain numbers: what the engines read, and nothing else.

Pools, servers, queues and steps are numbered from 0 in the order of the scenario; servers and queues count
through all pools.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from dataclasses import dataclass, replace

from capsim.distributions import Distribution, Variate
from capsim.random import Stream
from capsim.scenario import Pool, Scenario
from capsim.scenario.service import ServiceTimes, service_times
from capsim.serving.balancing import BALANCING
from capsim.serving.batching import BATCHING
from capsim.serving.sharing import slowdown
from capsim.units import NS_PER_S
from capsim.workload import ClosedLoop, OpenLoop, Trace

LARGEST_LOAD_UNIT = 10**9


@dataclass(frozen=True, eq=False)
class PoolPlan:
    """Identical servers.

    `slowdown[k]` is how many times longer device work takes with k batches running, in 1 / sharing.SCALE. An instance
    that takes a batch formed ahead takes those behind it too, up to `merged_most` requests, as long as the oldest of
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

    @property
    def instances_interact(self) -> bool:
        """Whether a batch can feel another one on its device."""
        return any(slow != self.slowdown[0] for slow in self.slowdown)


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
    """A step of the route: its queues, how one is chosen, and their cumulative shares."""

    queues: tuple[int, ...]
    balancing: str
    shares: tuple[float, ...]


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


@dataclass(frozen=True, eq=False)
class Blueprint:
    """One replication of a scenario.

    `up_ns` is the way from the client to the first step, `down_ns` the way back from the last; `expected` is about how
    many requests are sent before the horizon, where that is known beforehand. Engines that keep rows of more than
    `most_visits` visits raise `TooManyRowsError`.
    """

    seed: int
    replication: int
    horizon_ns: int
    stop_ns: int
    up_ns: int
    down_ns: int
    items_per_request: int
    arrivals: ArrivalPlan
    expected: float | None
    pools: tuple[PoolPlan, ...]
    queues: tuple[QueuePlan, ...]
    steps: tuple[StepPlan, ...]
    most_visits: int | None = None

    def replicated(self, replication: int) -> Blueprint:
        """Another replication of the same scenario."""
        return replace(self, replication=replication)

    def stream(self, name: str) -> Stream:
        """The stream of this replication by its name."""
        return Stream.named(self.seed, self.replication, name)

    def service_stream(self, pool: PoolPlan, server: int) -> Stream:
        """The stream of a server's batches, by its position in the pool."""
        return self.stream(f"service/{pool.name}/{server}")


def lower(scenario: Scenario, replication: int = 0) -> Blueprint:
    """The blueprint of one replication of a scenario."""
    items, network, run = scenario.workload.items_per_request, scenario.network, scenario.run
    pools = tuple(_pools(scenario.pools, items))
    queues = tuple(_queues(scenario.pools, pools))
    return Blueprint(
        seed=run.seed,
        replication=replication,
        horizon_ns=run.horizon,
        stop_ns=run.stop_ns,
        up_ns=network.transfer_ns(network.request_size),
        down_ns=network.transfer_ns(network.response_size),
        items_per_request=items,
        arrivals=_arrivals(scenario),
        expected=_expected(scenario),
        pools=pools,
        queues=queues,
        steps=tuple(_steps(scenario, pools, queues)),
    )


def _arrivals(scenario: Scenario) -> ArrivalPlan:
    arrivals = scenario.workload.arrivals
    if isinstance(arrivals, Trace):
        return ReplayPlan(arrivals)
    if not isinstance(arrivals, ClosedLoop):
        return CrowdPlan(arrivals)
    think = arrivals.think_time.variate if isinstance(arrivals.think_time, Distribution) else None
    return ClientsPlan(tuple(arrivals.starts_ns()), arrivals.mean_think_ns, think, arrivals.retry_delay)


def _expected(scenario: Scenario) -> float | None:
    horizon_s = scenario.run.horizon / NS_PER_S
    offered = scenario.workload.arrivals.offered_per_s(horizon_s)
    return None if offered is None else offered * horizon_s


def _pools(pools: list[Pool], items: int) -> list[PoolPlan]:
    firsts = itertools.accumulate((pool.servers for pool in pools), initial=0)
    merging = [_merging(pool, items) for pool in pools]
    return [
        PoolPlan(
            name=pool.name,
            first_server=first,
            servers=pool.servers,
            instances=pool.abreast,
            service=service_times(pool, items),
            slowdown=tuple(slowdown(max(running, 1), pool.overlap) for running in range(pool.abreast + 1)),
            before_ns=pool.front_end.before,
            after_ns=pool.front_end.after,
            batching=pool.batching.policy,
            settings=pool.batching.lower(items, pool.instances * (pool.servers if pool.queue.shared else 1)),
            merged_most=most,
            merged_after_ns=after_ns,
            admission=None if pool.admission is None else pool.admission.policy,
            admission_settings=() if pool.admission is None else pool.admission.lower(),
        )
        for pool, first, (most, after_ns) in zip(pools, firsts, merging, strict=False)
    ]


def _merging(pool: Pool, items: int) -> tuple[int, int]:
    merging = BATCHING[pool.batching.policy].RULE.merging
    return (0, 0) if merging is None else merging(pool.batching, items)


def _queues(pools: list[Pool], plans: tuple[PoolPlan, ...]) -> list[QueuePlan]:
    widths = [pool.servers if pool.queue.shared else 1 for pool in pools]
    unit = min(math.lcm(*widths), LARGEST_LOAD_UNIT)
    queues = []
    for i, (pool, plan, width) in enumerate(zip(pools, plans, widths, strict=True)):
        queues += [
            QueuePlan(i, plan.first_server + first, width, pool.capacity, pool.queue.timeout, unit // width)
            for first in range(0, pool.servers, width)
        ]
    return queues


def _steps(scenario: Scenario, pools: tuple[PoolPlan, ...], queues: tuple[QueuePlan, ...]) -> list[StepPlan]:
    steps = []
    queues_of: dict[str, list[int]] = {pool.name: [] for pool in pools}
    for q, queue in enumerate(queues):
        queues_of[pools[queue.pool].name].append(q)
    for step in scenario.steps:
        chosen = tuple(q for name in step.pools for q in queues_of[name])
        names = [pools[queues[q].pool].name for q in chosen]
        weights = step.balancer.weights if BALANCING[step.balancer.policy].RULE.weighted else {}
        widths = Counter(names)
        parts = [weights.get(name, 1.0) / widths[name] for name in names]
        total = math.fsum(parts)
        shares = tuple(part / total for part in itertools.accumulate(parts))
        steps.append(StepPlan(chosen, step.balancer.policy, shares))
    return steps
