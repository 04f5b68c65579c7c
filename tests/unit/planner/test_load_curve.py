"""p99 against load: each point is the answer at that load, and the curve turns up before the capacity."""

from __future__ import annotations

import pytest

from capsim import scenario_from, simulate
from capsim.planner.load_curve import MOST_REQUESTS, curve_loads, load_of, point_at, saturation_of
from capsim.queueing import mmc_latency_quantile_s
from capsim.scenario import Scenario

RUN = {"horizon": "200 s", "warmup": "10 s", "replications": 3, "seed": 1}


def system(arrivals: dict[str, object], **changes: object) -> Scenario:
    server = {"name": "gpu", "servers": 1, "service": {"distribution": "exponential", "mean": "10 ms"}}
    whole = {"name": "s", "workload": {"arrivals": arrivals}, "pools": [server], "run": RUN}
    return scenario_from({**whole, **changes})


def poisson(rate: str, **changes: object) -> Scenario:
    return system({"process": "poisson", "rate": rate}, **changes)


def test_points_are_the_theory_s_whatever_the_load_of_today() -> None:
    for load in (30.0, 70.0):
        exact = mmc_latency_quantile_s(load, 0.01, 1, 0.99)
        for today in ("20 /s", "90 /s"):
            point = point_at(poisson(today), load)
            assert point.p99_s.value == pytest.approx(exact, rel=0.1)
            assert point.verdict == "stable"


def test_loads_are_below_the_capacity_and_the_same_for_every_load_of_today() -> None:
    assert saturation_of(poisson("20 /s")) == pytest.approx(100)
    loads = curve_loads(poisson("20 /s"))
    assert loads == curve_loads(poisson("95 /s")) == sorted(loads)
    assert loads[-1] < 100


def test_the_point_of_the_own_load_is_the_own_answer() -> None:
    scenario = poisson("50 /s", objective={"p99": "1 s"})
    point = point_at(scenario, load_of(scenario))
    assert point.p99_s == simulate(scenario).latency_s["p99"]
    assert point.met is True


def test_a_bounded_queue_loses_requests_and_says_so() -> None:
    server = {"name": "gpu", "servers": 1, "service": {"distribution": "constant", "mean": "10 ms"}}
    point = point_at(poisson("50 /s", pools=[{**server, "queue": {"capacity": 1}}]), 95.0)
    assert point.lost > 0.01


def test_a_long_run_is_cut_to_what_a_point_needs() -> None:
    scenario = poisson("50 /s", run={"horizon": "30000 s", "warmup": "29000 s", "replications": 3, "seed": 1})
    point = point_at(scenario, 50.0)
    assert point.p99_s.value == pytest.approx(mmc_latency_quantile_s(50, 0.01, 1, 0.99), rel=0.1)
    assert MOST_REQUESTS < 50 * 30000 * 3


def test_a_closed_loop_goes_by_its_clients_and_has_no_saturation() -> None:
    scenario = system({"process": "closed_loop", "clients": 4, "think_time": "100 ms"})
    assert saturation_of(scenario) is None
    assert curve_loads(scenario) == [1, 2, 3, 4, 6, 8, 12, 16]
    assert point_at(scenario, 16).throughput_per_s == pytest.approx(95, rel=0.1)
