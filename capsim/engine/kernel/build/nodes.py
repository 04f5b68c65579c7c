"""Nodes: where a token can be, and what it finds there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from capsim.engine.blueprint import (
    Blueprint,
    CachePlan,
    ChoosePlan,
    DelayPlan,
    JoinPlan,
    LinkPlan,
    NodePlan,
    SplitPlan,
    StepPlan,
)
from capsim.engine.kernel.build.tables import Rules, Tables
from capsim.engine.kernel.forest import Forest, Tree
from capsim.engine.kernel.layout import NOTHING
from capsim.engine.kernel.path import Cache, Link
from capsim.engine.kernel.records import CACHE, CHOICE, DELAY, JOIN, LINK, SPLIT, STATION, Node
from capsim.serving.balancing import BALANCING
from capsim.serving.rule import STATE_CELLS

FROM_A_TREE = 16
"""From so many stations on the least loaded one is kept in a tree instead of looked for."""
BY_CHANCE = -1.0
"""No share of hits: a cache that knows keys."""

Trees = list[list[tuple[int, int, int]]]
"""For each station, the trees that its load stands in: base, size, leaf."""


def nodes_of(blueprint: Blueprint, rules: Rules, forest: Forest) -> tuple[Tables, Trees]:
    """The tables of nodes, and the trees of loads in which each station stands."""
    plans = blueprint.nodes
    lagging = [number for number, node in enumerate(plans) if isinstance(node, StepPlan) and node.lag_ns]
    trees = [_tree(node, forest) for node in plans]
    nodes = [_node(node) for node in plans]
    served = [number for number, node in enumerate(plans) if isinstance(node, StepPlan)]
    for number, (node, plan) in enumerate(zip(nodes, plans, strict=True)):
        node.next = getattr(plan, "next", NOTHING)
        stream = f"balancing/{served.index(number)}" if number in served else f"{STREAMS[node.kind]}/{number}"
        node.key = blueprint.stream(stream).key
        node.tree = getattr(trees[number], "base", NOTHING)
        node.load = 1 + lagging.index(number) if number in lagging else 0
        if isinstance(plan, StepPlan):
            node.choose = rules.choose(plan.balancing)
    caches = _caches(blueprint, nodes)
    splits = [node for node in plans if isinstance(node, SplitPlan)]
    return Tables(
        clock={
            "nodes_count": len(plans),
            "lagging": int(bool(lagging)),
            "branches": max((node.first_branch + len(node.starts) for node in splits), default=1),
            "widest": max((len(node.starts) for node in splits), default=0),
        },
        records={"nodes": nodes, "changes": [], "links": _links(plans), "caches": caches},
        rows=_rows(plans)
        | {
            "live_stations": [[0] * len(getattr(node, "queues", ())) for node in plans],
            "live_shares": [[0.0] * len(getattr(node, "queues", ())) for node in plans],
            "unreached": [[0] * len(getattr(node, "queues", ())) for node in plans],
            "node_memory": [[0] * STATE_CELLS for _ in plans],
            "load": [[0] * len(blueprint.queues) for _ in (None, *lagging)],
        },
    ), _by_station(blueprint, trees)


STREAMS = {DELAY: "delay", LINK: "link", CHOICE: "choose", SPLIT: "split", JOIN: "join", CACHE: "cache"}


def _tree(node: NodePlan, forest: Forest) -> Tree | None:
    """That of the loads of a node's stations, where it is worth one."""
    if not isinstance(node, StepPlan) or node.lag_ns or len(node.queues) < FROM_A_TREE:
        return None
    return forest.plant([0] * len(node.queues)) if BALANCING[node.balancing].RULE.least_loaded else None


def _by_station(blueprint: Blueprint, trees: Sequence[Tree | None]) -> Trees:
    by_station: Trees = [[] for _ in blueprint.queues]
    for node, tree in zip(blueprint.nodes, trees, strict=True):
        if tree is not None and isinstance(node, StepPlan):
            for leaf, s in enumerate(node.queues):
                by_station[s].append((*tree, leaf))
    return by_station


def _node(plan: NodePlan) -> Node:
    match plan:
        case StepPlan():
            return Node(
                kind=STATION,
                uniforms=BALANCING[plan.balancing].RULE.uniforms,
                drawn_by=plan.drawn_by,
                lag_ns=plan.lag_ns,
                health_lag_ns=plan.health_lag_ns,
                live=len(plan.queues),
            )
        case DelayPlan():
            return Node(kind=DELAY)
        case LinkPlan(latency_ns, per_byte, answers, line):
            line = NOTHING if line is None else line
            return Node(kind=LINK, takes_ns=latency_ns, per_byte=per_byte, answers=int(answers), of=line)
        case ChoosePlan():
            return Node(kind=CHOICE)
        case SplitPlan():
            return Node(kind=SPLIT, of=plan.first_branch, wait_for=plan.wait_for)
        case JoinPlan(split):
            return Node(kind=JOIN, of=split)
        case CachePlan():
            return Node(kind=CACHE, takes_ns=plan.look_up_ns, hit=plan.hit)


def _links(plans: Sequence[NodePlan]) -> list[Link]:
    lines = [node.line for node in plans if isinstance(node, LinkPlan) and node.line is not None]
    return [Link() for _ in range(max(lines, default=-1) + 1)]


def _caches(blueprint: Blueprint, nodes: list[Node]) -> list[Cache]:
    """Caches, and where in the table of entries the keys of each begin."""
    caches: list[Cache] = []
    keys = 0
    for number, node in enumerate(blueprint.nodes):
        if isinstance(node, CachePlan):
            nodes[number].of = len(caches)
            caches.append(
                Cache(
                    node=number,
                    hit_share=BY_CHANCE if node.hit_share is None else node.hit_share,
                    capacity=node.capacity,
                    entries=keys,
                    draws=int(node.key_shares is not None),
                    ttl_ns=node.ttl_ns,
                    coalesces=int(node.coalesces),
                    newest=NOTHING,
                    oldest=NOTHING,
                )
            )
            keys += blueprint.keys_of(node)
    return caches


def _rows(plans: Sequence[NodePlan]) -> dict[str, list[Any]]:
    """What nodes have several of; empty where that means nothing."""

    def each(kind: type[Any] | tuple[type[Any], ...], field: Any) -> list[Any]:
        return [field(node) if isinstance(node, kind) else () for node in plans]

    return {
        "balancing": each(StepPlan, lambda node: node.settings),
        "stations_of_node": each(StepPlan, lambda node: node.queues),
        "shares_of_node": each((StepPlan, ChoosePlan), lambda node: node.shares),
        "starts_of_node": each((ChoosePlan, SplitPlan), lambda node: node.starts),
        "ways_of_class": each(ChoosePlan, lambda node: node.by_class),
        "delay_shares": each(DelayPlan, lambda node: node.delay.shares),
        "delay_ns": each(DelayPlan, lambda node: node.delay.values_ns),
        "cache_shares": each(CachePlan, lambda node: () if node.key_shares is None else node.key_shares),
    }
