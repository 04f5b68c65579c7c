"""Names given twice, names that nothing bears, and routes of an impossible shape.

Read from the raw document, so that no other fault hides them.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any

from capsim.documents import Document
from capsim.documents.load import Path_
from capsim.errors import Fault, did_you_mean
from capsim.scenario.route import MOST_CACHES, MOST_DEEP, MOST_NODES
from capsim.units import SHARE, TIME

MOST_FAULTS = 200
LONGEST = 64
"""Of a name that is told."""
BY_POOL = ("weights", "most", "latency")
"""Settings of balancers that go by the name of a pool."""
NEARLY = 1.5e-6
"""What rounded shares such as 33.3333 % may miss."""

Found = tuple[Path_, str]


@dataclass(frozen=True)
class Names:
    """What a scenario calls its parts."""

    pools: Collection[str]
    links: Collection[str]
    classes: Collection[str]


def reference_faults(document: Document) -> list[Fault]:
    """What names and shapes are wrong."""
    return [document.fault(path, message) for path, message in itertools.islice(_wrong(document), MOST_FAULTS)]


def _wrong(document: Document) -> Iterator[Found]:
    data = document.data if isinstance(document.data, dict) else {}
    workload, network = _mapping(data.get("workload")), _mapping(data.get("network"))
    pools, classes = _mappings(data.get("pools")), _mappings(workload.get("classes"))
    yield from _twice(("pools",), pools, "pool")
    yield from _twice(("workload", "classes"), classes, "class")
    names = Names(_names(pools), list(_mapping(network.get("links"))), _names(classes))
    if not data.get("route") and len(pools) > 1:
        yield from _without_route(classes)
    yield from _in_routes(data, names)
    yield from _in_clients(("clients",), _mapping(data.get("clients")))
    for i, each in enumerate(classes):
        yield from _in_clients(("workload", "classes", i, "clients"), _mapping(each.get("clients")))


def _in_routes(data: Any, names: Names) -> Iterator[Found]:
    count = caches = 0
    for path, route in _routes(data):
        for depth, at, node in _walked(path, route, 0):
            count += 1
            if count > MOST_NODES:
                yield path, f"is too long: all routes together may have {MOST_NODES:,} nodes"
                return
            caches += "cache" in _mapping(node)
            if caches > MOST_CACHES:
                yield path, f"looks into too many caches: all routes together may have {MOST_CACHES}"
                return
            if depth > MOST_DEEP:
                yield path, f"holds routes within routes more than {MOST_DEEP} deep, or itself: no route can go round"
                break
            yield from _in_node(at, node, names)


def _without_route(classes: list[dict[str, Any]]) -> Iterator[Found]:
    if not classes:
        yield ("route",), "is needed with more than one pool"
    for i, each in enumerate(classes):
        if not each.get("route"):
            said = "has no route: with more than one pool, give it one, or one to the scenario"
            yield ("workload", "classes", i), said


def _routes(data: Any) -> Iterator[tuple[Path_, list[Any]]]:
    """The scenario's route and those of its classes."""
    data = _mapping(data)
    if isinstance(data.get("route"), list):
        yield ("route",), data["route"]
    for i, each in enumerate(_mappings(_mapping(data.get("workload")).get("classes"))):
        if isinstance(each.get("route"), list):
            yield ("workload", "classes", i, "route"), each["route"]


def _inner(node: Any) -> Iterator[tuple[Path_, list[Any]]]:
    """The routes that a node holds, with their paths in it."""
    node = _mapping(node)
    if isinstance(node.get("parallel"), list):
        for i, branch in enumerate(node["parallel"]):
            if isinstance(branch, list):
                yield ("parallel", i), branch
    for i, way in enumerate(_mappings(node.get("choose"))):
        if isinstance(way.get("route"), list):
            yield ("choose", i, "route"), way["route"]


def _walked(path: Path_, route: list[Any], depth: int) -> Iterator[tuple[int, Path_, dict[str, Any]]]:
    """All nodes of a route, depth first: how many routes each lies within, its path, and itself."""
    for i, node in enumerate(route):
        at = (*path, i)
        yield depth, at, _mapping(node)
        for below, inner in _inner(node):
            yield from _walked((*at, *below), inner, depth + 1)


def _in_node(path: Path_, node: dict[str, Any], names: Names) -> Iterator[Found]:
    for field, rule in _RULES.items():
        if field in node:
            yield from rule(path, node, names)


def _in_step(path: Path_, step: dict[str, Any], names: Names) -> Iterator[Found]:
    listed, balancer = step.get("pools"), step.get("balancer")
    listed = listed if isinstance(listed, list) else []
    visited = Counter(name for name in listed if isinstance(name, str))
    for j, name in enumerate(listed):
        yield from _unknown((*path, "pools", j), name, names.pools, "pool")
    for name, count in visited.items():
        if count > 1:
            yield (*path, "pools"), f"names '{_brief(name)}' twice"
    by_pool = {field: balancer.get(field) for field in BY_POOL} if isinstance(balancer, dict) else {}
    for field, named in by_pool.items():
        for name in named if isinstance(named, dict) else ():
            if name not in visited:
                said = f"'{_brief(name)}' is not a pool of this step{did_you_mean(str(name), visited)}"
                yield (*path, "balancer", field, name), said
    weights = by_pool.get("weights")
    if isinstance(weights, dict) and visited and all(weights.get(name, 1) == 0 for name in visited):
        yield (*path, "balancer", "weights"), "must be more than zero for at least one pool of the step"


