"""The routes of a scenario as nodes that name the next.

Nodes are numbered depth first: a split or a choice, what it holds, then what follows it.
"""

from __future__ import annotations

import itertools
from typing import Any

from capsim.engine.blueprint import (
    END,
    CachePlan,
    ChoosePlan,
    DelayPlan,
    JoinPlan,
    LinkPlan,
    NodePlan,
    PoolPlan,
    QueuePlan,
    SplitPlan,
)
from capsim.engine.lowering.delays import quantile_plan
from capsim.engine.lowering.steps import step_plan
from capsim.scenario import Scenario
from capsim.scenario.classes import RequestClass
from capsim.scenario.route import CacheNode, Choose, Delay, Fork, Hop, Step, routes_in
from capsim.units import NEVER


def nodes_of(
    scenario: Scenario, pools: tuple[PoolPlan, ...], queues: tuple[QueuePlan, ...]
) -> tuple[tuple[NodePlan, ...], tuple[int, ...]]:
    """The nodes of all routes, and for each class the one where its requests begin."""
    laying = _Laying(scenario, pools, queues)
    begins: list[int] = []
    nodes: list[NodePlan] = []
    for route in scenario.routes:
        begins.append(len(nodes))
        nodes += laying.route(route, len(nodes), END)
    own = iter(begins[1:] if any(map(_takes_shared, _given(scenario))) else begins)
    firsts = [begins[0] if _takes_shared(each) else next(own) for each in _given(scenario)]
    return tuple(nodes), tuple(firsts)


def _given(scenario: Scenario) -> list[RequestClass | None]:
    """The classes as the scenario has them; nothing for the one that it does not name."""
    return [None] if scenario.workload.classes is None else [*scenario.workload.classes]


def _takes_shared(given: RequestClass | None) -> bool:
    return given is None or given.route is None


def _size(node: Any) -> int:
    """How many numbers a node takes with all that it holds."""
    inner = sum(_size(held) for route in routes_in(node) for held in route)
    return 1 + inner + isinstance(node, Fork)


class _Laying:
    """Numbers the nodes of a scenario."""

    def __init__(self, scenario: Scenario, pools: tuple[PoolPlan, ...], queues: tuple[QueuePlan, ...]) -> None:
        self._scenario, self._pools, self._queues = scenario, pools, queues
        links = scenario.network.links
        self._lines = {name: line for line, name in enumerate(name for name in links if links[name].contention)}
        self._branches = 1

    def route(self, route: list[Any], first: int, after: int) -> list[NodePlan]:
        """The nodes of a route from the number `first` on, before the node `after`."""
        plans: list[NodePlan] = []
        for place, node in enumerate(route):
            at = first + len(plans)
            following = at + _size(node) if place + 1 < len(route) else after
            plans += self._node(node, at, following, after)
        return plans

    def _node(self, node: Any, at: int, following: int, after: int) -> list[NodePlan]:
        if isinstance(node, Step):
            return [step_plan(node, self._pools, self._queues, following)]
        if isinstance(node, Delay):
            return [DelayPlan(quantile_plan(node.delay), following)]
        if isinstance(node, Hop):
            return [self._link(node, following)]
        if isinstance(node, CacheNode):
            return [_cache(node, following, after)]
        if isinstance(node, Fork):
            return self._parallel(node, at, following)
        return self._choice(node, at, following)

    def _link(self, hop: Hop, following: int) -> LinkPlan:
        link = self._scenario.network.links[hop.link]
        return LinkPlan(link.latency, link.ns_per_byte, hop.carries == "response", self._lines.get(hop.link), following)

    def _parallel(self, node: Fork, at: int, following: int) -> list[NodePlan]:
        join = at + _size(node) - 1
        split = SplitPlan(self._starts(node, at, join), node.waits_for, self._branches, following)
        self._branches += len(node.parallel)
        return [split, *self._held(node, at, join), JoinPlan(at)]

    def _choice(self, node: Choose, at: int, following: int) -> list[NodePlan]:
        starts, held = self._starts(node, at, following), self._held(node, at, following)
        if node.shares:
            return [ChoosePlan(starts, _cumulative(node.shares)), *held]
        ways = {name: number for number, way in enumerate(node.choose) for name in way.takers}
        return [ChoosePlan(starts, by_class=tuple(ways.get(each.name, 0) for each in self._scenario.classes)), *held]

    def _starts(self, node: Any, at: int, after: int) -> tuple[int, ...]:
        """Where each route that a node holds begins; an empty one is over at once."""
        sizes = [sum(map(_size, route)) for route in routes_in(node)]
        places = itertools.accumulate(sizes, initial=at + 1)
        return tuple(place if size else after for place, size in zip(places, sizes, strict=False))

    def _held(self, node: Any, at: int, after: int) -> list[NodePlan]:
        """The nodes of all routes that a node holds, each before the node `after`."""
        plans: list[NodePlan] = []
        for route in routes_in(node):
            plans += self.route(route, at + 1 + len(plans), after)
        return plans


def _cumulative(shares: list[float]) -> tuple[float, ...]:
    sums = list(itertools.accumulate(shares))
    return (*(part / sums[-1] for part in sums[:-1]), 1.0)


def _cache(node: CacheNode, following: int, after: int) -> CachePlan:
    cache = node.cache
    return CachePlan(
        look_up_ns=cache.look_up,
        hit=after,
        hit_share=cache.hit_ratio,
        capacity=cache.capacity or 0,
        keys=0 if cache.keys is None else cache.keys.count,
        key_shares=None if cache.keys is None else cache.keys.shares,
        ttl_ns=NEVER if cache.ttl is None else cache.ttl,
        coalesces=cache.coalesce,
        next=following,
    )
