"""No instance is idle while a batch is due, and no batch leaves before it is due."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from hypothesis import given, settings
from runs import Visit, run
from strategies import TEXT_BOOK, documents
from systems import Engine

from capsim.engine import Blueprint
from capsim.engine.blueprint import QueuePlan


def rule(plan: Blueprint, queue: QueuePlan) -> tuple[int, Sequence[int]]:
    """The delay, and the sizes that leave at once from large to small, in requests."""
    settings = plan.pools[queue.pool].settings
    return (settings[0], settings[1:]) if plan.pools[queue.pool].batching == "dynamic" else (0, (1,))


@given(documents(policies=TEXT_BOOK) | documents(policies=["dynamic"], single=True))
def test_no_instance_is_idle_while_a_batch_is_due(engine: Engine, document: dict[str, Any]) -> None:
    seen = run(engine, document)
    until_ns = min(seen.known_until_ns, seen.blueprint.stop_ns)
    for queue, line in seen.lines():
        delay_ns, sizes = rule(seen.blueprint, queue)
        instances = queue.servers * seen.blueprint.pools[queue.pool].instances
        batches = seen.running(queue)
        changes = {v.enqueued_ns for v in line} | {v.left_ns for v in line} | {end for _, end in batches}
        instants = [*sorted(instant for instant in changes if instant < until_ns), until_ns]
        for now_ns, next_ns in itertools.pairwise(instants):
            held = [v for v in line if v.enqueued_ns <= now_ns < v.left_ns]
            busy = sum(start <= now_ns < end for start, end in batches)
            assert busy <= instances
            if held and busy < instances:
                assert len(held) < min(sizes)
                assert next_ns <= held[0].enqueued_ns + delay_ns


@settings(max_examples=100)
@given(documents(loads=["trace"], policies=["dynamic"], single=True))
def test_a_batch_takes_a_size_that_is_reached_or_all_that_waits_after_the_delay(
    engine: Engine, document: dict[str, Any]
) -> None:
    seen = run(engine, document)
    for queue, line in seen.lines():
        delay_ns, sizes = rule(seen.blueprint, queue)
        for members in together(line):
            now_ns = members[0].started_ns
            if now_ns >= seen.known_until_ns:
                continue
            # Those who were rejected then, or begin then in another batch behind, stood in the line as well.
            behind = [v for v in line if v.enqueued_ns <= now_ns <= v.left_ns and in_line(v) > in_line(members[-1])]
            held = len(members) + len(behind)
            reached = [size for size in sizes if size <= held]
            if reached:
                assert len(members) == reached[0]
            else:
                assert len(members) == held
                assert now_ns >= members[0].enqueued_ns + delay_ns


def in_line(visit: Visit) -> tuple[int, bool, int]:
    """The place in the line."""
    return visit.enqueued_ns, visit.step == 0, visit.request


def together(line: list[Visit]) -> list[list[Visit]]:
    """The batches of a line, in the order of their first members."""
    batches: dict[tuple[int, int], list[Visit]] = {}
    for visit in line:
        if visit.batch >= 0:
            batches.setdefault((visit.server, visit.batch), []).append(visit)
    return list(batches.values())
