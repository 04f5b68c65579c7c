from __future__ import annotations

import json
from typing import Any

import pytest
from systems import document, dynamic, pool

from capsim import load_grid, simulate
from capsim.documents import Document
from capsim.errors import InputError
from capsim.planner import Plan, plan, plans
from capsim.planner.plans import ForAll
from capsim.scenario.grid import Grid, grid_of

SERVICE = {"distribution": "exponential", "mean": "8 ms", "per_item": "3 ms"}


def grid(*vary: str, rate: str = "150 /s", target: str = "60 ms", **settings: Any) -> Grid:
    cpu = pool("cpu", service=SERVICE, batching=dynamic(4), price={"usd_per_hour": 0.1}, **settings)
    data = document(
        cpu,
        arrivals={"process": "poisson", "rate": rate},
        objective={"p99": target},
        run={"horizon": "15 s", "replications": 4, "seed": 3},
    )
    return grid_of(Document("s.yaml", data), vary)


def brute_force(found: Grid, required: float) -> dict[int, tuple[float, bool]]:
    """Cost and whether the objective is met, of every combination simulated."""
    answers = {}
    for number, scenario in enumerate(found.scenarios()):
        result = simulate(scenario)
        assert result.objective is not None
        assert result.cost is not None
        met = result.objective.holds(required) and result.verdict == "stable"
        answers[number] = (round(result.cost.usd_per_hour, 9), met)
    return answers


@pytest.mark.parametrize("required", [0.6, 0.95])
@pytest.mark.parametrize(
    ("vary", "rate", "target"),
    [
        (["pools.cpu.servers=1:8"], "150 /s", "60 ms"),
        (["pools.cpu.servers=1:6", "pools.cpu.batching.max_batch_size=1,2,4"], "200 /s", "70 ms"),
        (["pools.cpu.instances=1,2,3", "pools.cpu.servers=2,4"], "150 /s", "100 ms"),
        (["pools.cpu.servers=5,2,4,3,1", "pools.cpu.batching.max_queue_delay=0 ms,5 ms"], "100 /s", "50 ms"),
        (["pools.cpu.servers=1:6", "pools.cpu.queue.shared=true,false"], "250 /s", "55 ms"),
    ],
)
def test_nothing_cheaper_that_meets_it_is_missed(vary: list[str], rate: str, target: str, required: float) -> None:
    settings = grid(*vary, rate=rate, target=target)
    found, every = plan(settings, required), brute_force(settings, required)
    meeting = {number: cost for number, (cost, met) in every.items() if met}
    if not meeting:
        assert found.best is None
        return
    assert found.best is not None
    assert found.best.usd_per_hour == min(meeting.values())
    assert found.best.number in meeting
    for candidate in found.candidates:
        assert candidate.met is None or candidate.met == every[candidate.number][1]
        assert (candidate.state == "not_needed") == (candidate.cost("usd_per_hour") > found.best.cost("usd_per_hour"))


@pytest.fixture(scope="module")
def found() -> Plan:
    return plan(grid("pools.cpu.servers=1:8"))


def test_the_next_cheaper_and_why_not(found: Plan) -> None:
    assert found.best is not None
    assert found.next_cheaper is not None
    assert found.next_cheaper.servers == found.best.servers - 1
    assert found.next_cheaper.met is False
    assert found.next_cheaper.reason


def test_what_was_ruled_out_says_by_what(found: Plan) -> None:
    first = found.candidates[0]
    assert (first.state, first.met, first.p99_s) == ("ruled_out", False, None) or first.state == "simulated"
    assert found.candidates[-1].state == "not_needed"
    assert found.candidates[-1].met is None


def test_how_much_more_load_the_best_bears(found: Plan) -> None:
    assert found.best is not None
    assert found.headroom is not None
    assert found.headroom.too_much is not None
    assert 1 <= found.headroom.borne < found.headroom.too_much <= found.headroom.borne * 1.02

    def meets(factor: float) -> bool:
        servers = found.best.servers if found.best else 0
        again = plan(grid(f"pools.cpu.servers={servers}", rate=f"{150 * factor!r} /s"))
        return again.best is not None

    assert meets(found.headroom.borne)
    assert not meets(found.headroom.too_much)


def test_the_clients_of_a_closed_loop_are_counted() -> None:
    data = document(
        pool(servers=2),
        arrivals={"process": "closed_loop", "clients": 4, "think_time": "50 ms"},
        objective={"p99": "35 ms"},
        run={"horizon": "5 s", "replications": 3},
    )
    found = plan(grid_of(Document("s.yaml", data), ["pools.gpu.servers=1:3"]))
    assert found.headroom is not None
    assert found.headroom.unit == "clients"
    assert float(found.headroom.borne * 4).is_integer()
    assert found.headroom.too_much is not None
    assert found.headroom.too_much > found.headroom.borne


def test_without_prices_servers_are_the_cost() -> None:
    data = document(pool(), arrivals={"process": "poisson", "rate": "150 /s"}, objective={"p99": "50 ms"})
    found = plan(grid_of(Document("s.yaml", data), ["pools.gpu.servers=1:6"]), 0.5)
    assert found.cost_basis == "servers"
    assert found.best is not None
    assert found.best.usd_per_hour is None


def test_prices_of_some_pools_only_are_a_fault() -> None:
    data = document(
        pool("a", price={"usd_per_hour": 1}),
        pool("b"),
        route=[{"pools": ["a", "b"]}],
        objective={"p99": "50 ms"},
    )
    with pytest.raises(InputError, match=r"pools\.b\.price  is needed to compare costs"):
        plan(grid_of(Document("s.yaml", data), ["pools.a.servers=1:2"]))


