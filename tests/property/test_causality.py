"""Nothing happens before what it follows from: arrived ≤ enqueued ≤ started < finished, network included."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hypothesis import given
from runs import Visit, run
from strategies import documents
from systems import Engine

from capsim.engine import Outcome
from capsim.units import NEVER


def by_request(visits: list[Visit]) -> dict[int, list[Visit]]:
    """The visits of each request in the order of its steps."""
    grouped: dict[int, list[Visit]] = {}
    for visit in sorted(visits, key=lambda v: (v.request, v.step)):
        grouped.setdefault(visit.request, []).append(visit)
    return grouped


@given(documents())
def test_each_visit_follows_what_came_before(engine: Engine, document: dict[str, Any]) -> None:
    seen = run(engine, document)
    plan, requests = seen.blueprint, seen.ledger.requests
    pool_of = {queue.first_server + i: queue.pool for queue in plan.queues for i in range(queue.servers)}
    for request, visits in by_request(list(seen.visits())).items():
        reached_ns = int(requests["arrived_ns"][request]) + plan.up_ns
        assert [v.step for v in visits] == list(range(len(visits)))
        for visit in visits:
            pool = plan.pools[pool_of[visit.server]]
            assert visit.enqueued_ns >= reached_ns + pool.before_ns
            assert visit.enqueued_ns <= visit.started_ns
            assert visit.started_ns == NEVER or visit.started_ns < visit.finished_ns
            reached_ns = visit.finished_ns + pool.after_ns
        if requests["outcome"][request] == Outcome.completed:
            assert requests["finished_ns"][request] >= reached_ns + plan.down_ns
        elif requests["outcome"][request] != Outcome.in_flight:
            assert requests["finished_ns"][request] >= visits[-1].enqueued_ns + plan.down_ns


@given(documents())
def test_without_front_ends_steps_follow_each_other_at_once(engine: Engine, document: dict[str, Any]) -> None:
    for pool in document["pools"]:
        pool["front_end"] = {}
    seen = run(engine, document)
    requests = seen.ledger.requests
    for request, visits in by_request(list(seen.visits())).items():
        assert visits[0].enqueued_ns == requests["arrived_ns"][request] + seen.blueprint.up_ns
        assert all(later.enqueued_ns == earlier.finished_ns for earlier, later in pairwise(visits))
        if requests["outcome"][request] == Outcome.completed:
            assert requests["finished_ns"][request] == visits[-1].finished_ns + seen.blueprint.down_ns


@given(documents())
def test_requests_are_numbered_in_the_order_of_sending(engine: Engine, document: dict[str, Any]) -> None:
    arrived = run(engine, document).ledger.requests["arrived_ns"].tolist()
    assert arrived == sorted(arrived)


@given(documents())
def test_nobody_waits_beyond_the_timeout(engine: Engine, document: dict[str, Any]) -> None:
    """A batch formed ahead of an instance no longer times out, so that only the text book is held to it."""
    for pool in document["pools"]:
        if pool["batching"]["policy"] not in ("none", "dynamic"):
            pool["batching"] = {"policy": "none"}
    seen = run(engine, document)
    for queue, line in seen.lines():
        for visit in line:
            waited_ns = visit.left_ns - visit.enqueued_ns
            known = visit.left_ns <= seen.leaving_known_until_ns
            assert queue.timeout_ns is None or not known or waited_ns <= queue.timeout_ns
            if known and visit.left_ns != visit.started_ns and not visit.rejected:
                assert waited_ns == queue.timeout_ns
