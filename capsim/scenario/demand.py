"""What the load asks of the servers and what they can bear: offered load, visits, capacity, the tightest place.

By visit ratios (Denning and Buzen, The operational analysis of queueing network models, 1978, section 3): a place that
each request visits v times and that serves c visits per second bears c / v requests per second, and a system bears what
its tightest place does. A closed form of what a system bears answers nothing where a scenario uses a setting that it
does not know.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from capsim.scenario.known import SYSTEM, knows
from capsim.scenario.schema import Pool, Scenario, Step
from capsim.scenario.service import service_times
from capsim.serving.balancing import BALANCING
from capsim.serving.sharing import batches_per_s
from capsim.units import NS_PER_S


def offered_per_s(scenario: Scenario) -> float | None:
    """The mean rate of requests until the horizon; nothing for a closed loop, where it is an outcome."""
    rate: float | None = scenario.workload.arrivals.offered_per_s(scenario.run.horizon / NS_PER_S)
    return rate


def sent_per_s(scenario: Scenario) -> float:
    """About how many requests are sent per second: as offered, or at most so many in a closed loop."""
    offered = offered_per_s(scenario)
    return closed_loop_per_s(scenario) if offered is None else offered


def expected_requests(scenario: Scenario) -> float:
    """About how many requests a scenario simulates, all replications together: what its time goes by."""
    return sent_per_s(scenario) * scenario.run.horizon / NS_PER_S * scenario.run.least_replications


def expected_visits(scenario: Scenario) -> float:
    """About how many visits they make together, at most."""
    horizon_s = scenario.run.horizon / NS_PER_S
    return sent_per_s(scenario) * horizon_s * len(scenario.steps) * scenario.run.least_replications


def overload(scenario: Scenario) -> tuple[float, float] | None:
    """The offered load and the capacity (requests/s), where more is offered than can be served.

    Nothing where an admission rule turns requests away: what comes in is not known beforehand.
    """
    offered = None if scenario.turns_away else offered_per_s(scenario)
    capacity = None if offered is None else capacity_per_s(scenario)
    return (offered, capacity) if offered is not None and capacity is not None and offered >= capacity else None


def server_capacity_per_s(pool: Pool, items_per_request: int) -> float:
    """Requests per second that one server can bear: full batches on every instance, or its front end."""
    times = service_times(pool, items_per_request)
    most = len(times.mean_ns)
    full = _full_batches_per_s(pool, float(times.mean_ns[-1]), float(times.overhead_ns[-1]))
    slowest_front_ns = max(pool.front_end.before, pool.front_end.after)
    front = NS_PER_S / slowest_front_ns if slowest_front_ns else float("inf")
    return min(most * full, front)


def _full_batches_per_s(pool: Pool, work_ns: float, overhead_ns: float) -> float:
    """Batches per second of a server that always has more: of a pipeline its longest stage says how many."""
    if not pool.stages:
        return batches_per_s(work_ns, overhead_ns, pool.abreast, pool.overlap)
    stage_ns = work_ns / pool.parallel.pipeline
    longest_ns = max(stage_ns, overhead_ns) if pool.overhead.overlapped else stage_ns + overhead_ns
    return NS_PER_S / longest_ns


@dataclass(frozen=True)
class Share:
    """A part of a step's requests that some pools get, whatever else they have to do.

    Attributes:
        pools: their names.
        capacity_per_s: visits that they serve together.
        bears_per_s: requests per second of which this part is what they serve, if they do nothing else.
    """

    pools: frozenset[str]
    capacity_per_s: float
    bears_per_s: float

    @property
    def visits(self) -> float:
        """How many of its visits a request makes here."""
        return self.capacity_per_s / self.bears_per_s if math.isfinite(self.bears_per_s) else 0.0


def capacity_per_s(scenario: Scenario) -> float | None:
    """Requests per second that the scenario can bear: what its tightest place does.

    Nothing where it uses settings that this does not know, or a balancer that does not say how it divides requests.
    """
    if not knows(SYSTEM, scenario):
        return None
    each = {pool.name: server_capacity_per_s(pool, scenario.workload.items_per_request) for pool in scenario.pools}
    shares: list[Share] = []
    for step in scenario.steps:
        divided = _divided(step, scenario.pools_of(step), each)
        if divided is None:
            return None
        shares += divided
    return min(_bears_per_s(share, shares) for share in shares)


def _bears_per_s(share: Share, shares: list[Share]) -> float:
    """Requests per second that the pools of a share bear with all that must come to them, on whichever step."""
    within = [other for other in shares if other.pools <= share.pools]
    if len(within) == 1:
        return share.bears_per_s
    visits = sum(other.visits for other in within)
    return share.capacity_per_s / visits if visits else math.inf


def _divided(step: Step, pools: list[Pool], each: dict[str, float]) -> list[Share] | None:
    """How a step's requests are divided among its pools, which bear `each` per second and server."""
    whole = {pool.name: each[pool.name] * pool.servers for pool in pools}
    division = BALANCING[step.balancer.policy].RULE.division
    if division == "alike":
        # Every queue gets the same share.
        queues = sum(1 if pool.queue.shared else pool.servers for pool in pools)
        of_a_queue = {pool.name: each[pool.name] * (pool.servers if pool.queue.shared else 1) for pool in pools}
        return [Share(frozenset({name}), whole[name], queues * bears) for name, bears in of_a_queue.items()]
    if division == "by weight":
        weights = {name: step.balancer.weights.get(name, 1.0) for name in whole}
        total = sum(weights.values())
        return [
            Share(frozenset({name}), whole[name], whole[name] * total / weight)
            for name, weight in weights.items()
            if weight > 0
        ]
    if division == "by room":
        together = sum(whole.values())
        return [Share(frozenset(whole), together, together)]
    return None


