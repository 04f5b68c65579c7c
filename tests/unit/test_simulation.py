"""The line from a scenario to its answer."""

from __future__ import annotations

from typing import Any

import pytest
from systems import pool, scenario

from capsim import Result, Scenario, simulate
from capsim.engine import choice

LOAD = {"process": "poisson", "rate": "60 /s"}
SERVICE = {"distribution": "exponential", "mean": "10 ms"}


def asked(**run: Any) -> Scenario:
    return scenario(pool(service=SERVICE), arrivals=LOAD, run={"horizon": "30 s", "replications": None, **run})


def half_width(result: Result) -> float:
    p99 = result.latency_s["p99"]
    assert p99.value is not None
    assert p99.ci95 is not None
    return (p99.ci95[1] - p99.ci95[0]) / 2 / p99.value


def codes(result: Result) -> set[str]:
    return {warning.code for warning in result.warnings}


def test_there_are_five_replications_unless_told() -> None:
    assert simulate(asked()).replications == 5
    assert simulate(asked(replications=2)).replications == 2


def test_the_same_seed_gives_the_same_answer_and_another_one_another() -> None:
    first, again, other = (simulate(asked(seed=seed)) for seed in (1, 1, 2))
    assert first.latency_s == again.latency_s
    assert list(first.ledgers) == list(again.ledgers)
    assert first.latency_s["p99"].value != other.latency_s["p99"].value


def test_replications_differ_and_more_of_them_leave_the_first_as_they_were() -> None:
    three, five = (simulate(asked(replications=count)).ledgers for count in (3, 5))
    assert list(five[:3]) == list(three)
    assert all(five[0] != later for later in five[1:])


@pytest.mark.parametrize("engine", ["simpy", "compiled"])
def test_each_engine_gives_the_same_answer_under_its_name(engine: str) -> None:
    result, other = simulate(asked(), engine), simulate(asked())
    assert result.engine == engine
    assert list(result.ledgers) == list(other.ledgers)
    assert result.latency_s == other.latency_s


def test_replications_in_processes_are_those_of_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    alone = simulate(asked(replications=4), "simpy", at_once=False)
    monkeypatch.setattr(choice, "LONG_S", -1.0)
    monkeypatch.setattr(choice, "_cores", lambda: 2)
    seen: list[int] = []
    together = simulate(asked(replications=4), "simpy", lambda number, *_: seen.append(number))
    assert list(together.ledgers) == list(alone.ledgers)
    assert set(seen) == {0, 1, 2, 3}


def test_an_unknown_engine_is_refused() -> None:
    with pytest.raises(ValueError, match="no engine 'fast'; choose one of auto, simpy, compiled"):
        simulate(asked(), "fast")


@pytest.mark.parametrize("engine", ["simpy", "compiled"])
def test_progress_goes_through_every_replication(engine: str) -> None:
    told: list[tuple[int, int, float]] = []
    simulate(asked(replications=3), engine, lambda *step: told.append(step))
    assert {known for _, known, _ in told} == {3}
    assert [step[::2] for step in told] == sorted(step[::2] for step in told)
    # The last hundredth is passed over where nobody waits for an answer any more.
    assert {number for number, _, share in told if share >= 0.99} == {0, 1, 2}


def test_the_answer_says_what_was_simulated() -> None:
    result = simulate(asked(replications=3))
    assert result.provenance["requests_simulated"] == sum(len(ledger) for ledger in result.ledgers)
    assert result.provenance["requests_simulated"] == len(result.request_frame())
    assert result.provenance["engine_s"] > 0
    assert result.provenance["wall_s"] > 0
    assert result.provenance["evidence"] == [{"pool": "gpu", "level": "assumed distribution"}]
    assert result.provenance["profiles"] == []


# Precision


def test_precision_replicates_until_p99_is_known_well_enough() -> None:
    result = simulate(asked(precision="5 %"))
    assert 5 < result.replications < 400
    assert half_width(result) <= 0.05
    assert "precision_not_reached" not in codes(result)
    # It is the answer that so many replications give.
    assert simulate(asked(replications=result.replications)).latency_s == result.latency_s


def test_precision_takes_five_replications_at_least() -> None:
    assert simulate(asked(precision="90 %")).replications == 5


def test_a_finer_precision_takes_more_replications() -> None:
    coarse, fine = (simulate(asked(precision=precision)).replications for precision in ("8 %", "4 %"))
    assert coarse < fine


def test_a_precision_that_is_not_reached_is_said() -> None:
    result = simulate(asked(precision="0.5 %", max_replications=12))
    assert result.replications == 12
    assert half_width(result) > 0.005
    assert "precision_not_reached" in codes(result)


def test_a_precision_without_completed_requests_stops_at_the_most() -> None:
    lost = pool(service={"distribution": "constant", "mean": "100 s"}, queue={"capacity": 0})
    run = {"horizon": "1 s", "replications": None, "precision": "5 %", "max_replications": 7, "drain": "0 s"}
    result = simulate(scenario(lost, arrivals=LOAD, run=run))
    assert result.replications == 7
    assert result.latency_s["p99"].value is None
    assert "precision_not_reached" in codes(result)
