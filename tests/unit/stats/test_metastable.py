"""Whether a system comes back after a disturbance: ledgers written out, and queues that are known to come back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from stats_rows import S, ledger
from systems import pool, scenario

from capsim import Result, load_scenario, simulate
from capsim.engine import Ledger, lower
from capsim.stats import summarise
from capsim.stats.disturbance import disturbances

LATE = float("inf")
HIGHER = [(0, 50), (20, 200), (30, 50)]
"""Requests per second from an instant on (s)."""


def steps(*rates: tuple[float, float]) -> dict[str, Any]:
    return {"process": "poisson", "rate": {"steps": [{"at": f"{at} s", "rate": f"{rate} /s"} for at, rate in rates]}}


def asked(*rates: tuple[float, float], horizon_s: int = 120, **changes: Any) -> Any:
    run = {"horizon": f"{horizon_s} s", "warmup": "0 s", "replications": 1}
    return scenario(pool(servers=2), arrivals=steps(*(rates or HIGHER)), run=run, **changes)


def judged(found: Any, *ledgers: Ledger) -> Result:
    return summarise(found, lower(found), ledgers, "simpy", [], {}, {})


def course(
    late_from_s: float, late_until_s: float, late_s: float = LATE, seed: int = 0, light_s: float = 0.02
) -> Ledger:
    """50 requests a second, which take 20 ms, but for those sent within a span."""
    chance = np.random.default_rng(seed)
    sent = np.sort(chance.uniform(0, 120, 6000))
    slow = (sent >= late_from_s) & (sent < late_until_s) & (chance.uniform(size=len(sent)) < 0.7)
    return ledger(sent, np.where(slow, late_s, light_s))


def spans(*rates: tuple[float, float], start_s: float = 0) -> list[tuple[float, ...]]:
    found = asked(*rates)
    told = disturbances(found, lower(found), round(start_s * S))
    return [(t.calm_from_ns / S, t.start_ns / S, t.end_ns / S, t.calm_until_ns / S) for t in told]


@pytest.mark.parametrize(
    ("rates", "expected"),
    [
        ([(0, 50)], []),
        ([(0, 50), (20, 200)], []),
        ([(0, 200), (20, 50)], []),
        ([(0, 50), (20, 200), (30, 60)], []),
        ([(0, 50), (20, 200), (30, 50)], [(0, 20, 30, 120)]),
        ([(0, 50), (20, 200), (25, 300), (30, 40)], [(0, 20, 30, 120)]),
        ([(0, 50), (20, 200), (30, 50), (60, 90), (70, 50)], [(0, 20, 30, 60), (30, 60, 70, 120)]),
        ([(0, 50), (20, 10), (30, 50), (40, 10)], [(20, 30, 40, 120)]),
    ],
)
def test_a_disturbance_is_more_load_that_ends(
    rates: list[tuple[float, float]], expected: list[tuple[float, ...]]
) -> None:
    assert spans(*rates) == expected


def test_what_comes_before_the_warm_up_disturbs_nothing() -> None:
    assert spans((0, 50), (20, 200), (30, 50), start_s=25) == []


@pytest.mark.parametrize("process", [{"process": "poisson", "rate": "50 /s"}, {"process": "closed_loop", "clients": 3}])
def test_a_load_without_steps_has_no_disturbance(process: dict[str, Any]) -> None:
    found = scenario(arrivals=process)
    assert disturbances(found, lower(found), 0) == []


def outages(*at: tuple[float, float], **changes: Any) -> list[tuple[str, float, float, float, float]]:
    faults = {"at": [{"from": f"{start} s", "to": f"{end} s"} for start, end in at]}
    found = scenario(pool(servers=2, faults=faults), run={"horizon": "120 s"}, **changes)
    told = disturbances(found, lower(found), 0)
    return [(t.what, t.calm_from_ns / S, t.start_ns / S, t.end_ns / S, t.calm_until_ns / S) for t in told]


def test_an_outage_is_a_disturbance() -> None:
    steady = {"process": "poisson", "rate": "50 /s"}
    assert outages((20, 25), arrivals=steady) == [("pool gpu is down", 0, 20, 25, 120)]
    twice = outages((20, 25), (60, 70), arrivals=steady)
    assert twice == [("pool gpu is down", 0, 20, 25, 60), ("pool gpu is down", 25, 60, 70, 120)]
    assert outages((20, 30), (25, 40), arrivals=steady) == [("pool gpu is down", 0, 20, 40, 120)]
    # What goes on until the horizon has no end, and what is there from the start no calm before it.
    assert outages((0, 10), (100, 120), arrivals=steady) == []


def test_an_outage_of_a_zone_is_a_disturbance() -> None:
    zones = {"at": [{"zone": "east", "from": "20 s", "to": "25 s"}]}
    found = scenario(pool(servers=2, zones=["east", "west"]), run={"horizon": "60 s"}, zones=zones)
    (told,) = disturbances(found, lower(found), 0)
    assert (told.what, told.start_ns, told.end_ns) == ("zone east is down", 20 * S, 25 * S)


def test_an_outage_beside_steps_is_compared_with_no_more_load_than_before() -> None:
    rising = outages((20, 25), arrivals=steps((0, 50), (10, 80), (60, 90)))
    assert rising == [("pool gpu is down", 10, 20, 25, 60)]
    during = outages((20, 40), arrivals=steps((0, 50), (30, 90)))
    assert during == []
    both = outages((20, 40), arrivals=steps((0, 50), (30, 90), (50, 50)))
    assert both == [("pool gpu is down and the load is higher", 0, 20, 50, 120)]


def test_beside_a_load_that_varies_otherwise_nothing_is_compared() -> None:
    bursts = {"bursts": {"base": "50 /s", "peak": "90 /s", "length": "3 s", "every": "6 s"}}
    assert outages((20, 25), arrivals={"process": "poisson", "rate": bursts}) == []


def test_requests_that_are_lost_long_after_the_load_fell_are_metastable() -> None:
    told = judged(asked(), course(20, 200))
    assert told.verdict == "metastable"
    (said,) = [warning.message for warning in told.warnings if warning.code == "metastable"]
    assert said.startswith("the load is higher from 20 s to 30 s, and the run does not come back after it: 100 % of")
    assert "saturated" not in {warning.code for warning in told.warnings}


def test_requests_that_are_late_for_good_are_metastable_where_late_is_no_use() -> None:
    late = course(20, 200, 5.0)
    assert judged(asked(objective={"p99": "1 s"}), late).verdict == "metastable"
    # Nobody minds, but so many more are in the system than before.
    assert judged(asked(), late).verdict == "metastable"
    assert judged(asked(objective={"p99": "10 s"}), course(20, 200, 0.1)).verdict == "stable"


@pytest.mark.parametrize("until_s", [25, 30, 60, 80])
def test_one_that_comes_back_within_three_quarters_of_the_time_is_not(until_s: float) -> None:
    assert judged(asked(objective={"p99": "1 s"}), course(20, until_s, 3.0)).verdict != "metastable"


def test_one_that_is_on_its_way_back_is_not() -> None:
    """A backlog that becomes shorter until the end."""
    chance = np.random.default_rng(3)
    sent = np.sort(chance.uniform(0, 120, 6000))
    backlog = np.where(sent < 20, 0.02, np.where(sent < 30, (sent - 20) * 6, np.maximum(60 - (sent - 30) * 0.5, 0.02)))
    assert judged(asked(objective={"p99": "1 s"}), ledger(sent, backlog)).verdict != "metastable"


def test_one_that_was_bad_before_is_not() -> None:
    assert judged(asked(objective={"p99": "1 s"}), course(12, 200, 3.0)).verdict != "metastable"


def test_one_without_a_disturbance_is_not() -> None:
    found = scenario(pool(servers=2), arrivals={"process": "poisson", "rate": "50 /s"}, run={"horizon": "120 s"})
    assert judged(found, course(20, 200)).verdict != "metastable"


def test_too_few_requests_tell_nothing() -> None:
    few = ledger(np.arange(0, 120, 2.0), [0.02 if sent < 20 else LATE for sent in range(0, 120, 2)])
    assert judged(asked(), few).verdict != "metastable"


@pytest.mark.parametrize(("stuck", "verdict"), [(1, "stable"), (2, "metastable"), (4, "metastable")])
def test_most_replications_decide_and_each_is_told(stuck: int, verdict: str) -> None:
    runs = [course(20, 200 if number < stuck else 25, 8.0, seed=number) for number in range(4)]
    told = judged(asked(objective={"p90": "1 s"}), *runs)
    assert (told.verdict == "metastable") == (verdict == "metastable")
    (said,) = [warning.message for warning in told.warnings if warning.code == "metastable"]
    assert f"{stuck} of 4 replications do not come back" in said


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("load", [0.5, 0.8])
@pytest.mark.parametrize("queue", [{}, {"capacity": 20, "timeout": "500 ms"}], ids=["endless", "bounded"])
def test_a_queue_comes_back_after_an_overload(load: float, seed: int, queue: dict[str, Any]) -> None:
    """Two servers that bear 200 /s together, at 1.5 times that for 10 s, and time enough to work it off."""
    calm = 200 * load
    run = {"horizon": "150 s", "warmup": "0 s", "replications": 1, "seed": seed}
    servers = pool(servers=2, service={"distribution": "exponential", "mean": "10 ms"}, queue=queue)
    arrivals = steps((0, calm), (40, 300), (50, calm))
    assert simulate(scenario(servers, arrivals=arrivals, objective={"p99": "1 s"}, run=run)).verdict == "stable"


# A retry storm


def storm(*settings: str) -> str:
    return simulate(load_scenario("shipped:retry-storm", ["run.replications=1", *settings])).verdict


@pytest.mark.parametrize("seed", range(3))
def test_retries_outlast_what_caused_them(seed: int) -> None:
    assert storm(f"run.seed={seed}") == "metastable"


@pytest.mark.parametrize("cure", ["clients.retry.budget=10 %", "clients.retry="])
def test_a_budget_or_no_retries_let_it_recover(cure: str) -> None:
    assert storm(cure) != "metastable"


def after_an_outage(retry: dict[str, Any] | None) -> Result:
    """Four servers that bear 200 /s, at 75 %; they are all down from 30 s to 34 s."""
    servers = pool(
        servers=4,
        service={"distribution": "exponential", "mean": "20 ms"},
        queue={"shared": True},
        faults={"at": [{"from": "30 s", "to": "34 s"}]},
    )
    clients = {"timeout": "500 ms", **({} if retry is None else {"retry": retry})}
    arrivals = {"process": "poisson", "rate": "150 /s"}
    run = {"horizon": "120 s", "warmup": "5 s", "replications": 1, "seed": 3}
    return simulate(scenario(servers, arrivals=arrivals, clients=clients, objective={"p99": "500 ms"}, run=run))


def test_an_outage_after_which_retries_keep_the_system_down() -> None:
    told = after_an_outage({"most": 3, "backoff": {"first": "50 ms"}})
    assert told.verdict == "metastable"
    assert any("pool gpu is down from 30 s to 34 s" in warning.message for warning in told.warnings)
    assert after_an_outage({"most": 3, "backoff": {"first": "50 ms"}, "budget": "5 %"}).verdict != "metastable"
    assert after_an_outage(None).verdict != "metastable"
