"""What the load asks of the servers, what they bear, and where that is not known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from systems import constant, document, dynamic, pool, scenario

from capsim.parameters import parameters
from capsim.planner.bounds import impossible
from capsim.scenario import Pool, Scenario, scenario_from
from capsim.scenario.checks import check
from capsim.scenario.classes import Workload
from capsim.scenario.demand import capacity_per_s, least_service_ns, overload, server_capacity_per_s
from capsim.scenario.known import SYSTEM, unknown
from capsim.serving.balancing import BALANCING
from capsim.serving.parts import Queue


def only(settings: dict[str, Any], items: int = 1) -> Pool:
    """The pool in a scenario of its own."""
    return scenario_from(document(settings, items=items), Path()).pools[0]


@pytest.mark.parametrize(
    ("settings", "items", "per_s"),
    [
        (pool(), 1, 100),
        (pool(batching=dynamic(8)), 1, 800),
        (pool(batching=dynamic(8)), 3, 200),
        (pool(service=constant("4 ms", per_item="2 ms"), batching=dynamic(8)), 1, 400),
        (pool(overhead={"per_batch": "8 ms", "per_request": "1 ms"}, batching=dynamic(2)), 1, 100),
        (pool(instances=2), 1, 100),
        (pool(instances=2, sharing={"overlap": 1}), 1, 200),
        (pool(instances=2, sharing={"overlap": 0.5}), 1, 2 / 0.015),
        (pool(instances=2, overhead={"per_batch": "10 ms"}), 1, 2 / 0.03),
        (pool(front_end={"before": "20 ms", "after": "5 ms"}), 1, 50),
        (pool(front_end={"before": "1 ms", "after": "40 ms"}, batching=dynamic(8)), 1, 25),
    ],
)
def test_the_capacity_of_a_server(settings: dict[str, Any], items: int, per_s: float) -> None:
    assert server_capacity_per_s(only(settings, items=items), items) == pytest.approx(per_s)


FAST, SLOW = pool("fast", servers=3), pool("slow", service=constant("20 ms"))


@pytest.mark.parametrize(
    ("balancer", "per_s"),
    [
        ("least_outstanding", 350),
        ("power_of_two", 350),
        # Each of the four queues gets a quarter, and the slow one bears 50 of it.
        ("round_robin", 200),
        ("random", 200),
        # The slow pool gets a fifth; a half; nothing.
        ({"policy": "weighted", "weights": {"fast": 4}}, 250),
        ({"policy": "weighted", "weights": {"fast": 1, "slow": 1}}, 100),
        ({"policy": "weighted", "weights": {"slow": 0}}, 300),
    ],
)
def test_the_capacity_of_a_step_follows_from_how_it_is_balanced(balancer: Any, per_s: float) -> None:
    found = scenario(FAST, SLOW, route=[{"pools": ["fast", "slow"], "balancer": balancer}])
    assert capacity_per_s(found) == pytest.approx(per_s)


def test_the_capacity_of_a_route_is_that_of_its_tightest_step() -> None:
    assert capacity_per_s(scenario(FAST, SLOW, route=[{"pools": ["fast"]}, {"pools": ["slow"]}])) == pytest.approx(50)


@pytest.mark.parametrize(
    ("route", "per_s"),
    [
        # Two visits of each request to the fast pool, which serves 300 a second.
        ([["fast"], ["slow", "fast"], ["fast"]], 350 / 3),
        ([["fast"], ["fast"]], 150),
        # The slow pool gets all of the first step, and the second makes do with what is left of both.
        ([["slow"], ["slow", "fast"]], 50),
        ([["fast"], ["slow"], ["slow", "fast"]], 50),
    ],
)
def test_visits_of_several_steps_to_a_pool_add_up(route: list[list[str]], per_s: float) -> None:
    steps = [{"pools": pools} for pools in route]
    assert capacity_per_s(scenario(FAST, SLOW, route=steps)) == pytest.approx(per_s)


def test_divided_visits_of_several_steps_add_up() -> None:
    """Of each request, half a visit and a visit go to the slow pool, which serves 50 a second."""
    halves = {"policy": "weighted", "weights": {"fast": 1, "slow": 1}}
    steps = [{"pools": ["fast", "slow"], "balancer": halves}, {"pools": ["slow"]}]
    assert capacity_per_s(scenario(FAST, SLOW, route=steps)) == pytest.approx(50 / 1.5)


# Abstention


class RicherWorkload(Workload):
    """As the workload may be one day."""

    retries: int = 0


@parameters
class RicherQueue(Queue):
    """As a queue may be one day."""

    preemptive: bool = False


def overloaded(workload: dict[str, Any] | None = None, queue: dict[str, Any] | None = None) -> Scenario:
    """1,000 requests/s at a server that bears 100, with sections that have a setting more."""
    usual = scenario(pool(), arrivals={"process": "poisson", "rate": "1000 /s"}, objective={"p99": "1 ms"})
    richer = RicherWorkload(arrivals=usual.workload.arrivals, **(workload or {}))
    pools = [usual.pools[0].model_copy(update={"queue": RicherQueue(**(queue or {}))})]
    return usual.model_copy(update={"workload": richer, "pools": pools})


@pytest.mark.parametrize(
    ("changes", "setting"),
    [({"workload": {"retries": 3}}, "workload.retries"), ({"queue": {"preemptive": True}}, "pools.queue.preemptive")],
)
def test_closed_forms_abstain_where_a_scenario_has_what_they_do_not_know(
    changes: dict[str, Any], setting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SYSTEM, "RicherWorkload", SYSTEM["Workload"])
    monkeypatch.setitem(SYSTEM, "RicherQueue", SYSTEM["Queue"])
    asked = overloaded(**changes)
    assert list(unknown(asked, SYSTEM)) == [setting]
    assert capacity_per_s(asked) is None
    assert overload(asked) is None
    assert least_service_ns(asked) == 0
    assert impossible(asked) is None
    assert "overload" not in {warning.code for warning in check(asked)}


def test_a_setting_at_its_default_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SYSTEM, "RicherWorkload", SYSTEM["Workload"])
    monkeypatch.setitem(SYSTEM, "RicherQueue", SYSTEM["Queue"])
    asked = overloaded()
    assert capacity_per_s(asked) == 100
    assert overload(asked) == (1000, 100)
    assert "can be served" in (impossible(asked) or "")


def test_a_balancer_that_does_not_say_how_it_divides_has_no_capacity(monkeypatch: pytest.MonkeyPatch) -> None:
    file = BALANCING["random"]
    monkeypatch.setattr(file, "RULE", replace(file.RULE, division=None))
    balanced = [{"pools": ["fast", "slow"], "balancer": "random"}]
    assert capacity_per_s(scenario(FAST, SLOW, route=balanced)) is None
    assert capacity_per_s(scenario(FAST, SLOW, route=[{"pools": ["fast", "slow"]}])) == 350


def test_a_section_of_a_kind_that_is_not_listed_is_not_known() -> None:
    assert capacity_per_s(overloaded()) is None
