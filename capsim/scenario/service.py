"""Service times of a pool by batch size, lowered to plain numbers, and the capacity they give."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from capsim.profile.model import mean_of
from capsim.random import Stream
from capsim.scenario.schema import Pool, Scenario
from capsim.serving.noise import noisy
from capsim.serving.sharing import batches_per_s
from capsim.units import NS_PER_S

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ServiceTimes:
    """What the engines need to know of a pool's service. Index n - 1 stands for a batch of n requests.

    Attributes:
        curves_ns: quantile functions of the measured batch sizes (rows), or none with a distribution.
        lower: row of the measured batch size at or below.
        weight: weight of the row above `lower`.
        mean_ns: mean work of the device.
        overhead_ns: what holds the instance besides.
        pool: where they come from.
    """

    curves_ns: Floats | None
    lower: NDArray[np.int64]
    weight: Floats
    mean_ns: Floats
    overhead_ns: NDArray[np.int64]
    pool: Pool

    def draws(self, stream: Stream, start: int, stop: int) -> Floats:
        """One draw a batch: uniforms for a profile, variates of mean 1 for a distribution."""
        u = stream.uniforms(start, stop)
        return u if self.pool.service is None else self.pool.service.unit_quantile(u)


def service_times(pool: Pool, items_per_request: int) -> ServiceTimes:
    """The service times of a pool for batches of 1 to its largest number of requests."""
    requests = np.arange(1, pool.batching.most_requests(items_per_request) + 1)
    items = requests * items_per_request
    overhead = pool.overhead.per_batch + pool.overhead.per_request * requests
    if pool.service is not None:
        mean = (pool.service.mean + pool.service.per_item * items).astype(np.float64)
        nowhere = np.zeros(len(requests), dtype=np.int64)
        return ServiceTimes(None, nowhere, np.zeros(len(requests)), mean, overhead, pool)
    profile = pool.profile
    assert profile is not None, "a pool has a profile or a service"  # noqa: S101 - pool_faults has seen to it
    curves = np.array([noisy(profile.curves_ns[1, size], pool.variation) for size in profile.batch_sizes])
    # A row more, so that `lower + 1` always exists.
    curves = np.concatenate([curves, curves[-1:]])
    places = [profile.place(int(size)) for size in items]
    lower = np.array([row for row, _ in places], dtype=np.int64)
    weight = np.array([part for _, part in places])
    means = np.array([mean_of(curve) for curve in curves])
    mean = means[lower] + weight * (means[lower + 1] - means[lower])
    return ServiceTimes(curves, lower, weight, mean, overhead, pool)


def server_capacity_per_s(pool: Pool, items_per_request: int) -> float:
    """Requests per second that one server can bear: full batches on every instance, or its front end."""
    times = service_times(pool, items_per_request)
    most = len(times.mean_ns)
    full = batches_per_s(float(times.mean_ns[-1]), float(times.overhead_ns[-1]), pool.instances, pool.overlap)
    slowest_front_ns = max(pool.front_end.before, pool.front_end.after)
    front = NS_PER_S / slowest_front_ns if slowest_front_ns else float("inf")
    return min(most * full, front)


def capacity_per_s(scenario: Scenario) -> float:
    """Requests per second that the scenario can bear: that of its tightest step."""
    items = scenario.workload.items_per_request
    capacities = []
    for step in scenario.steps:
        pools = [scenario.pool(name) for name in step.pools]
        each = {pool.name: server_capacity_per_s(pool, items) for pool in pools}
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
