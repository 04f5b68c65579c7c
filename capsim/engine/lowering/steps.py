"""A visit as a node."""

from __future__ import annotations

import itertools
import math
from collections import Counter

from capsim.engine.blueprint import PoolPlan, QueuePlan, StepPlan
from capsim.scenario.route import Step
from capsim.serving.balancing import BALANCING
from capsim.serving.rule import BY_REQUEST


def step_plan(step: Step, pools: tuple[PoolPlan, ...], queues: tuple[QueuePlan, ...], following: int) -> StepPlan:
    """The queues of a step's pools in its order, and how one is chosen."""
    queues_of: dict[str, list[int]] = {pool.name: [] for pool in pools}
    for q, queue in enumerate(queues):
        queues_of[pools[queue.pool].name].append(q)
    unit = queues[0].load_unit * queues[0].servers
    chosen = tuple(q for name in step.pools for q in queues_of[name])
    names = [pools[queues[q].pool].name for q in chosen]
    weights = step.balancer.weights if BALANCING[step.balancer.policy].RULE.weighted else {}
    widths = Counter(names)
    parts = [weights.get(name, 1.0) / widths[name] for name in names]
    total = math.fsum(parts)
    balancer, rule = step.balancer, BALANCING[step.balancer.policy].RULE
    return StepPlan(
        queues=chosen,
        balancing=balancer.policy,
        shares=tuple(part / total for part in itertools.accumulate(parts)),
        next=following,
        settings=() if rule.lower is None else rule.lower(balancer, names, unit),
        lag_ns=0 if balancer.sees is None else balancer.sees.lag or 0,
        health_lag_ns=0 if balancer.sees is None else balancer.sees.health_lag,
        drawn_by=BY_REQUEST if rule.keyed is None else rule.keyed(balancer),
    )
