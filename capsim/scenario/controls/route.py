"""What the nodes of routes are given: how much a cache knows, how requests are divided, how long delays are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from capsim.distributions import Distribution
from capsim.scenario.controls.control import Control, milliseconds, percentage, whole
from capsim.scenario.route import CacheNode, Choose, Delay, Fork
from capsim.scenario.schema import Scenario

GROUP = "route"
MOST_TIMES, FARTHEST_KEYS = 4, 100_000_000


def route_controls(now: Scenario) -> Iterator[Control]:
    """The controls of all nodes that have something to move, in the order in which they are written."""
    if now.route is not None:
        yield from _of_route(now.route, "route", "")
    for each in now.workload.classes or []:
        if each.route is not None:
            yield from _of_route(each.route, f"workload.classes.{each.name}.route", f" of {each.name}")


def _of_route(route: list[Any], at: str, of: str) -> Iterator[Control]:
    for place, node in enumerate(route):
        here = f"{at}[{place}]" if node.name is None else f"{at}.{node.name}"
        called = f" {node.name or place + 1}{of}"
        if isinstance(node, CacheNode):
            yield _cache(node, here, called)
        elif isinstance(node, Delay):
            yield _delay(node, here, called)
        elif isinstance(node, Choose):
            yield from _shares(node, here, called)
            for number, way in enumerate(node.choose):
                yield from _of_route(way.route, f"{here}.choose[{number}].route", f" of way {number + 1},{called}")
        elif isinstance(node, Fork):
            yield from _fork(node, here, called)
            for number, branch in enumerate(node.parallel):
                yield from _of_route(branch, f"{here}.parallel[{number}]", f" of branch {number + 1},{called}")


def _cache(node: CacheNode, here: str, called: str) -> Control:
    cache = node.cache
    if cache.hit_ratio is not None:
        said = "The share of requests whose answer is known."
        return percentage(f"{here}.cache.hit_ratio", f"Hit ratio, cache{called} (%)", GROUP, cache.hit_ratio, said)
    capacity = cache.capacity or 1
    most, said = MOST_TIMES * capacity, "How many answers are kept, those asked for last."
    return whole(f"{here}.cache.capacity", f"Answers kept, cache{called}", GROUP, capacity, most, FARTHEST_KEYS, said)


def _delay(node: Delay, here: str, called: str) -> Control:
    drawn = isinstance(node.delay, Distribution)
    path, said = f"{here}.delay.mean" if drawn else f"{here}.delay", "Time in which nobody waits for anybody."
    return milliseconds(path, f"Delay{called}{', mean' if drawn else ''} (ms)", GROUP, round(node.mean_ns), said)


def _shares(node: Choose, here: str, called: str) -> Iterator[Control]:
    """The shares that can be moved alone: where another way takes the rest."""
    if all(way.share != "rest" for way in node.choose):
        return
    fixed = sum(float(way.share) for way in node.choose if isinstance(way.share, float))
    for number, way in enumerate(node.choose):
        if isinstance(way.share, float):
            most, said = way.share + max(1 - fixed, 0.0), "The share of requests that go this way, by chance."
            label = f"Share of way {number + 1},{called} (%)"
            yield percentage(f"{here}.choose[{number}].share", label, GROUP, way.share, said, most)


def _fork(node: Fork, here: str, called: str) -> Iterator[Control]:
    branches = len(node.parallel)
    if branches > 1:
        said = "How many branches must have ended; the others are then cancelled."
        label = f"Branches to wait for,{called}"
        yield whole(f"{here}.wait_for", label, GROUP, node.waits_for, branches, branches, said)
