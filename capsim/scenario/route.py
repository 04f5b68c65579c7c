"""The nodes of a route: each is told by the field that it begins with, and some hold routes of their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Literal

from pydantic import Field

from capsim.distributions import Distribution
from capsim.parameters import Flag, PositiveInt, Section, choice, parameters
from capsim.scenario.names import Name
from capsim.serving.balancing import Balancing
from capsim.units import SHARE, Duration, PositiveDuration
from capsim.workload import Keys

MOST_DEEP, MOST_NODES, MOST_CACHES = 16, 1000, 62
"""How deep routes may hold routes, and how many nodes a scenario may have in all."""
NodeName = Annotated[Name | None, Field(description="What results and overrides call it.")]


def _least_outstanding() -> Any:
    from capsim.serving.balancing.least_outstanding import Parameters

    return Parameters(policy="least_outstanding")


class Step(Section):
    """One visit that every request makes."""

    pools: Annotated[list[Name], Field(min_length=1, max_length=1000)]
    """The pools that can serve it."""
    balancer: Balancing = Field(default_factory=_least_outstanding)
    """How a queue is chosen."""
    name: NodeName = None


def _constant_or_drawn(value: Any) -> str:
    return "drawn" if isinstance(value, (dict, Distribution)) else "constant"


DelayTime: Any = choice({"constant": PositiveDuration, "drawn": Distribution}, _constant_or_drawn)


class Delay(Section):
    """Time in which nobody waits for anybody: a look-up elsewhere, a hop, a bureau."""

    delay: DelayTime
    """How long: constant, or a distribution."""
    name: NodeName = None

    @property
    def mean_ns(self) -> float:
        """The mean time (ns)."""
        return float(self.delay.mean if isinstance(self.delay, Distribution) else self.delay)


@parameters
class Cache:
    """Answers that are known already: by a ratio, or as the keys decide that were asked for last."""

    hit_ratio: Annotated[float, SHARE] | None = None
    """The share of requests whose answer is known, by chance. Or give capacity."""
    capacity: PositiveInt | None = None
    """How many answers are kept: those whose keys were asked for last (LRU)."""
    keys: Keys | None = None
    """Which keys are asked for; those of the requests unless given."""
    ttl: PositiveDuration | None = None
    """How long an answer is good. For ever unless given."""
    coalesce: Flag = False
    """A miss of a key that another request is fetching waits for that one."""
    look_up: Duration = 0
    """How long looking takes, hit or miss."""
    on_hit: Literal["end"] = "end"
    """What a hit leaves out: the rest of the route in which the cache stands."""

    def __post_init__(self) -> None:
        """Refuse two laws, none, and what only keys have."""
        if (self.hit_ratio is None) == (self.capacity is None):
            raise ValueError("needs either a hit_ratio or a capacity")
        if self.hit_ratio is None:
            return
        for name in ("keys", "ttl", "coalesce"):
            if getattr(self, name):
                raise ValueError(f"{name} goes with a capacity; a hit_ratio has no keys")


class CacheNode(Section):
    """A place where answers are looked up before they are worked out."""

    cache: Cache
    """What it knows."""
    name: NodeName = None


class Fork(Section):
    """Branches that a request takes all at once."""

    parallel: Annotated[
        list[Annotated[list[Node], Field(min_length=1, max_length=MOST_NODES)]], Field(min_length=1, max_length=64)
    ]
    """The routes of the branches."""
    wait_for: Literal["all"] | PositiveInt = "all"
    """How many branches must have ended before the request goes on; the others are then cancelled."""
    name: NodeName = None

    @property
    def waits_for(self) -> int:
        """How many branches must have ended."""
        return len(self.parallel) if self.wait_for == "all" else int(self.wait_for)


def _share_or_rest(value: Any) -> str:
    return "rest" if value == "rest" else "share"


ShareOrRest: Any = choice({"rest": Literal["rest"], "share": Annotated[float, SHARE]}, _share_or_rest)


class Way(Section):
    """One of the ways of a choice, with who takes it."""

    share: ShareOrRest | None = None
    """The share of requests, by chance; `rest` is what the others leave."""
    class_: Annotated[Name | None, Field(alias="class")] = None
    """Or the class whose requests take it."""
    classes: Annotated[list[Name], Field(min_length=1, max_length=1000)] | None = None
    """Or several classes."""
    route: Annotated[list[Node], Field(max_length=MOST_NODES)]
    """What they do before all ways meet again; may be empty."""
    name: NodeName = None

    @property
    def takers(self) -> list[str]:
        """The classes that take it; none where shares decide."""
        return [*([] if self.class_ is None else [self.class_]), *(self.classes or [])]


class Choose(Section):
    """A choice between ways: by shares (a cascade, a canary), or by class (a business rule)."""

    choose: Annotated[list[Way], Field(min_length=1, max_length=1000)]
    """The ways."""
    name: NodeName = None

    @property
    def shares(self) -> list[float]:
        """The share of each way, which add up to one; none where classes decide."""
        given = [way.share for way in self.choose]
        if all(share is None for share in given):
            return []
        fixed = sum(share for share in given if isinstance(share, float))
        each = [max(1 - fixed, 0.0) if share == "rest" else float(share or 0) for share in given]
        total = sum(each)
        return [share / total for share in each]


class Hop(Section):
    """A message over a link of the network."""

    link: Name
    """One of `network.links`."""
    carries: Literal["request", "response"] = "request"
    """What is sent: the request, or its answer."""
    name: NodeName = None


NODES: dict[str, type[Section]] = {
    "pools": Step,
    "delay": Delay,
    "cache": CacheNode,
    "parallel": Fork,
    "choose": Choose,
    "link": Hop,
}
"""What a node begins with."""


def _which(value: Any) -> str | None:
    if isinstance(value, dict):
        return next((f"{field} node" for field in NODES if field in value), None)
    return next((f"{field} node" for field, kind in NODES.items() if isinstance(value, kind)), None)


Node: Any = choice({f"{field} node": kind for field, kind in NODES.items()}, _which)
"""Any node. The names of the kinds have a blank, so that none is the name of a field."""
for _holder in (Fork, Way, Choose):
    _holder.model_rebuild()

Route = Annotated[list[Node], Field(min_length=1, max_length=MOST_NODES)]
"""Nodes one after the other."""


def routes_in(node: Any) -> list[list[Any]]:
    """The routes that a node holds: its branches or its ways."""
    if isinstance(node, Fork):
        return list(node.parallel)
    return [way.route for way in node.choose] if isinstance(node, Choose) else []


def nodes_in(route: Iterable[Any]) -> Iterator[Any]:
    """All nodes of a route, depth first, in the order in which they are written."""
    for node in route:
        yield node
        for inner in routes_in(node):
            yield from nodes_in(inner)
