"""Pools: their rules and their service."""

from __future__ import annotations

import itertools

from capsim.engine.blueprint import Blueprint, PoolPlan
from capsim.engine.kernel.build.tables import Rules, Tables
from capsim.engine.kernel.records import CONSTANT, DRAWN, PROFILED, Pool
from capsim.serving.admission import ADMISSION
from capsim.serving.batching import BATCHING


def drawn_from(pool: PoolPlan) -> int:
    """Where the draws of a pool's service come from."""
    if pool.service.curves_ns is not None:
        return PROFILED
    variate = pool.service.variate
    return CONSTANT if variate is not None and variate.distribution == "constant" else DRAWN


def pools_of(blueprint: Blueprint, rules: Rules) -> Tables:
    """The tables of pools."""
    pools = blueprint.pools
    curves = [[] if pool.service.curves_ns is None else [*pool.service.curves_ns] for pool in pools]
    curve = itertools.accumulate((len(each) for each in curves), initial=0)
    sizes = itertools.accumulate((len(pool.service.mean_ns) for pool in pools), initial=0)
    places = zip(pools, curve, sizes, strict=False)
    return Tables(
        clock={"pools_count": len(pools)},
        records={"pools": [_pool(pool, rules, curve, size) for pool, curve, size in places]},
        rows={
            "settings": [pool.settings for pool in pools],
            "admission": [pool.admission_settings for pool in pools],
            "slowdown": [pool.slowdown for pool in pools],
            "overhead_ns": [pool.service.overhead_ns.tolist() for pool in pools],
            "mean_ns": [pool.service.mean_ns.tolist() for pool in pools],
            "lower": [pool.service.lower.tolist() for pool in pools],
            "weight": [pool.service.weight.tolist() for pool in pools],
            "curves_ns": [row for each in curves for row in each],
        },
    )


def _pool(pool: PoolPlan, rules: Rules, curve: int, sizes: int) -> Pool:
    return Pool(
        instances=pool.instances,
        alone=int(pool.instances == 1 and not pool.instances_interact),
        interact=int(pool.instances_interact),
        stages=pool.stages,
        copies_ahead=int(pool.copies_ahead),
        before_ns=pool.before_ns,
        after_ns=pool.after_ns,
        decide=rules.decide(pool.batching),
        learn=rules.learn(pool.batching),
        every_event=int(BATCHING[pool.batching].RULE.every_event),
        newest=int(BATCHING[pool.batching].RULE.newest),
        merged_most=pool.merged_most,
        merged_after_ns=pool.merged_after_ns,
        admit=0 if pool.admission is None else rules.admit(pool.admission),
        admits_at=0 if pool.admission is None else ADMISSION[pool.admission].RULE.at,
        draws=drawn_from(pool),
        curve=curve,
        sizes=sizes,
    )
