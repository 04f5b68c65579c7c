"""Laws of serving paths: requests end once, attempts and parts add up, lines keep their order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache

from random_paths import random_path
from systems import Engine
from test_paths_agree import KNOWN

from capsim.engine import Blueprint, Ledger, Outcome
from capsim.engine.blueprint import EDF, FIFO, PRIORITY, ClassPlan
from capsim.engine.ledger import NOT_YET, Ints
from capsim.units import NEVER

NUMBERS = range(40)
CANCELLED = 5
Row = dict[str, int]


@cache
def played(engine: Engine, number: int) -> tuple[Blueprint, Ledger]:
    """A path with all that engines know, and its rows."""
    blueprint = random_path(number, frozenset().union(*KNOWN.values()))
    return blueprint, engine(blueprint)


def paths(engine: Engine) -> Iterator[tuple[Blueprint, Ledger]]:
    """Some paths."""
    return (played(engine, number) for number in NUMBERS)


def rows(table: dict[str, Ints]) -> list[Row]:
    """A table by row."""
    columns = [column.tolist() for column in table.values()]
    return [dict(zip(table, row, strict=True)) for row in zip(*columns, strict=True)]


def class_of(blueprint: Blueprint, request: Row) -> ClassPlan:
    """The class of a request."""
    return blueprint.classes[request.get("class", 0)]


def test_a_request_ends_once_and_after_it_was_sent(engine: Engine) -> None:
    for blueprint, ledger in paths(engine):
        for request in rows(ledger.requests):
            assert request["outcome"] in set(Outcome)
            assert (request["finished_ns"] == NOT_YET) == (request["outcome"] == Outcome.in_flight)
            assert (
                request["finished_ns"] == NOT_YET
                or request["arrived_ns"] <= request["finished_ns"] <= blueprint.stop_ns
            )


def test_attempts_add_up(engine: Engine) -> None:
    """One a request where nobody tries again; the answered one ends with the request, and others before or with it."""
    seen = Counter[int]()
    for blueprint, ledger in paths(engine):
        by_request: dict[int, list[Row]] = {}
        for attempt in rows(ledger.attempts):
            by_request.setdefault(attempt["request"], []).append(attempt)
        for number, request in enumerate(rows(ledger.requests)):
            senders = class_of(blueprint, request).senders
            if senders is None:
                assert number not in by_request
                continue
            attempts = by_request.get(number, [])
            seen.update(attempt["outcome"] for attempt in attempts)
            assert len(attempts) == request["attempts"] <= senders.most_attempts
            assert [attempt["attempt"] for attempt in attempts] == list(range(len(attempts)))
            answered = [attempt for attempt in attempts if attempt["outcome"] == Outcome.completed]
            assert len(answered) == (request["outcome"] == Outcome.completed)
            assert all(attempt["finished_ns"] == request["finished_ns"] for attempt in answered)
            for attempt in attempts:
                late = attempt["finished_ns"] - attempt["sent_ns"]
                assert attempt["finished_ns"] == NOT_YET or 0 <= late <= senders.timeout_ns
    assert seen.keys() >= {Outcome.completed, Outcome.rejected, Outcome.timed_out, CANCELLED}


def test_retries_keep_to_their_budget(engine: Engine) -> None:
    for blueprint, ledger in paths(engine):
        for plan in blueprint.classes:
            if plan.senders is None or plan.senders.budget is None or plan.senders.most_hedges:
                continue
            mine = [request for request in rows(ledger.requests) if class_of(blueprint, request) is plan]
            retried = sum(max(0, request["attempts"] - 1) for request in mine)
            assert retried <= plan.senders.budget * len(mine) + 10


def test_the_parts_of_a_latency_add_up(engine: Engine) -> None:
    """But for front ends, which are what is left over."""
    for blueprint, ledger in paths(engine):
        for request in rows(ledger.requests):
            if request["outcome"] != Outcome.completed:
                continue
            plan = class_of(blueprint, request)
            if plan.recorded:
                continue  # a way of its own
            parts = ("waited_ns", "served_ns", "delayed_ns", "retried_ns")
            known = plan.up_ns + plan.down_ns + sum(request.get(part, 0) for part in parts)
            rest = request["finished_ns"] - request["arrived_ns"] - known
            front_ends = any(pool.before_ns or pool.after_ns for pool in blueprint.pools)
            assert rest >= 0 if front_ends else rest == 0


def test_batches_hold_who_was_in_them_and_no_more_than_fits(engine: Engine) -> None:
    for blueprint, ledger in paths(engine):
        inside = Counter(
            (visit["server"], visit["batch"]) for visit in rows(ledger.visits) if visit["batch"] != NOT_YET
        )
        for batch in rows(ledger.batches):
            pool = next(p for p in reversed(blueprint.pools) if p.first_server <= batch["server"])
            assert (
                inside[batch["server"], batch["number"]] <= batch["requests"] <= batch.get("units", batch["requests"])
            )
            if pool.batching == "dynamic":
                assert batch.get("units", batch["requests"]) <= max(pool.settings[1:])


def test_nobody_begins_before_who_goes_first(engine: Engine) -> None:
    """In lines whose requests are served one by one: who was there an instant before and goes first has begun."""
    compared = 0
    for blueprint, ledger in paths(engine):
        requests = rows(ledger.requests)
        for queue in blueprint.queues:
            pool = blueprint.pools[queue.pool]
            if pool.batching != "none" or pool.admission:
                continue
            servers = range(queue.first_server, queue.first_server + queue.servers)
            line = [
                visit for visit in rows(ledger.visits) if visit["server"] in servers and visit["started_ns"] != NOT_YET
            ]
            ranks = {id(visit): _rank(blueprint, requests[visit["request"]], visit, pool.discipline) for visit in line}
            for later in line:
                for sooner in line:
                    if later["enqueued_ns"] < sooner["started_ns"] < later["started_ns"]:
                        assert ranks[id(sooner)] <= ranks[id(later)]
                        compared += 1
    assert compared > 50


def _rank(blueprint: Blueprint, request: Row, visit: Row, discipline: int) -> tuple[int, int]:
    plan = class_of(blueprint, request)
    deadline_ns = min(NEVER, request["arrived_ns"] + plan.deadline_ns)
    return {FIFO: 0, PRIORITY: plan.priority, EDF: deadline_ns}[discipline], visit["enqueued_ns"]
