"""How often a request comes to each step of its route, and what those carry that come to a pool.

A visit ratio is the product of the shares along the way (Denning and Buzen, The operational analysis of queueing
network models, 1978, section 3); branches of a `parallel` are all visited.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from capsim.scenario.classes import RequestClass
from capsim.scenario.route import CacheNode, Choose, Delay, Fork, Hop, Step
from capsim.scenario.schema import Scenario
from capsim.units import NS_PER_S
from capsim.workload import ItemCounts


@dataclass(frozen=True)
class Visit:
    """A step or a hop, and how often a request of a class comes to it on average."""

    node: Any
    ratio: float


def visits(each: RequestClass) -> Iterator[Visit]:
    """The steps that requests of a class can come to; what a cache by keys knows is not taken off."""
    return (visit for visit in _reached(each.route or [], each.name, 1.0) if isinstance(visit.node, Step))


def hops(each: RequestClass) -> Iterator[Visit]:
    """The links over which they go."""
    return (visit for visit in _reached(each.route or [], each.name, 1.0) if isinstance(visit.node, Hop))


def _reached(route: list[Any], name: str, reach: float) -> Iterator[Visit]:
    for node in route:
        if isinstance(node, (Step, Hop)):
            yield Visit(node, reach)
        elif isinstance(node, Fork):
            for branch in node.parallel:
                yield from _reached(branch, name, reach)
        elif isinstance(node, Choose):
            for share, inner in ways_of(node, name):
                yield from _reached(inner, name, reach * share)
        elif isinstance(node, CacheNode) and node.cache.hit_ratio is not None:
            reach *= 1 - node.cache.hit_ratio


def ways_of(node: Choose, name: str) -> list[tuple[float, list[Any]]]:
    """The ways that requests of a class can take, with their shares."""
    if node.shares:
        return [(share, way.route) for share, way in zip(node.shares, node.choose, strict=True) if share > 0]
    return [(1.0, way.route) for way in node.choose if name in way.takers]


def nodes_of_class(route: list[Any], name: str) -> Iterator[Any]:
    """The nodes of a route that requests of a class can come to, depth first."""
    for node in route:
        yield node
        if isinstance(node, Fork):
            for branch in node.parallel:
                yield from nodes_of_class(branch, name)
        elif isinstance(node, Choose):
            for _, inner in ways_of(node, name):
                yield from nodes_of_class(inner, name)


def mix(scenario: Scenario) -> list[float] | None:
    """The share of each class in the requests that are offered; nothing where clients of several wait for answers."""
    classes = scenario.classes
    if len(classes) == 1:
        return [1.0]
    horizon_s = scenario.run.horizon / NS_PER_S
    rates = [each.arrivals.offered_per_s(horizon_s) for each in classes]
    known = [rate for rate in rates if rate is not None]
    total = math.fsum(known)
    return [rate / total for rate in known] if len(known) == len(rates) and total > 0 else None


def items_at(scenario: Scenario, shares: list[float] | None = None) -> dict[str, ItemCounts]:
    """Pool to how many items the requests carry that come to it, by the shares of the classes; alike without any."""
    classes = scenario.classes
    weights: dict[str, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for share, each in zip(shares or [1.0] * len(classes), classes, strict=True):
        counts = each.items
        parts = np.diff(counts.shares, prepend=0.0).tolist()
        for visit in visits(each):
            for name in visit.node.pools:
                for value, part in zip(counts.values, parts, strict=True):
                    weights[name][value] += share * visit.ratio * part
    return {name: _counts(held) for name, held in weights.items()}


def _counts(held: dict[int, float]) -> ItemCounts:
    values = sorted(held)
    if len(values) == 1:
        return ItemCounts((values[0],), (1.0,))
    sums = np.cumsum([held[value] for value in values])
    total = sums[-1] or 1.0
    return ItemCounts(tuple(values), (*(sums[:-1] / total).tolist(), 1.0))


def least_ns(each: RequestClass, alone_ns: Callable[[Step], float], hop_ns: Callable[[Hop], float]) -> float:
    """At least how long a request of a class takes on average along its route (ns), given what each step and hop take.

    A join takes at least what its slowest branch takes on average, and with the first of several nothing; of a cache
    by keys all is taken for known.
    """
    return _least_ns(each.route or [], each.name, alone_ns, hop_ns)


def _least_ns(route: list[Any], name: str, alone_ns: Callable[[Step], float], hop_ns: Callable[[Hop], float]) -> float:
    total, reach = 0.0, 1.0
    for node in route:
        if isinstance(node, Step):
            total += reach * alone_ns(node)
        elif isinstance(node, Delay):
            total += reach * node.mean_ns
        elif isinstance(node, Hop):
            total += reach * hop_ns(node)
        elif isinstance(node, Fork):
            branches = [_least_ns(branch, name, alone_ns, hop_ns) for branch in node.parallel]
            total += reach * (max(branches) if node.waits_for == len(branches) else 0.0)
        elif isinstance(node, Choose):
            for share, inner in ways_of(node, name):
                total += reach * share * _least_ns(inner, name, alone_ns, hop_ns)
        elif isinstance(node, CacheNode):
            total += reach * node.cache.look_up
            reach *= 0.0 if node.cache.hit_ratio is None else 1 - node.cache.hit_ratio
    return total


def caches_in(scenario: Scenario) -> Iterator[tuple[RequestClass, CacheNode]]:
    """Every cache with each class whose requests come to it."""
    for each in scenario.classes:
        for node in nodes_of_class(each.route or [], each.name):
            if isinstance(node, CacheNode):
                yield each, node