def _in_hop(path: Path_, hop: dict[str, Any], names: Names) -> Iterator[Found]:
    yield from _unknown((*path, "link"), hop["link"], names.links, "link", " in network.links")


def _in_clients(path: Path_, clients: dict[str, Any]) -> Iterator[Found]:
    """Clients that try again without ever giving up, or send a copy when they have given up."""
    retry, hedge = _mapping(clients.get("retry")), _mapping(clients.get("hedge"))
    if retry and clients.get("timeout") is None and "timed_out" in _listed(retry.get("on", ["timed_out"])):
        said = "is needed with retries: without it no attempt is given up; or leave timed_out out of retry.on"
        yield (*path, "timeout"), said
    try:
        after, timeout = TIME.parse(hedge.get("after")), TIME.parse(clients.get("timeout"))
    except ValueError:
        return
    if after >= timeout:
        said = f"must come before the timeout of {TIME.format(timeout)}, got {TIME.format(after)}"
        yield (*path, "hedge", "after"), said


def _in_parallel(path: Path_, node: dict[str, Any], names: Names) -> Iterator[Found]:  # noqa: ARG001 - as all rules
    branches, wanted = node["parallel"], node.get("wait_for", "all")
    if isinstance(branches, list) and isinstance(wanted, int) and wanted > len(branches) > 0:
        said = f"waits for {wanted} branches, and there {'is' if len(branches) == 1 else 'are'} {len(branches)}"
        yield (*path, "wait_for"), said


def _in_choose(path: Path_, node: dict[str, Any], names: Names) -> Iterator[Found]:
    ways = _mappings(node["choose"])
    by_share = [i for i, way in enumerate(ways) if "share" in way]
    by_class = [i for i, way in enumerate(ways) if "class" in way or "classes" in way]
    if by_share and by_class:
        yield (*path, "choose"), "mixes shares and classes; all ways of a choice are told by the one or by the other"
    for i, way in enumerate(ways):
        at = (*path, "choose", i)
        if i not in by_share and i not in by_class:
            yield at, "needs a share, or the class or classes that take it"
        yield from _unknown((*at, "class"), way.get("class"), names.classes, "class")
        for j, name in enumerate(_listed(way.get("classes"))):
            yield from _unknown((*at, "classes", j), name, names.classes, "class")
    if ways and len(by_share) == len(ways) and not by_class:
        yield from _shares((*path, "choose"), [way["share"] for way in ways])
    taken = Counter(name for way in ways for name in {str(way.get("class")), *map(str, _listed(way.get("classes")))})
    for name in names.classes:
        if taken[name] > 1:
            yield (*path, "choose"), f"class '{_brief(name)}' takes several ways"


def _shares(path: Path_, given: list[Any]) -> Iterator[Found]:
    """Shares that are not all of the requests."""
    try:
        total = sum(SHARE.parse(share) for share in given if share != "rest")
    except ValueError:
        return
    rests = given.count("rest")
    if rests > 1:
        yield path, "has the rest twice"
    elif rests and total > 1 + NEARLY:
        yield path, f"the shares add up to {total * 100:.6g} %, which leaves no rest"
    elif not rests and abs(total - 1) > NEARLY:
        yield path, f"the shares must add up to 100 %, got {total * 100:.6g} %; `share: rest` takes what is left"


_RULES: dict[str, Callable[[Path_, dict[str, Any], Names], Iterator[Found]]] = {
    "pools": _in_step,
    "link": _in_hop,
    "parallel": _in_parallel,
    "choose": _in_choose,
}


def _unknown(path: Path_, name: Any, known: Collection[str], kind: str, where: str = "") -> Iterator[Found]:
    if isinstance(name, str) and name not in known:
        yield path, f"there is no {kind} '{_brief(name)}'{where}{did_you_mean(name, known)}"


def _brief(name: object) -> str:
    """A name as it can be told, however long."""
    text = str(name)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _twice(path: Path_, members: list[dict[str, Any]], kind: str) -> Iterator[Found]:
    seen: set[str] = set()
    for i, member in enumerate(members):
        name = member.get("name")
        if isinstance(name, str) and name in seen:
            yield (*path, i, "name"), f"'{_brief(name)}' is the name of an earlier {kind}"
        elif isinstance(name, str):
            seen.add(name)


def _names(members: list[dict[str, Any]]) -> list[str]:
    return list(dict.fromkeys(name for member in members if isinstance(name := member.get("name"), str)))


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _mappings(value: Any) -> list[dict[str, Any]]:
    """The list with anything that is no mapping as an empty one, so that positions stay."""
    return [_mapping(item) for item in _listed(value)]
