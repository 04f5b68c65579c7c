"""The pools of a scenario, and the queues before their servers."""

from __future__ import annotations

import itertools
import math

from capsim.engine.blueprint import PoolPlan, QueuePlan
from capsim.scenario import Pool
from capsim.scenario.service import service_times
from capsim.serving.batching import BATCHING
from capsim.serving.sharing import slowdown

LARGEST_LOAD_UNIT = 10**9


def pools_of(pools: list[Pool], items: int) -> tuple[PoolPlan, ...]:
    """The pools, for units of so many items."""
    firsts = itertools.accumulate((pool.servers for pool in pools), initial=0)
    merging = [_merging(pool, items) for pool in pools]
    return tuple(
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
    )


def _merging(pool: Pool, items: int) -> tuple[int, int]:
    merging = BATCHING[pool.batching.policy].RULE.merging
    return (0, 0) if merging is None else merging(pool.batching, items)


def queues_of(pools: list[Pool], plans: tuple[PoolPlan, ...]) -> tuple[QueuePlan, ...]:
    """The queues of all pools."""
    widths = [pool.servers if pool.queue.shared else 1 for pool in pools]
    unit = min(math.lcm(*widths), LARGEST_LOAD_UNIT)
    queues: list[QueuePlan] = []
    for i, (pool, plan, width) in enumerate(zip(pools, plans, widths, strict=True)):
        queues += [
            QueuePlan(i, plan.first_server + first, width, pool.capacity, pool.queue.timeout, unit // width)
            for first in range(0, pool.servers, width)
        ]
    return tuple(queues)
