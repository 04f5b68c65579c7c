"""Law: a rule that is broken in one binding of the text only is seen, as that binding differs from the other."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import textwrap
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import pytest
from random_scenarios import random_scenario
from server_policies import POLICIES, served

from capsim.engine import Blueprint, Ledger, compiled, lower
from capsim.engine.kernel.order import ARRIVAL, BATCH_ENDS, FRONT_END_BEFORE, NEXT_NODE, TIMER
from capsim.engine.simpy import replication
from capsim.engine.simpy.bind import Binding
from capsim.engine.simpy.calendar import PRIORITIES, SPAN, Calendar
from capsim.serving.balancing import least_outstanding

TOLD_APART_WITHIN = 400
BUSY = {"process": "poisson", "rate": "2500 /s"}


TOLD_BY = {
    "the last of batches that end together first": 39,
    "answers after the run": 41,
    "a wish to look again that is not put off": 223,
    "clients from the last on": 333,
}
"""A scenario that tells, where the first that does comes late."""


class Edited(NamedTuple):
    """A word of the text, and what is said otherwise in it."""

    word: str
    said: str
    otherwise: str


class Broken(Binding):
    """The text with one word broken."""

    def __init__(self, edited: Edited) -> None:
        super().__init__(replication.BROUGHT, replication.CONSTANTS)
        self._edited, self.found = edited, False

    def source(self, function: Any) -> tuple[str, int]:
        source, first = super().source(function)
        if function.__name__ != self._edited.word:
            return source, first
        assert self._edited.said in source, f"{self._edited.word} does not say it"
        self.found = True
        return source.replace(self._edited.said, self._edited.otherwise, 1), first


WORDS = {
    "rejecting before deciding": Edited("instant_over", "touched = 0\n", "touched = 0\n        turn_away(m, s)\n"),
    "rejecting the oldest": Edited("turn_away", "last_to_go(m, s)", "next_to_go(m, s)"),
    "one more than the capacity": Edited("turn_away", "> station.capacity", "> station.capacity + 1"),
    "expiring a nanosecond late": Edited("turn_away", "+ station.timeout_ns", "+ station.timeout_ns + 1"),
    "expiring those of the next instant too": Edited("timer_rings", "- station.timeout", "+ 1000 - station.timeout"),
    "the last of equals in a tree": Edited("put", "] < keys[", "] <= keys["),
    "the last of batches that end together first": Edited("next_over", "instance.number <", "instance.number >"),
    "overhead on the device": Edited(
        "start_timing", "_ns = work_ns\n", "_ns = work_ns + overhead_ns; overhead_ns = 0\n"
    ),
    "work that is not timed anew at a start": Edited(
        "start_timing", "            work_until_now(m, server.device)\n", ""
    ),
    "a nanosecond more on every other server": Edited("begin", "+ work_ns\n", "+ work_ns + v % 2\n"),
    "batches formed ahead that join below the most": Edited("next_formed", "> pool.merged", "+ 1 > pool.merged"),
    "batches formed ahead that join at once": Edited("next_formed", "_ns >= late_ns", "_ns > m.now_ns"),
    "batches formed ahead that go last": Edited("form_batches", "formed > 0 and", "formed > 0 and line.count == 0 and"),
    "a wish to look again that is not put off": Edited("form_batches", "wakes_ns != station", "wakes_ns < station"),
    "a load that is counted until the client knows": Edited(
        "batch_ends", "if pool.after_ns == 0", "if pool.after_ns < 0"
    ),
    "a front end that begins anew": Edited("line_up", "max(line.free_ns, m.now_ns)", "m.now_ns"),
    "a rule that learns of service twice as long": Edited("teach", ", m.now_ns - inst", ", m.now_ns + m.now_ns - inst"),
    "a rejected client that does not wait": Edited("think", "outcome == REJECTED", "outcome == -7"),
    "answers after the run": Edited("finish", "finished_ns <= m.stop_ns", "m.now_ns <= m.stop_ns"),
    "uniforms in turn": Edited("choose_station", "2 * index + 1", "2 * index"),
}
"""Rules of the text."""


class Backwards(int):
    """A kind of event whose numbers count down."""

    def __add__(self, number: int) -> int:
        return int(self) + SPAN - 1 - number


Mutate = Callable[[pytest.MonkeyPatch], None]


def order(changed: Mapping[int, int]) -> Mutate:
    def mutate(patch: pytest.MonkeyPatch) -> None:
        for kind, priority in changed.items():
            patch.setitem(PRIORITIES, kind, priority)

    return mutate


def otherwise(function: Any, said: str, other: str) -> Any:
    """A function that says something otherwise."""
    source = textwrap.dedent(inspect.getsource(function))
    assert said in source
    scope = dict(function.__globals__)
    exec(source.replace(said, other, 1), scope)  # noqa: S102 - our own source
    return scope[function.__name__]


def decide_at_once(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Calendar, "run_through", otherwise(Calendar.run_through, "event_ns > self._now < due_ns", "True"))


def last_queue_of_equals(patch: pytest.MonkeyPatch) -> None:
    choose = otherwise(least_outstanding.choose, "load[queue] < load[best]", "load[queue] <= load[best]")
    patch.setattr(least_outstanding, "RULE", dataclasses.replace(least_outstanding.RULE, choose=choose))


ORDERS: dict[str, Mutate] = {
    "arrivals before ends of batches": order({ARRIVAL: -SPAN}),
    "arrivals before timers": order({ARRIVAL: TIMER * SPAN - SPAN // 2}),
    "arrivals before earlier nodes": order({NEXT_NODE: ARRIVAL * SPAN + SPAN // 2}),
    "timers after arrivals": order({TIMER: ARRIVAL * SPAN + SPAN // 2}),
    "timers after earlier nodes": order({TIMER: NEXT_NODE * SPAN + SPAN // 2}),
    "earlier nodes from the last request on": order({NEXT_NODE: Backwards(NEXT_NODE * SPAN)}),
    "clients from the last on": order({ARRIVAL: Backwards(ARRIVAL * SPAN)}),
    "deciding before the instant is over": decide_at_once,
    "the last queue of equals": last_queue_of_equals,
}
"""Rules of what comes first, and of a policy."""

EQUIVALENT: dict[str, Mutate] = {
    "timers before ends of batches": order({TIMER: -SPAN}),
    "front ends after timers": order({FRONT_END_BEFORE: TIMER * SPAN + SPAN // 2}),
    "ends of batches from the last server on": order({BATCH_ENDS: Backwards(0)}),
}
"""Nothing reads the load or a line before tokens move on, so what comes before that can come in any order."""


@functools.cache
def right(number: int) -> tuple[Blueprint, Ledger]:
    """A blueprint and its ledger: first servers whose rules form ahead and learn, which random ones do too seldom."""
    policy = (*POLICIES, "")[min(number, len(POLICIES))]
    pool = {"instances": 2, "sharing": {"overlap": 0.4}}
    blueprint = served(policy, BUSY, pool) if policy else lower(random_scenario(number))
    return blueprint, compiled.run(blueprint)


def numbers(broken: str) -> tuple[int, ...]:
    """Where to look for a difference; first where one is known."""
    return (TOLD_BY.get(broken, 0), *range(TOLD_APART_WITHIN))


@pytest.mark.parametrize("broken", WORDS)
def test_a_broken_word_is_seen(broken: str) -> None:
    text = Broken(WORDS[broken])
    for number in numbers(broken):
        blueprint, ledger = right(number)
        if replication.run(blueprint, text=text) != ledger:
            assert text.found
            return
    pytest.fail(f"{TOLD_APART_WITHIN} scenarios did not tell: {broken}")


@pytest.mark.parametrize("broken", ORDERS)
def test_a_broken_order_is_seen(broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in numbers(broken):
        blueprint, ledger = right(number)
        with monkeypatch.context() as patch:
            ORDERS[broken](patch)
            if replication.run(blueprint) != ledger:
                return
    pytest.fail(f"{TOLD_APART_WITHIN} scenarios did not tell: {broken}")


@pytest.mark.parametrize("change", EQUIVALENT)
def test_what_comes_before_requests_move_commutes(change: str, monkeypatch: pytest.MonkeyPatch) -> None:
    EQUIVALENT[change](monkeypatch)
    for number in range(60):
        blueprint, ledger = right(number)
        assert replication.run(blueprint) == ledger, f"random_scenario({number})"
