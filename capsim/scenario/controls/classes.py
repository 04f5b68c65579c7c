"""What each of several classes is given: its rank, its deadline, its objective."""

from __future__ import annotations

from collections.abc import Iterator

from capsim.scenario.classes import RequestClass
from capsim.scenario.controls.control import Control, milliseconds
from capsim.scenario.schema import Scenario

LOWEST, HIGHEST = 0, 9
"""Ranks to slide along."""


def class_controls(now: Scenario) -> Iterator[Control]:
    """The controls of the classes of a scenario; none of one that has no list of them."""
    ranked = any(pool.queue.discipline == "priority" for pool in now.pools)
    for each in now.workload.classes or []:
        yield from _of(each, f"workload.classes.{each.name}", f"class {each.name}", ranked=ranked)


def _of(each: RequestClass, at: str, group: str, *, ranked: bool) -> Iterator[Control]:
    if ranked:
        low, high = min(LOWEST, each.priority), max(HIGHEST, each.priority)
        said = "Where a queue goes by priority: the lower goes first."
        yield Control(
            f"{at}.priority", f"Priority, {each.name}", group, each.priority, str, low=low, high=high, about=said
        )
    if each.deadline is not None:
        said = "How long after being sent an answer is of use."
        yield milliseconds(f"{at}.deadline", f"Deadline, {each.name} (ms)", group, each.deadline, said)
    for name, target in (each.objective.targets_ns() if each.objective else {}).items():
        label = f"Objective of {each.name}: {name.replace('p999', 'p99.9')} at most (ms)"
        said = "The latency to keep below for this class."
        yield milliseconds(f"{at}.objective.{name}", label, group, target, said)
