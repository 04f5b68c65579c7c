"""Both engines give the same ledgers, row by row, and would not if a rule of what comes first were another."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from random_scenarios import random_scenario

from capsim import simulate
from capsim.engine import Blueprint, Ledger, choice, compiled, lower, reference
from capsim.engine.compiled import build, feed, forest
from capsim.engine.reference import server as reference_server
from capsim.engine.reference.calendar import Calendar, Order
from capsim.engine.reference.server import Server
from capsim.engine.reference.system import REJECTED, TIMED_OUT, Queue, System
from capsim.scenario import Scenario
from capsim.serving.balancing import least_outstanding

SAMPLE, ALL = 200, 2500
TOLD_APART_WITHIN = 400


def blueprint_of(number: int) -> Blueprint:
    return lower(random_scenario(number))


@pytest.mark.parametrize("first", range(0, SAMPLE, 20))
def test_a_sample_of_scenarios_gives_equal_ledgers(first: int) -> None:
    for number in range(first, first + 20):
        blueprint = blueprint_of(number)
        assert compiled.run(blueprint) == reference.run(blueprint), f"random_scenario({number})"
        blueprint = lower(random_scenario(number, plain=True))
        assert compiled.run(blueprint) == reference.run(blueprint), f"random_scenario({number}, plain=True)"


@pytest.mark.slow
@pytest.mark.parametrize("first", range(SAMPLE, ALL, 100))
def test_every_scenario_gives_equal_ledgers(first: int) -> None:
    for number in range(first, min(first + 100, ALL)):
        blueprint = blueprint_of(number)
        assert compiled.run(blueprint) == reference.run(blueprint), f"random_scenario({number})"
        blueprint = lower(random_scenario(number, plain=True))
        assert compiled.run(blueprint) == reference.run(blueprint), f"random_scenario({number}, plain=True)"


@pytest.mark.parametrize("plain", [False, True])
def test_pausing_as_often_as_can_be_changes_nothing(plain: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    blueprints = [lower(random_scenario(number, plain)) for number in range(40)]
    before = [compiled.run(blueprint) for blueprint in blueprints]
    for name in ("FIRST_SLOTS", "FIRST_ROWS", "FIRST_BATCHES", "FIRST_RING"):
        monkeypatch.setattr(build, name, 1)
    for name in ("MOST_DRAWS", "MOST_THINK"):
        monkeypatch.setattr(build, name, 4)
    monkeypatch.setattr(feed, "ARRIVALS_TOGETHER", 1)
    monkeypatch.setattr(feed, "TRACE_ROWS", 1)
    for number, (blueprint, ledger) in enumerate(zip(blueprints, before, strict=True)):
        assert compiled.run(blueprint) == ledger, f"random_scenario({number}, {plain})"


def test_a_tree_finds_the_same_least_loaded_queue_as_looking_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forest, "FROM_A_TREE", 2)
    for number in range(100):
        blueprint = lower(random_scenario(number, plain=number % 2 == 0))
        assert compiled.run(blueprint) == reference.run(blueprint), f"random_scenario({number})"


@pytest.mark.parametrize("cores", [1, 2, 5])
def test_the_number_of_threads_changes_nothing(cores: int, monkeypatch: pytest.MonkeyPatch) -> None:
    changed = {"replications": 6}
    scenario = random_scenario(7)
    scenario = scenario.model_copy(update={"run": scenario.run.model_copy(update=changed)})
    alone = [compiled.run(lower(scenario, number)) for number in range(6)]
    monkeypatch.setattr(choice, "_cores", lambda: cores)
    result = simulate(scenario)
    assert result.engine == "compiled"
    assert list(result.ledgers) == alone


# Mutants: each breaks one rule of the reference engine, and some scenario must tell.


class Backwards(int):
    """A kind of event whose numbers count down."""

    def __add__(self, number: int) -> int:
        return int(self) + Order.SPAN - 1 - number


def order(**kinds: int) -> Callable[[pytest.MonkeyPatch], None]:
    def mutate(patch: pytest.MonkeyPatch) -> None:
        for name, value in kinds.items():
            patch.setattr(Order, name, value)

    return mutate


def last_batch_first(patch: pytest.MonkeyPatch) -> None:
    begin = Calendar.__init__

    def counting_down(calendar: Calendar, *arguments: Any, **settings: Any) -> None:
        begin(calendar, *arguments, **settings)
        calendar._eid = itertools.count(0, -1)

    patch.setattr(Calendar, "__init__", counting_down)


def last_instance_first(patch: pytest.MonkeyPatch) -> None:
    def sorted_down(batches: Iterator[Any], key: Any) -> list[Any]:
        return sorted(batches, key=key, reverse=True)

    patch.setattr(reference_server, "sorted", sorted_down, raising=False)


def decide_at_once(patch: pytest.MonkeyPatch) -> None:
    touch = System.touch

    def touch_and_decide(system: System, queue: Queue) -> None:
        touch(system, queue)
        if queue.every_event or (queue.waiting and queue.idle):
            system.form_batches(queue)

    patch.setattr(System, "touch", touch_and_decide)


def reject_before_deciding(patch: pytest.MonkeyPatch) -> None:
    instant_over = System.instant_over

    def rejecting(system: System) -> bool:
        for queue in system.touched:
            while len(queue.waiting) > queue.capacity:
                system.leave_unserved(queue.waiting.pop(), queue, REJECTED)
        return instant_over(system)

    patch.setattr(System, "instant_over", rejecting)


def reject_the_oldest(patch: pytest.MonkeyPatch) -> None:
    instant_over = System.instant_over

    def rejecting(system: System) -> bool:
        touched = list(system.touched)
        capacities = [queue.capacity for queue in touched]
        for queue in touched:
            queue.capacity = 2**62
        going_on = instant_over(system)
        for queue, capacity in zip(touched, capacities, strict=True):
            queue.capacity = capacity
            while len(queue.waiting) > capacity:
                system.leave_unserved(queue.waiting.popleft(), queue, REJECTED)
        return going_on and system.unanswered >= 0

    patch.setattr(System, "instant_over", rejecting)


def expire_a_moment_late(patch: pytest.MonkeyPatch) -> None:
    def expire(system: System, event: Any) -> None:
        queue: Queue = event.value
        queue.expires_ns = 2**62
        expired_ns = system.calendar.now - (queue.plan.timeout_ns or 0)
        while queue.waiting and queue.waiting[0].enqueued_ns < expired_ns:
            system.leave_unserved(queue.waiting.popleft(), queue, TIMED_OUT)
        if not queue.waiting or queue.waiting[0].enqueued_ns > expired_ns:
            system.touch(queue)
        else:
            queue.expires_ns = system.calendar.now + 1
            system.calendar.at(queue.expires_ns, Order.TIMER + queue.number, system.expire, queue)

    patch.setattr(System, "expire", expire)


def last_server_of_equals(patch: pytest.MonkeyPatch) -> None:
    def begin(_: System, queue: Queue, requests: list[Any]) -> None:
        queue.idle -= 1
        freest = min(reversed(queue.servers), key=lambda server: len(server.running))
        freest.begin(requests)

    patch.setattr(System, "begin", begin)


def last_queue_of_equals(patch: pytest.MonkeyPatch) -> None:
    def choose(queues: Any, load: Any, *_: Any) -> int:
        return int(min(reversed(queues), key=lambda queue: load[queue]))

    patch.setattr(least_outstanding, "choose", choose)


def overhead_on_the_device(patch: pytest.MonkeyPatch) -> None:
    run = reference_server.SharedServer._run

    def _run(server: Any, batch: Any, overhead_ns: int, work_ns: int) -> None:
        run(server, batch, 0, overhead_ns + work_ns)

    patch.setattr(reference_server.SharedServer, "_run", _run)


def numbers_not_times(patch: pytest.MonkeyPatch) -> None:
    def _run(server: Server, batch: Any, overhead_ns: int, work_ns: int) -> None:
        ends_ns = batch.started_ns + overhead_ns + work_ns + (server.number % 2)
        server.calendar.at(ends_ns, Order.BATCH_ENDS + server.number, server._end, batch)

    patch.setattr(Server, "_run", _run)


SPAN = Order.SPAN
MUTANTS: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "arrivals before ends of batches": order(ARRIVAL=-SPAN),
    "arrivals before timers": order(ARRIVAL=2 * SPAN + SPAN // 2),
    "arrivals before earlier steps": order(NEXT_STEP=5 * SPAN + SPAN // 2),
    "timers after arrivals": order(TIMER=5 * SPAN + SPAN // 2),
    "timers after earlier steps": order(TIMER=4 * SPAN + SPAN // 2),
    "earlier steps from the last request on": order(NEXT_STEP=Backwards(4 * SPAN)),
    "clients from the last on": order(ARRIVAL=Backwards(5 * SPAN)),
    "the last of batches that end together first": last_batch_first,
    "the last of batches that share a device first": last_instance_first,
    "deciding before the instant is over": decide_at_once,
    "rejecting before deciding": reject_before_deciding,
    "rejecting the oldest": reject_the_oldest,
    "expiring a nanosecond late": expire_a_moment_late,
    "the last server of equals": last_server_of_equals,
    "the last queue of equals": last_queue_of_equals,
    "overhead on the device": overhead_on_the_device,
    "a nanosecond more on every other server": numbers_not_times,
}

EQUIVALENT: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "timers before ends of batches": order(TIMER=-SPAN),
    "front ends after timers": order(FRONT_END_BEFORE=3 * SPAN + SPAN // 2),
    "ends of batches from the last server on": order(BATCH_ENDS=Backwards(0)),
}
"""Nothing reads the load or a queue before requests move on, so what comes before that can come in any order."""


@pytest.fixture(scope="module")
def right() -> Callable[[int], tuple[Scenario, Ledger]]:
    known: dict[int, tuple[Scenario, Ledger]] = {}

    def ledger(number: int) -> tuple[Scenario, Ledger]:
        if number not in known:
            scenario = random_scenario(number)
            known[number] = scenario, compiled.run(lower(scenario))
        return known[number]

    return ledger


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_broken_rule_is_seen(
    mutant: str, right: Callable[[int], tuple[Scenario, Ledger]], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(TOLD_APART_WITHIN):
        scenario, ledger = right(number)
        with monkeypatch.context() as patch:
            MUTANTS[mutant](patch)
            if reference.run(lower(scenario)) != ledger:
                return
    pytest.fail(f"{TOLD_APART_WITHIN} scenarios did not tell: {mutant}")


@pytest.mark.parametrize("change", EQUIVALENT)
def test_what_comes_before_requests_move_commutes(
    change: str, right: Callable[[int], tuple[Scenario, Ledger]], monkeypatch: pytest.MonkeyPatch
) -> None:
    EQUIVALENT[change](monkeypatch)
    for number in range(60):
        scenario, ledger = right(number)
        assert reference.run(lower(scenario)) == ledger, f"random_scenario({number})"
