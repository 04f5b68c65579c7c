"""What answers call the places of a route: branches of steps, and caches."""

from __future__ import annotations

from collections.abc import Sequence

from capsim.engine.blueprint import END, CachePlan, ChoosePlan, JoinPlan, NodePlan, SplitPlan, StepPlan
from capsim.scenario import Scenario
from capsim.scenario.route import CacheNode, nodes_in


def branches_of(nodes: Sequence[NodePlan]) -> list[int]:
    """The branch on which each step lies, by the number of its copy; 0 is a request's own way."""
    branches = dict[int, int]()
    for node in nodes:
        if isinstance(node, SplitPlan):
            for place, start in enumerate(node.starts):
                for inside in _behind(nodes, start):
                    # Splits come before those that their branches hold, which have the last word.
                    branches[inside] = node.first_branch + place
    return [branches.get(number, 0) for number, node in enumerate(nodes) if isinstance(node, StepPlan)]


def _behind(nodes: Sequence[NodePlan], start: int) -> set[int]:
    """The nodes of the branch that begins at one, up to the join at which it ends."""
    seen, ahead = set[int](), [start]
    while ahead:
        number = ahead.pop()
        if number == END or number in seen or isinstance(nodes[number], JoinPlan):
            continue
        seen.add(number)
        ahead += _following(nodes[number])
    return seen


def _following(node: NodePlan) -> list[int]:
    """Where requests can go from a node; from a split on to what follows its join too."""
    if isinstance(node, (SplitPlan, ChoosePlan)):
        return [*node.starts, *([node.next] if isinstance(node, SplitPlan) else [])]
    if isinstance(node, CachePlan):
        return [node.next, node.hit]
    return [] if isinstance(node, JoinPlan) else [node.next]


def cache_names(scenario: Scenario, nodes: Sequence[NodePlan]) -> dict[int, str]:
    """The names of caches by the number of their node; `cache`, `cache 2` … of those that have none."""
    given = [node.name for route in scenario.routes for node in nodes_in(route) if isinstance(node, CacheNode)]
    numbers = [number for number, node in enumerate(nodes) if isinstance(node, CachePlan)]
    names = [name or ("cache" if place == 1 else f"cache {place}") for place, name in enumerate(given, 1)]
    return dict(zip(numbers, names, strict=True))
