"""Service times of a pool by batch size, lowered to plain numbers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from capsim.distributions import Variate
from capsim.profile.curve import mean_of
from capsim.profile.model import LatencyProfile
from capsim.random import Stream
from capsim.scenario.schema import Pool
from capsim.serving.noise import noisy

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


def service_times(pool: Pool, items_per_request: int, largest: int | None = None) -> ServiceTimes:
    """The service times of a pool for batches of 1 to its largest number of requests.

    Where requests carry different numbers of items, up to `largest`, the work is by items (`items_per_request` is 1),
    and the overhead by requests.
    """
    most = max(pool.batching.most_requests(items_per_request), largest or 0)
    requests = np.arange(1, most + 1)
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
