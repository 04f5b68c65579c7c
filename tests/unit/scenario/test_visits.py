"""Capacity and least latency by visit ratios, on routes that fork, choose and look up; and where they are not known."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from systems import constant, document, dynamic, pool

from capsim.scenario import Scenario, scenario_from
from capsim.scenario.demand import capacity_per_s, expected_visits, least_service_ns, overload
from capsim.scenario.visits import items_at, visits

A, B = {"pools": ["a"]}, {"pools": ["b"]}
TEN, FORTY = pool("a"), pool("b", service=constant("40 ms"))
"""Pools of one server that bear 100 and 25 requests per second."""
POISSON = {"process": "poisson", "rate": "10 /s"}


def system(*route: Any, **changes: Any) -> Scenario:
    """A scenario with this route over both pools."""
    return scenario_from(document(TEN, FORTY, route=list(route), arrivals=POISSON, **changes), Path())


def share(percent: str, *route: Any) -> dict[str, Any]:
    """A way of a choice."""
    return {"share": percent, "route": list(route)}


@pytest.mark.parametrize(
    ("route", "per_s", "least_ms"),
    [
        ([A, B], 25, 50),
        ([A, A], 50, 20),
        ([{"parallel": [[A], [B]]}], 25, 40),
        ([{"parallel": [[A, A], [{"delay": "15 ms"}]]}], 50, 20),
        ([{"choose": [share("80 %", A), share("rest", B)]}], 125, 16),
        ([A, {"choose": [share("10 %", B), share("rest")]}], 100, 14),
        ([{"cache": {"hit_ratio": "75 %", "look_up": "2 ms"}}, B], 100, 12),
        ([{"choose": [share("50 %", {"cache": {"hit_ratio": "60 %"}}, B), share("50 %")]}, A], 100, 18),
        ([{"delay": {"distribution": "gamma", "mean": "7 ms", "cv": 2}}], math.inf, 7),
        ([{"cache": {"hit_ratio": "100 %"}}, B], math.inf, 0),
    ],
)
def test_capacity_and_least_latency_go_by_visit_ratios(route: list[Any], per_s: float, least_ms: float) -> None:
    asked = system(*route)
    assert capacity_per_s(asked) == pytest.approx(per_s)
    assert least_service_ns(asked) == pytest.approx(least_ms * 1e6)


@pytest.mark.parametrize(
    ("route", "changes", "least_ms"),
    [
        ([{"cache": {"capacity": 5, "keys": {"zipf": 1, "count": 10}}}, A], {}, 0),
        ([{"parallel": [[A], [B]], "wait_for": 1}], {}, 0),
        ([A], {"clients": {"timeout": "1 s"}}, 0),
    ],
)
def test_what_is_not_known_is_not_said(route: list[Any], changes: dict[str, Any], least_ms: float) -> None:
    asked = system(*route, **changes)
    assert capacity_per_s(asked) is None
    assert least_service_ns(asked) == least_ms * 1e6
    assert overload(system(*route, **changes)) is None


def classes(*each: dict[str, Any], pools: tuple[dict[str, Any], ...] = (TEN, FORTY), **changes: Any) -> Scenario:
    """A scenario with classes of 10 requests/s each."""
    named = [{"name": f"c{i}", "arrivals": POISSON, **own} for i, own in enumerate(each)]
    return scenario_from({**document(*pools, **changes), "workload": {"classes": named}}, Path())


def test_classes_load_a_pool_by_what_they_send_there() -> None:
    # 10 of 20 requests/s go to the pool that bears 25.
    assert capacity_per_s(classes({"route": [A]}, {"route": [B]})) == pytest.approx(50)
    rule = {"choose": [{"class": "c0", "route": [A]}, {"class": "c1", "route": [A, A]}]}
    assert capacity_per_s(classes({}, {}, route=[rule])) == pytest.approx(100 / 1.5)
    loop = {"process": "closed_loop", "clients": 3}
    assert capacity_per_s(classes({}, {"arrivals": loop}, route=[A])) is None


def test_full_batches_of_items_whatever_they_belong_to() -> None:
    service = constant("10 ms", per_item="1 ms")
    batched = pool("a", service=service, batching=dynamic(20), overhead={"per_batch": "6 ms", "per_request": "1 ms"})
    one_by_one = pool("a", service=service)
    items: list[dict[str, Any]] = [{"items_per_request": 2}, {"items_per_request": 8}]
    # Full batches hold 20 items of 4 requests on average, and take 10 + 20 + 6 + 4 ms.
    assert capacity_per_s(classes(*items, pools=(batched,))) == pytest.approx(4 / 0.040)
    # One by one requests take 12 and 18 ms.
    assert capacity_per_s(classes(*items, pools=(one_by_one,))) == pytest.approx(1 / 0.015)
    assert items_at(classes(*items, pools=(one_by_one,)))["a"].mean == 5


def test_visits_are_bounded_from_above() -> None:
    cached = {"cache": {"capacity": 5, "keys": {"zipf": 1, "count": 10}}}
    fork = {"parallel": [[A], [B]], "wait_for": 1}
    retried = system(cached, fork, clients={"timeout": "1 s", "retry": {"most": 2}, "hedge": {"after": "p95"}})
    assert sum(visit.ratio for visit in visits(retried.classes[0])) == 2
    assert expected_visits(retried) == pytest.approx(10 * 2 * 6)
