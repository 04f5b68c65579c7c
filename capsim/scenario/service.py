"""Service times of a pool by batch size, lowered to plain numbers, and the capacity they give."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from capsim.distributions import Variate
from capsim.profile.curve import mean_of
from capsim.profile.model import LatencyProfile
from capsim.random import Stream
from capsim.scenario.schema import Pool, Scenario
from capsim.serving.noise import noisy
from capsim.serving.sharing import batches_per_s
from capsim.units import NS_PER_S

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ServiceTimes:
    """What the engines need to know of a pool's service, in numbers. Index n - 1 stands for a batch of n requests.

    Attributes:
        curves_ns: quantile functions of the measured batch sizes (rows), or none with a distribution.
        lower: row of the measured batch size at or below.
        weight: weight of the row above `lower`.
        mean_ns: mean work of the device.
        overhead_ns: what holds the instance besides.
        variate: what a batch draws, of mean 1; a uniform where there are curves.
    """

    curves_ns: Floats | None
    lower: NDArray[np.int64]
    weight: Floats
    mean_ns: Floats
    overhead_ns: NDArray[np.int64]
    variate: Variate | None

    def draws(self, stream: Stream, start: int, stop: int) -> Floats:
        """One draw a batch: uniforms for a profile, variates of mean 1 for a distribution."""
        u = stream.uniforms(start, stop)
        return u if self.variate is None else self.variate.quantile(u)


def service_times(pool: Pool, items_per_request: int) -> ServiceTimes:
    """The service times of a pool for batches of 1 to its largest number of requests."""
    requests = np.arange(1, pool.batching.most_requests(items_per_request) + 1)
    items = requests * items_per_request
    overhead = pool.overhead.per_batch + pool.overhead.per_request * requests
    if pool.service is not None:
        mean = (pool.service.mean + pool.service.per_item * items).astype(np.float64)
        nowhere = np.zeros(len(requests), dtype=np.int64)
        return ServiceTimes(None, nowhere, np.zeros(len(requests)), mean, overhead, pool.service.variate)
    profile = pool.profile
    assert profile is not None, "a pool has a profile or a service"  # noqa: S101 - pool_faults has seen to it
    curves, lower, weight, mean = _profiled(profile, pool.variation, len(requests), items_per_request)
    return ServiceTimes(curves, lower, weight, mean, overhead, None)


@lru_cache(maxsize=64)
def _profiled(
    profile: LatencyProfile, cv: float, most_requests: int, items_per_request: int
) -> tuple[Floats, NDArray[np.int64], Floats, Floats]:
    """Quantile functions, the rows below, the weights above and the mean work; kept, as every replication asks."""
    curves = np.array([noisy(profile.curves_ns[1, size], cv) for size in profile.batch_sizes])
    # A row more, so that `lower + 1` always exists.
    curves = np.concatenate([curves, curves[-1:]])
    places = [
        profile.place(items)
        for items in range(items_per_request, most_requests * items_per_request + 1, items_per_request)
    ]
    lower = np.array([row for row, _ in places], dtype=np.int64)
    weight = np.array([part for _, part in places])
    means = np.array([mean_of(curve) for curve in curves])
    mean = means[lower] + weight * (means[lower + 1] - means[lower])
    for shared in (curves, lower, weight, mean):
        shared.flags.writeable = False
    return curves, lower, weight, mean


def server_capacity_per_s(pool: Pool, items_per_request: int) -> float:
    """Requests per second that one server can bear: full batches on every instance, or its front end."""
    times = service_times(pool, items_per_request)
    most = len(times.mean_ns)
    full = batches_per_s(float(times.mean_ns[-1]), float(times.overhead_ns[-1]), pool.abreast, pool.overlap)
    slowest_front_ns = max(pool.front_end.before, pool.front_end.after)
    front = NS_PER_S / slowest_front_ns if slowest_front_ns else float("inf")
    return min(most * full, front)


def capacity_per_s(scenario: Scenario) -> float:
    """Requests per second that the scenario can bear: that of its tightest step."""
    items = scenario.workload.items_per_request
    capacities = []
    each = {pool.name: server_capacity_per_s(pool, items) for pool in scenario.pools}
    for step in scenario.steps:
        pools = scenario.pools_of(step)
        if step.balancer.policy in {"round_robin", "random"}:
            # Every queue gets the same share, so the weakest one is full first.
            queues = sum(1 if pool.queue.shared else pool.servers for pool in pools)
            weakest = min(each[pool.name] * (pool.servers if pool.queue.shared else 1) for pool in pools)
            capacities.append(queues * weakest)
        elif step.balancer.policy == "weighted":
            weights = {pool.name: step.balancer.weights.get(pool.name, 1.0) for pool in pools}
            total = sum(weights.values())
            capacities.append(
                min(each[p.name] * p.servers * total / weights[p.name] for p in pools if weights[p.name] > 0)
            )
        else:
            capacities.append(sum(each[pool.name] * pool.servers for pool in pools))
    return min(capacities)


def sent_per_s(scenario: Scenario) -> float:
    """About how many requests are sent per second: as offered, or at most so many in a closed loop."""
    offered = scenario.workload.arrivals.offered_per_s(scenario.run.horizon / NS_PER_S)
    return closed_loop_per_s(scenario) if offered is None else offered


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
    return min(capacity_per_s(scenario), clients / cycle_ns * NS_PER_S)


def least_service_ns(scenario: Scenario) -> float:
    """How long a request takes on average that is alone in the system, from its quickest pools, without the network."""
    items = scenario.workload.items_per_request
    alone_ns = {pool.name: _alone_ns(pool, items) for pool in scenario.pools}
    return sum(min(alone_ns[name] for name in step.pools) for step in scenario.steps)


def _alone_ns(pool: Pool, items: int) -> float:
    times = service_times(pool, items)
    return float(times.mean_ns[0] + times.overhead_ns[0])
