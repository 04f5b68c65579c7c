"""Contradictions on the way of a request: classes that no way takes, and caches without keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from capsim.documents.load import Path_
from capsim.scenario.route import CacheNode, Choose, Fork, routes_in

if TYPE_CHECKING:
    from capsim.scenario.classes import RequestClass
    from capsim.scenario.schema import Scenario

Found = tuple[Path_, str]


def path_faults(scenario: Scenario) -> Iterator[Found]:
    """What contradicts itself along the routes."""
    takers = [each.name for each in scenario.workload.classes or [] if each.route is None]
    if scenario.route is not None:
        yield from _in_route(("route",), scenario.route, _classes_named(scenario, takers))
    for i, each in enumerate(scenario.workload.classes or []):
        path: Path_ = ("workload", "classes", i)
        if each.route is not None:
            yield from _in_route((*path, "route"), each.route, [_named(scenario, each.name)])


def _classes_named(scenario: Scenario, names: list[str]) -> list[RequestClass]:
    return [each for each in scenario.classes if each.name in names or scenario.workload.classes is None]


def _named(scenario: Scenario, name: str) -> RequestClass:
    return next(each for each in scenario.classes if each.name == name)


def _in_route(path: Path_, route: list[Any], takers: list[RequestClass]) -> Iterator[Found]:
    """Faults in a route that some classes take."""
    for i, node in enumerate(route):
        at = (*path, i)
        if isinstance(node, CacheNode):
            yield from _in_cache((*at, "cache"), node, takers)
        if isinstance(node, Choose):
            yield from _in_choice((*at, "choose"), node, takers)
            for j, way in enumerate(node.choose):
                inner = [each for each in takers if not way.takers or each.name in way.takers]
                yield from _in_route((*at, "choose", j, "route"), way.route, inner)
        elif isinstance(node, Fork):
            for j, branch in enumerate(routes_in(node)):
                yield from _in_route((*at, "parallel", j), branch, takers)


def _in_cache(path: Path_, node: CacheNode, takers: list[RequestClass]) -> Iterator[Found]:
    if node.cache.capacity is None or node.cache.keys is not None:
        return
    without = [each.name for each in takers if each.keys is None and not each.keys_recorded]
    if without:
        said = "is needed: a cache of some capacity goes by keys, and requests have none (nor a trace a column key)"
        yield (*path, "keys"), f"{said}: class {', '.join(without)}" if len(takers) > 1 else said


def _in_choice(path: Path_, node: Choose, takers: list[RequestClass]) -> Iterator[Found]:
    if node.shares:
        return
    named = {name for way in node.choose for name in way.takers}
    for each in takers:
        if each.name not in named:
            yield path, f"no way is for class '{each.name}', whose requests come here"
