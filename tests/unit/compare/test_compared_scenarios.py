from __future__ import annotations

import json
import math
from typing import Any

import pytest
from systems import document, pool, scenario

from capsim import simulate
from capsim.comparison import compare
from capsim.scenario import Scenario, scenario_from
from capsim.serving.parts import Overhead


def system(mean_ms: float = 10, servers: int = 1, run: dict[str, Any] | None = None) -> Scenario:
    return scenario(
        pool(
            servers=servers,
            service={"distribution": "exponential", "mean": f"{mean_ms} ms"},
            price={"usd_per_hour": 0.5},
        ),
        arrivals={"process": "poisson", "rate": "50 /s"},
        objective={"p99": "100 ms"},
        run={"horizon": "20 s", "replications": 5, **(run or {})},
    )


def test_values_are_those_of_simulate_and_changes_are_between_them() -> None:
    a, b = system(10), system(8)
    found = compare(a, b)
    p99 = found.latency_s["p99"]
    assert p99.a == simulate(a).latency_s["p99"].value
    assert p99.b == simulate(b).latency_s["p99"].value
    assert p99.a is not None
    assert p99.b is not None
    assert p99.relative.value == p99.b / p99.a - 1
    assert p99.significant
    assert found.utilisation["gpu"].significant
    assert found.throughput_per_s.significant is False
    assert found.usd_per_hour == (0.5, 0.5)


def test_common_random_numbers_tell_more_than_two_runs_apart() -> None:
    a, b = system(10), system(9.5)
    together = compare(a, b).latency_s["mean"]
    apart = [simulate(a).latency_s["mean"], simulate(b).latency_s["mean"]]
    assert together.difference.ci95 is not None
    half = (together.difference.ci95[1] - together.difference.ci95[0]) / 2
    halves = [(each.ci95[1] - each.ci95[0]) / 2 for each in apart if each.ci95 is not None]
    assert together.significant
    assert half < 0.5 * math.hypot(*halves)


def test_a_scenario_differs_from_itself_by_nothing() -> None:
    found = compare(system(), system())
    assert all(changed.significant is False for changed in found.latency_s.values())
    assert "run_differs" not in {warning.code for warning in found.warnings}


def test_the_run_of_the_first_is_that_of_both_and_this_is_said() -> None:
    found = compare(system(), system(run={"seed": 5, "replications": 3}), ("A", "B"))
    assert found.b.seed == found.a.seed
    assert found.b.replications == 5
    (said,) = [warning.message for warning in found.warnings if warning.code == "run_differs"]
    assert said.startswith("B is run with the replications, seed of A")


def test_a_wanted_precision_is_reached_for_the_first_and_kept_for_the_second() -> None:
    run = {"replications": None, "precision": "20 %"}
    found = compare(system(run=run), system(8, run=run))
    assert found.a.replications == found.b.replications >= 5


@pytest.mark.parametrize("run", [{}, {"replications": None, "precision": "20 %"}])
def test_progress_grows_from_nothing_to_all(run: dict[str, Any]) -> None:
    told: list[float] = []
    compare(system(run=run), system(8, run=run), engine="simpy", progress=told.append)
    assert told[0] < 0.1
    assert 0.5 in told
    assert told[-1] == 1
    # A replication more, asked for by the precision, lets the share of what is wanted fall.
    assert run or told == sorted(told)


def test_the_document_is_plain_data() -> None:
    data = compare(system(), system(servers=2)).to_dict()
    assert data["cost"]["usd_per_hour"] == {"a": 0.5, "b": 1.0, "difference": 0.5, "relative": 1.0}
    assert data["latency_s"]["p99"].keys() == {"a", "b", "difference", "relative", "significant"}
    assert data["a"]["objective"]["met"] in {True, False}


# Several classes


def mixed(discipline: str = "priority", within: str = "60 ms") -> Scenario:
    """A quick class and a bulky one, which comes to most of the load."""
    data = document(
        pool(service={"distribution": "exponential", "mean": "10 ms"}, queue={"discipline": discipline}),
        run={"horizon": "60 s", "replications": 5},
    )
    data["workload"] = {
        "classes": [
            {"name": "quick", "arrivals": {"process": "poisson", "rate": "10 /s"}, "deadline": within},
            {"name": "bulk", "arrivals": {"process": "poisson", "rate": "65 /s"}, "priority": 1},
        ]
    }
    return scenario_from(data)


def test_each_class_changes_on_its_own() -> None:
    found = compare(mixed(), mixed("fifo"))
    a, b = (simulate(each).classes[0] for each in (mixed(), mixed("fifo")))
    quick, bulk = found.classes["quick"], found.classes["bulk"]
    assert (quick.latency_s["p99"].a, quick.latency_s["p99"].b) == (a.latency_s["p99"].value, b.latency_s["p99"].value)
    assert quick.latency_s["mean"].significant
    assert (quick.latency_s["mean"].difference.value or 0) > 0 > (bulk.latency_s["mean"].difference.value or 0)
    assert bulk.goodput_per_s is found.goodput_per_s is None
    assert found.worse("quick.p99") == quick.latency_s["p99"].relative.value
    assert quick.goodput_per_s is not None
    lost = found.worse("quick.goodput")
    assert lost == 1 - (quick.goodput_per_s.b or 0) / (quick.goodput_per_s.a or 1) > 0.1
    assert found.worse("bulk.goodput") is None
    assert json.loads(json.dumps(found.to_dict()))["classes"].keys() == {"quick", "bulk"}


def test_goodput_within_other_limits_is_not_compared() -> None:
    assert compare(mixed(), mixed(within="80 ms")).classes["quick"].goodput_per_s is None


def test_a_goodput_that_is_lost_as_a_whole_is_worse_by_all_of_it() -> None:
    swamped = mixed("fifo").model_copy(update={"run": mixed().run})
    slower = swamped.model_copy(
        update={"pools": [each.model_copy(update={"servers": 1, "overhead": SLOW}) for each in swamped.pools]}
    )
    found = compare(mixed(), slower)
    assert found.classes["quick"].goodput_per_s is not None
    assert found.classes["quick"].goodput_per_s.b == 0
    assert found.worse("quick.goodput") == 1


SLOW = Overhead(per_batch=80_000_000)


def test_a_single_class_has_no_changes_of_its_own() -> None:
    found = compare(system(), system(8))
    assert found.classes == {}
    assert found.goodput_per_s is not None
    assert found.goodput_per_s.b == pytest.approx(found.throughput_per_s.b, rel=0.05)