def closed_loop_per_s(scenario: Scenario) -> float:
    """About how many requests per second the clients of a closed loop send, at most.

    Clients that find no room, or whose requests time out or are turned away as too late, are back after their own
    cycle, whatever the capacity.
    """
    loop, items = scenario.workload.arrivals, scenario.workload.items_per_request
    away_ns = scenario.network.round_trip_ns + loop.mean_think_ns
    rates = [answered_per_s(scenario, loop.clients, loop.mean_think_ns)]
    for pool in scenario.pools:
        if pool.capacity is not None:
            queues = 1 if pool.queue.shared else pool.servers
            room = queues * pool.capacity + pool.servers * pool.abreast * pool.batching.most_requests(items)
            rates.append((loop.clients - room) / max(away_ns + loop.retry_delay, 1) * NS_PER_S)
        if pool.admission is not None:
            rates.append(loop.clients / max(away_ns + loop.retry_delay, 1) * NS_PER_S)
        if pool.queue.timeout is not None:
            rates.append(loop.clients / (away_ns + pool.queue.timeout) * NS_PER_S)
        latest_ns, look_ns = getattr(pool.batching, "turns_away", (None, 0))
        if latest_ns is not None:
            in_time = server_capacity_per_s(pool, items) * pool.servers * latest_ns / NS_PER_S
            room = in_time + pool.servers * pool.abreast * pool.batching.most_requests(items)
            rates.append((loop.clients - room) / (away_ns + look_ns) * NS_PER_S)
    return max(rates)


def answered_per_s(scenario: Scenario, clients: float, think_ns: float) -> float:
    """At most how many answers per second clients get: bounded by capacity, and by an empty system."""
    cycle_ns = scenario.network.round_trip_ns + think_ns + least_service_ns(scenario)
    alone = clients / max(cycle_ns, 1) * NS_PER_S
    capacity = capacity_per_s(scenario)
    return alone if capacity is None else min(capacity, alone)


def least_service_ns(scenario: Scenario) -> float:
    """At least how long a request takes on average that is alone in the system, without the network.

    From its quickest pools; 0 where the scenario uses settings that this does not know.
    """
    if not knows(SYSTEM, scenario):
        return 0.0
    items = scenario.workload.items_per_request
    alone_ns = {pool.name: _alone_ns(pool, items) for pool in scenario.pools}
    return sum(min(alone_ns[name] for name in step.pools) for step in scenario.steps)


def _alone_ns(pool: Pool, items: int) -> float:
    times = service_times(pool, items)
    return float(times.mean_ns[0] + times.overhead_ns[0])
