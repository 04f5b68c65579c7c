"""The pools of a scenario, and the queues before their servers."""

from __future__ import annotations

import itertools
import math

from capsim.engine.blueprint import EDF, FIFO, PRIORITY, PoolPlan, QueuePlan
from capsim.engine.lowering.faults import faults_of, zones_of
from capsim.scenario import Pool, Scenario
from capsim.scenario.service import service_times
from capsim.scenario.visits import items_at
from capsim.serving.batching import BATCHING
from capsim.serving.sharing import SCALE, slowdown

LARGEST_LOAD_UNIT = 10**9


DISCIPLINES = {"fifo": FIFO, "priority": PRIORITY, "edf": EDF}


def pools_of(scenario: Scenario) -> tuple[PoolPlan, ...]:
    """The pools, by units of as many items as the scenario's."""
    pools, items = scenario.pools, scenario.items_per_unit
    carried = items_at(scenario) if scenario.mixed else {}
    firsts = itertools.accumulate((pool.servers for pool in pools), initial=0)
    merging = [_merging(pool, items) for pool in pools]
    zones = [zone.name for zone in zones_of(scenario)]
    devices = list(dict.fromkeys(pool.device for pool in pools if pool.device is not None))
    return tuple(
        PoolPlan(
            name=pool.name,
            first_server=first,
            servers=pool.servers,
            instances=pool.stages or pool.abreast,
            service=service_times(pool, items, carried[pool.name].most if pool.name in carried else None),
            slowdown=_slowdown(pool, pools),
            instances_interact=any(map(_interacts, beside(pool, pools), itertools.repeat(pools))),
            device=None if pool.device is None else devices.index(pool.device),
            takes_turns=_takes_turns(pool),
            stages=pool.stages,
            copies_ahead=pool.overhead.overlapped,
            before_ns=pool.front_end.before,
            after_ns=pool.front_end.after,
            batching=pool.batching.policy,
            settings=pool.batching.lower(items, pool.instances * (pool.servers if pool.queue.shared else 1)),
            merged_most=most,
            merged_after_ns=after_ns,
            admission=None if pool.admission is None else pool.admission.policy,
            admission_settings=() if pool.admission is None else pool.admission.lower(),
            discipline=DISCIPLINES[pool.queue.discipline],
            faults=None if pool.faults is None else faults_of(pool.faults),
            zones=tuple(zones.index(name) for name in pool.zone_names),
        )
        for pool, first, (most, after_ns) in zip(pools, firsts, merging, strict=False)
    )


def beside(pool: Pool, pools: list[Pool]) -> list[Pool]:
    """The pools whose servers share the devices of a pool, with itself."""
    return [pool] if pool.device is None else [other for other in pools if other.device == pool.device]


def _takes_turns(pool: Pool) -> bool:
    """Whether its batches and those of others have their device in turn."""
    return pool.device is not None and pool.takes_turns


def _interacts(pool: Pool, pools: list[Pool]) -> bool:
    """Whether others on its device can make its batches later."""
    return _takes_turns(pool) or any(slow != SCALE for slow in _slowdown(pool, pools))


def _slowdown(pool: Pool, pools: list[Pool]) -> tuple[int, ...]:
    """How many times longer a batch takes by how many are on its device, in 1 / SCALE."""
    most = 1 if pool.stages else sum(other.abreast for other in beside(pool, pools))
    return tuple(slowdown(max(running, 1), pool.overlap) for running in range(most + 1))


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