@pytest.mark.parametrize("workers", [1, None])
def test_a_load_an_objective_or_a_price_is_not_chosen(workers: int | None) -> None:
    asked = grid("pools.cpu.servers=1:6", "workload.arrivals.rate=80 /s,160 /s", "objective.p99=60 ms,90 ms")
    found = plans(asked, workers=workers)
    assert found.given == ["workload.arrivals.rate", "objective.p99"]
    assert [tuple(answer.given.values()) for answer in found.answers] == [
        ("80 /s", "60 ms"),
        ("80 /s", "90 ms"),
        ("160 /s", "60 ms"),
        ("160 /s", "90 ms"),
    ]
    for answer in found.answers:
        rate, target = answer.given.values()
        alone = plan(grid("pools.cpu.servers=1:6", rate=rate, target=target), bears=False)
        assert answer.plan == alone
    assert found.answers[3].plan.best != found.answers[0].plan.best
    told = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert told["schema"] == "capsim.plans/1"
    dearest = max((answer.plan.best for answer in found.answers if answer.plan.best), key=lambda each: each.servers)
    assert found.best == ForAll(dearest.settings, dearest.usd_per_hour, dearest.servers)
    assert told["best"] == {
        "settings": dict(dearest.settings),
        "usd_per_hour": dearest.usd_per_hour,
        "servers": dearest.servers,
    }
    assert told["answers"][1]["given"] == {"workload.arrivals.rate": "80 /s", "objective.p99": "90 ms"}
    assert {"best", "candidates", "frontier"} <= told["answers"][0].keys()


def test_what_does_not_do_under_every_circumstance_is_not_the_best_for_all() -> None:
    # Nothing answers within 1 ms.
    asked = grid("pools.cpu.servers=1:2", "workload.arrivals.rate=10 /s,40 /s", "objective.p99=90 ms,1 ms")
    found = plans(asked)
    assert any(answer.plan.best for answer in found.answers)
    assert not found.all_met
    assert found.best is None
    assert found.to_dict()["best"] is None


@pytest.mark.parametrize(
    "path",
    [
        "workload.arrivals.rate=10 /s,20 /s",
        "workload.items_per_request=1,2",
        "objective.p99=1 s,2 s",
        "pools[0].price.usd_per_hour=1,2",
        "pools.cpu.price={usd_per_hour: 1},{usd_per_hour: 2}",
        "pools.cpu.overhead.per_batch=1 ms,2 ms",
        "network.client.latency=1 ms,2 ms",
        "run.seed=1,2",
    ],
)
def test_a_plan_chooses_only_what_can_be_bought(path: str) -> None:
    with pytest.raises(InputError, match="cannot be chosen, so that there is a plan for each of its values"):
        plan(grid(path, "pools.cpu.servers=2,4"))


def test_the_objective_of_a_class_is_planned_for() -> None:
    settings = ["run.horizon=20 s", "workload.classes.interactive.objective.p99=100 ms"]
    grid = load_grid("shipped:interactive-and-bulk", ["pools.gpu.servers=1:4"], settings)
    found = plan(grid, 0.9)
    assert found.objective_s == {"interactive.p99": 0.1}
    assert found.best is not None
    first = found.candidates[0]
    assert first.met is False
    assert first.reason is not None
    assert first.reason.startswith("interactive p99 ")
    interactive = simulate(grid.scenario(found.best.number)).classes[0]
    assert (interactive.latency_s["p99"].value or 1) < 0.1


def test_without_an_objective_there_is_nothing_to_plan() -> None:
    with pytest.raises(InputError, match="objective  is needed to plan for"):
        plan(grid_of(Document("s.yaml", document()), ["pools.gpu.servers=1:2"]))


def test_where_nothing_meets_it_the_closest_is_told() -> None:
    found = plan(grid("pools.cpu.servers=1:3", target="36 ms"))
    assert found.best is None
    assert found.headroom is None
    assert found.closest is not None
    assert found.closest.servers == 3
    assert "above" in (found.closest.reason or "")


def test_a_run_without_requests_chooses_nothing() -> None:
    data = document(pool("cpu", service=SERVICE), objective={"p99": "60 ms"}, run={"horizon": "3 ns", "warmup": "0 s"})
    found = plan(grid_of(Document("s.yaml", data), ["pools.cpu.servers=1:3"]))
    assert found.best is None
    assert {candidate.reason for candidate in found.candidates} == {"unknown: too little was simulated"}


def test_the_answer_does_not_depend_on_the_number_of_workers() -> None:
    settings = grid("pools.cpu.servers=1:6", "pools.cpu.batching.max_batch_size=2,4")
    assert plan(settings, workers=2).to_dict() == plan(settings, workers=1).to_dict()


def test_everything_simulated_gives_the_whole_frontier() -> None:
    settings = grid("pools.cpu.servers=1:7")
    part, whole = plan(settings), plan(settings, everything=True)
    assert part.best == whole.best
    assert all(candidate.state != "not_needed" for candidate in whole.candidates)
    p99s = [candidate.p99_s or 0.0 for candidate in whole.frontier]
    costs = [candidate.usd_per_hour or 0.0 for candidate in whole.frontier]
    assert p99s == sorted(p99s, reverse=True)
    assert costs == sorted(costs)
    assert len(whole.frontier) > len(part.frontier) > 0


def test_the_document_is_json(found: Plan) -> None:
    data = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert {"candidates", "best", "frontier", "next_cheaper", "headroom"} <= data.keys()
    assert {"settings", "usd_per_hour", "p99_s", "met"} <= data["candidates"][0].keys()
    assert data["best"]["settings"] == {"pools.cpu.servers": data["best"]["servers"]}
