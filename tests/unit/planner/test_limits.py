"""What a plan has to hold besides its objective, beside brute force, and what a millisecond costs."""

from __future__ import annotations

from typing import Any

import pytest
from systems import document, dynamic, pool

from capsim import simulate
from capsim.documents import Document
from capsim.errors import InputError
from capsim.planner import Plan, plan
from capsim.planner.limits import Limits, watts
from capsim.scenario import scenario_from
from capsim.scenario.grid import Grid, grid_of, load_plan
from capsim.scenario.planning import ranges

SERVICE = {"distribution": "exponential", "mean": "8 ms", "per_item": "3 ms"}


def scenario_data(rate: str = "150 /s", **changes: Any) -> dict[str, Any]:
    cpu = pool("cpu", service=SERVICE, batching=dynamic(4), price={"usd_per_hour": 0.1}, servers=2)
    settings = {"objective": {"p99": "60 ms"}, "run": {"horizon": "15 s", "replications": 4, "seed": 3}, **changes}
    return document(cpu, arrivals={"process": "poisson", "rate": rate}, **settings)


def grid(*vary: str, rate: str = "150 /s") -> Grid:
    return grid_of(Document("s.yaml", scenario_data(rate)), vary)


@pytest.mark.parametrize("rate", ["60 /s", "150 /s", "220 /s"])
@pytest.mark.parametrize("lost", [1, 2])
def test_the_cheapest_that_survives_is_found(rate: str, lost: int) -> None:
    settings = grid("pools.cpu.servers=1:9", "pools.cpu.queue.shared=true,false", rate=rate)
    told = plan(settings, limits=Limits(survive=lost), bears=False)
    meeting = {}
    for number, scenario in enumerate(settings.scenarios()):
        result = simulate(scenario)
        key = (scenario.pools[0].servers, scenario.pools[0].queue.shared)
        meeting[key] = result.objective is not None and result.objective.holds(0.95) and result.verdict == "stable"
        assert number < len(settings)
    surviving = [key for key, met in meeting.items() if met and meeting.get((key[0] - lost, key[1]))]
    assert told.best is not None
    assert told.best.servers == min(servers for servers, _ in surviving)
    assert told.survive is not None
    assert told.survive.spare_servers == told.best.servers - min(n for (n, _), met in meeting.items() if met)
    assert told.survive.spare_usd_per_hour == pytest.approx(0.1 * told.survive.spare_servers)


def test_why_not_tells_of_the_loss() -> None:
    told = plan(grid("pools.cpu.servers=1:9"), limits=Limits(survive=1), bears=False)
    assert told.best is not None
    last = told.why_not[-1]
    assert last["servers"] == told.best.servers - 1
    assert "with 1 server of pool cpu down" in last["reason"]
    assert {"survive", "usd_per_ms", "why_not", "candidates", "best", "frontier"} <= told.to_dict().keys()


def test_headroom_is_that_of_what_is_left() -> None:
    whole = plan(grid("pools.cpu.servers=6"))
    left = plan(grid("pools.cpu.servers=6"), limits=Limits(survive=1))
    assert whole.headroom is not None
    assert left.headroom is not None
    assert left.headroom.borne < whole.headroom.borne


def test_a_budget_excludes_and_says_by_how_much() -> None:
    told = plan(grid("pools.cpu.servers=1:9"), limits=Limits(most_usd_per_hour=0.2))
    assert told.best is None
    assert told.closest is not None
    # Two servers are within it and too slow, three cost $73 more.
    assert told.closest.servers == 2
    assert "costs $73.00/month more than the budget of $146.00" in [each["reason"] for each in told.why_not]


def test_use_and_power_are_bounded() -> None:
    free, calm = (plan(grid("pools.cpu.servers=1:9"), limits=Limits(most_utilisation=most)) for most in (None, 0.3))
    assert free.best is not None
    assert calm.best is not None
    assert calm.best.servers > free.best.servers
    assert any("busy" in each["reason"] for each in calm.why_not)
    data = scenario_data()
    assert watts(scenario_from(data)) == "pools.cpu.price has no watts_busy"
    data["pools"][0]["price"] |= {"watts_idle": 50, "watts_busy": 200, "pue": 1.5}
    assert watts(scenario_from(data)) == 600
    powered = grid_of(Document("s.yaml", data), ["pools.cpu.servers=1:9"])
    told = plan(powered, limits=Limits(most_watts=700), bears=False)
    assert told.best is None
    assert any("draws up to 900 W, above 700 W" in each["reason"] for each in told.why_not)


@pytest.fixture(scope="module")
def whole() -> Plan:
    return plan(grid("pools.cpu.servers=1:9"), everything=True, bears=False)


def test_a_millisecond_costs_less_first_and_then_cannot_be_bought(whole: Plan) -> None:
    known = [slope for slope in whole.usd_per_ms if slope.resolvable]
    assert known
    prices = [slope.usd_per_hour_per_ms or 0.0 for slope in known]
    assert prices == sorted(prices)
    for slope in known:
        assert slope.usd_per_hour_per_ms_ci95 is not None
        low, high = slope.usd_per_hour_per_ms_ci95
        assert low <= (slope.usd_per_hour_per_ms or 0.0) <= high
    for slope in whole.usd_per_ms:
        assert (slope.usd_per_hour_per_ms is None) == (not slope.resolvable)


def test_the_section_of_a_scenario_is_what_is_planned(tmp_path: Any) -> None:
    import yaml

    section = {
        "vary": {"pools.cpu.servers": "1:9", "pools.cpu.batching.max_batch_size": [1, 4]},
        "objective": {"p99": "90 ms"},
        "survive": {"servers": 1},
        "budget": {"usd_per_month": 730},
        "utilisation": "90 %",
    }
    (tmp_path / "s.yaml").write_text(yaml.safe_dump(scenario_data(plan=section)))
    found = load_plan(tmp_path / "s.yaml", [])
    assert len(found) == 18
    assert found.base.objective is not None
    assert found.base.objective.p99 == 90_000_000
    assert Limits.of(found.base.plan) == Limits(1, 1.0, 0.9, None)
    assert Limits.of(found.base.plan, 0).survive == 0
    assert len(load_plan(tmp_path / "s.yaml", ["pools.cpu.servers=1,2"])) == 2


def test_ranges_are_those_of_vary() -> None:
    said = ranges({"a": "1:4", "b": [1, 2], "c": [{"policy": "none"}, "x"], "d": True})
    assert said == ["a=1:4", "b=1,2", 'c={"policy": "none"},x', "d=true"]


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ({"budget": {}}, "needs one of usd_per_hour, usd_per_month, usd_per_year, got none"),
        ({"budget": {"usd_per_hour": 1, "usd_per_year": 2}}, "got 2"),
        ({"survive": {"servers": -1}}, "must be at least 0"),
        ({"vary": {"pools.cpu.servrs": "1:3"}}, "did you mean servers"),
        ({"vary": {"pools.cpu.servers": "3:1"}}, "is empty"),
        ({"utilisation": "120 %"}, "must be at most 100 %"),
        ({"varied": {}}, "did you mean vary"),
    ],
)
def test_a_wrong_section_is_told(tmp_path: Any, section: dict[str, Any], said: str) -> None:
    import yaml

    (tmp_path / "s.yaml").write_text(yaml.safe_dump(scenario_data(plan=section)))
    with pytest.raises(InputError) as error:
        load_plan(tmp_path / "s.yaml", [])
    assert said in str(error.value)
