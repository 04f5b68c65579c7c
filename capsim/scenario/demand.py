"""What the load asks of the servers and what they can bear: offered load, visits, capacity, the tightest place.

By visit ratios (Denning and Buzen, The operational analysis of queueing network models, 1978, section 3): a place that
each request visits v times and that serves c visits per second bears c / v requests per second, and a system bears what
its tightest place does. A closed form of what a system bears answers nothing where a scenario uses a setting that it
does not know.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from capsim.scenario.classes import RequestClass
from capsim.scenario.known import SYSTEM, knows
from capsim.scenario.route import Hop, Step
from capsim.scenario.schema import Pool, Scenario
from capsim.scenario.service import ServiceTimes, service_times
from capsim.scenario.visits import hops, items_at, least_ns, mix, visits
from capsim.serving.balancing import BALANCING
from capsim.serving.batching import BATCHING
from capsim.serving.sharing import batches_per_s
from capsim.units import NS_PER_S
from capsim.workload import ItemCounts, item_counts


def offered_per_s(scenario: Scenario) -> float | None:
    """The mean rate of requests until the horizon; nothing for a closed loop, where it is an outcome."""
    return scenario.workload.combined.offered_per_s(scenario.run.horizon / NS_PER_S)


def sent_per_s(scenario: Scenario) -> float:
    """About how many requests are sent per second: as offered, or at most so many in a closed loop."""
    return math.fsum(_sent_per_s(scenario, each) for each in scenario.classes)


def _sent_per_s(scenario: Scenario, each: RequestClass) -> float:
    offered = each.arrivals.offered_per_s(scenario.run.horizon / NS_PER_S)
    return _loop_per_s(scenario, each) if offered is None else float(offered)


def expected_requests(scenario: Scenario) -> float:
    """About how many requests a scenario simulates, all replications together: what its time goes by."""
    return sent_per_s(scenario) * scenario.run.horizon / NS_PER_S * scenario.run.least_replications


def expected_visits(scenario: Scenario) -> float:
    """About how many visits they make together, at most."""
    horizon_s = scenario.run.horizon / NS_PER_S
    per_s = math.fsum(
        _sent_per_s(scenario, each) * _most_attempts(each) * math.fsum(visit.ratio for visit in visits(each))
        for each in scenario.classes
    )
    return per_s * horizon_s * scenario.run.least_replications


def _most_attempts(each: RequestClass) -> int:
    """How often a request is sent at most."""
    return 1 if each.clients is None else each.clients.most_attempts


def overload(scenario: Scenario) -> tuple[float, float] | None:
    """The offered load and the capacity (requests/s), where more is offered than can be served.

    Nothing where an admission rule turns requests away: what comes in is not known beforehand.
    """
    offered = None if scenario.turns_away else offered_per_s(scenario)
    capacity = None if offered is None else capacity_per_s(scenario)
    return (offered, capacity) if offered is not None and capacity is not None and offered >= capacity else None


def server_capacity_per_s(pool: Pool, items_per_request: int | ItemCounts) -> float:
    """Requests per second that one server can bear: full batches on every instance, or its front end.

    Where requests carry different numbers of items, batches have the best number of items whatever these belong to: a
    server that never splits a request does at most that.
    """
    items = item_counts(items_per_request) if isinstance(items_per_request, int) else items_per_request
    slowest_front_ns = max(pool.front_end.before, pool.front_end.after)
    front = NS_PER_S / slowest_front_ns if slowest_front_ns else float("inf")
    return min(_instances_per_s(pool, items), front)


def _instances_per_s(pool: Pool, items: ItemCounts) -> float:
    """Requests per second that the instances of a server bear."""
    alike = len(items.values) == 1
    times = service_times(pool, items.most if alike else 1, None if alike else items.most)
    if alike:
        requests = float(len(times.mean_ns))
        work_ns, overhead_ns = float(times.mean_ns[-1]), float(times.overhead_ns[-1])
    elif pool.batching.policy == "none":
        parts = np.diff(items.shares, prepend=0.0)
        work_ns, requests = float(parts @ times.mean_ns[np.array(items.values) - 1]), 1.0
        overhead_ns = float(pool.overhead.per_batch + pool.overhead.per_request)
    else:
        return max(_of_items_per_s(pool, times, items, held) for held in range(items.values[0], len(times.mean_ns) + 1))
    return requests * _full_batches_per_s(pool, work_ns, overhead_ns)


def _of_items_per_s(pool: Pool, times: ServiceTimes, items: ItemCounts, held: int) -> float:
    """Requests per second in batches of so many items, whatever they belong to."""
    requests = held / items.mean
    overhead_ns = pool.overhead.per_batch + pool.overhead.per_request * requests
    return requests * _full_batches_per_s(pool, float(times.mean_ns[held - 1]), overhead_ns)


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
    classes = mix(scenario)
    if classes is None:
        return None
    carried = items_at(scenario, classes)
    each = {name: server_capacity_per_s(scenario.pool(name), items) for name, items in carried.items()}
    shares: list[Share] = []
    for step, ratio in _visit_ratios(scenario, classes):
        divided = _divided(step, scenario.pools_of(step), each)
        if divided is None:
            return None
        shares += [replace(share, bears_per_s=share.bears_per_s / ratio) for share in divided]
    borne = [_bears_per_s(share, shares) for share in shares]
    return min([*borne, *_links_bear_per_s(scenario, classes)], default=math.inf)


def _links_bear_per_s(scenario: Scenario, classes: list[float]) -> Iterator[float]:
    """Requests per second that each link bears on which messages go one after the other."""
    links, busy_ns = scenario.network.links, dict[str, float]()
    for share, each in zip(classes, scenario.classes, strict=True):
        sizes = {"request": each.request_size or 0, "response": each.response_size or 0}
        for visit in hops(each):
            name, link = visit.node.link, links[visit.node.link]
            sending_ns = link.transfer_ns(sizes[visit.node.carries]) - link.latency if link.contention else 0
            busy_ns[name] = busy_ns.get(name, 0.0) + share * visit.ratio * sending_ns
    yield from (NS_PER_S / busy for busy in busy_ns.values() if busy > 0)


def _visit_ratios(scenario: Scenario, classes: list[float]) -> list[tuple[Step, float]]:
    """Each step that is visited at all, with how often a request comes to it on average."""
    ratios: dict[int, tuple[Step, float]] = {}
    for share, each in zip(classes, scenario.classes, strict=True):
        for visit in visits(each):
            step, before = ratios.get(id(visit.node), (visit.node, 0.0))
            ratios[id(step)] = step, before + share * visit.ratio
    return [(step, ratio) for step, ratio in ratios.values() if ratio > 0]


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
    """About how many requests per second the clients of closed loops send, at most.

    Clients that find no room, or whose requests time out or are turned away as too late, are back after their own
    cycle, whatever the capacity.
    """
    return math.fsum(_loop_per_s(scenario, each) for each in scenario.classes if each.arrivals.clients is not None)


def _loop_per_s(scenario: Scenario, each: RequestClass) -> float:
    loop, items = each.arrivals, each.items.most
    away_ns = round_trip_ns(scenario, each) + loop.mean_think_ns
    rates = [_answered_per_s(scenario, each, loop.clients, loop.mean_think_ns)]
    for pool in scenario.pools:
        if pool.capacity is not None:
            queues = 1 if pool.queue.shared else pool.servers
            room = queues * pool.capacity + pool.servers * pool.abreast * pool.batching.most_requests(items)
            rates.append((loop.clients - room) / max(away_ns + loop.retry_delay, 1) * NS_PER_S)
        if pool.admission is not None:
            rates.append(loop.clients / max(away_ns + loop.retry_delay, 1) * NS_PER_S)
        if pool.queue.timeout is not None:
            rates.append(loop.clients / (away_ns + pool.queue.timeout) * NS_PER_S)
        too_late = BATCHING[pool.batching.policy].RULE.turns_away
        if too_late is not None:
            latest_ns, look_ns = too_late(pool.batching)
            in_time = server_capacity_per_s(pool, items) * pool.servers * latest_ns / NS_PER_S
            room = in_time + pool.servers * pool.abreast * pool.batching.most_requests(items)
            rates.append((loop.clients - room) / (away_ns + look_ns) * NS_PER_S)
    if each.clients is not None and each.clients.timeout is not None:
        rates.append(loop.clients / (each.clients.timeout + loop.mean_think_ns) * NS_PER_S)
    return max(rates)


def answered_per_s(scenario: Scenario, clients: float, think_ns: float) -> float:
    """At most how many answers per second clients of the first class get: bounded by capacity, and when alone."""
    return _answered_per_s(scenario, scenario.classes[0], clients, think_ns)


def _answered_per_s(scenario: Scenario, each: RequestClass, clients: float, think_ns: float) -> float:
    cycle_ns = round_trip_ns(scenario, each) + think_ns + least_service_ns(scenario, each)
    alone = clients / max(cycle_ns, 1) * NS_PER_S
    capacity = capacity_per_s(scenario)
    return alone if capacity is None else min(capacity, alone)


def round_trip_ns(scenario: Scenario, each: RequestClass) -> int:
    """Time of a request of a class and of its answer on the way between client and first node (ns)."""
    network = scenario.network
    return network.transfer_ns(each.request_size or 0) + network.transfer_ns(each.response_size or 0)


def least_service_ns(scenario: Scenario, of_class: RequestClass | None = None) -> float:
    """At least how long a request takes on average that is alone in the system, without the way to it.

    From its quickest pools; 0 where the scenario uses settings that this does not know.
    """
    if not knows(SYSTEM, scenario):
        return 0.0
    each = scenario.classes[0] if of_class is None else of_class
    fewest = each.items.values[0]
    alone_ns = {visited: _alone_ns(scenario.pool(visited), fewest) for visited in _visited(each)}
    links, sizes = scenario.network.links, {"request": each.request_size or 0, "response": each.response_size or 0}

    def step_ns(step: Step) -> float:
        return min(alone_ns[name] for name in step.pools)

    def hop_ns(hop: Hop) -> float:
        return float(links[hop.link].transfer_ns(sizes[hop.carries]))

    return least_ns(each, step_ns, hop_ns)


def _visited(each: RequestClass) -> set[str]:
    return {name for visit in visits(each) for name in visit.node.pools}


def _alone_ns(pool: Pool, items: int) -> float:
    times = service_times(pool, items)
    return float(times.mean_ns[0] + times.overhead_ns[0])
