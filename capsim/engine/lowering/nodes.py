"""The routes of a scenario as nodes that name the next."""

from __future__ import annotations

import itertools
import math
from collections import Counter

from capsim.engine.blueprint import END, NodePlan, PoolPlan, QueuePlan, StepPlan
from capsim.scenario import Scenario
from capsim.serving.balancing import BALANCING


def nodes_of(scenario: Scenario, pools: tuple[PoolPlan, ...], queues: tuple[QueuePlan, ...]) -> tuple[NodePlan, ...]:
    """The nodes of a scenario's route."""
    queues_of: dict[str, list[int]] = {pool.name: [] for pool in pools}
    for q, queue in enumerate(queues):
        queues_of[pools[queue.pool].name].append(q)
    nodes = []
    for number, step in enumerate(scenario.steps):
        chosen = tuple(q for name in step.pools for q in queues_of[name])
        names = [pools[queues[q].pool].name for q in chosen]
        weights = step.balancer.weights if BALANCING[step.balancer.policy].RULE.weighted else {}
        widths = Counter(names)
        parts = [weights.get(name, 1.0) / widths[name] for name in names]
        total = math.fsum(parts)
        shares = tuple(part / total for part in itertools.accumulate(parts))
        following = number + 1 if number + 1 < len(scenario.steps) else END
        nodes.append(StepPlan(chosen, step.balancer.policy, shares, following))
    return tuple(nodes)
