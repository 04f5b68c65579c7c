from __future__ import annotations

from unittest.mock import Mock

import pytest
from systems import pool, scenario

from capsim import processes, simulate
from capsim.errors import Fault, InputError
from capsim.processes import in_order, simulate_all
from capsim.scenario.demand import expected_requests


def test_answers_come_numbered_and_without_ledgers() -> None:
    scenarios = [scenario(pool(servers=n), run={"seed": n}) for n in (1, 2, 3)]
    found = dict(simulate_all(enumerate(scenarios), workers=2))
    assert sorted(found) == [0, 1, 2]
    assert not found[1].ledgers
    assert found[1].latency_s == simulate(scenarios[1]).latency_s
    assert [result.seed for result in in_order(scenarios, 1)] == [1, 2, 3]


def test_a_fault_in_another_process_is_the_same_fault() -> None:
    with pytest.raises(ValueError, match="no engine 'abacus'"):
        list(simulate_all([(0, scenario())], workers=2, engine="abacus"))
    # One queue after another process refused, all others still answer.
    assert len(list(simulate_all([(0, scenario())], workers=2))) == 1


def test_faults_that_were_not_collected_are_counted_in_another_process_too(monkeypatch: pytest.MonkeyPatch) -> None:
    refused = InputError("s.yaml", [Fault("a", "is wrong")], uncollected=7)
    monkeypatch.setattr(processes, "simulate", Mock(side_effect=refused))
    carried = processes._answer_or_refusal(scenario(), "auto", counted=False)
    assert isinstance(carried, processes.Refusal)
    monkeypatch.setattr(processes, "in_processes", lambda *_: (each for each in [(0, carried)]))
    with pytest.raises(InputError) as caught:
        list(simulate_all([(0, scenario())], workers=2))
    assert str(caught.value) == str(refused)


def test_a_scenario_that_cannot_be_made_stops_all() -> None:
    def scenarios() -> object:
        yield 0, scenario()
        raise InputError("s.yaml", [])

    with pytest.raises(InputError):
        list(simulate_all(scenarios(), workers=2))  # type: ignore[arg-type]  # only what is iterated matters


def test_about_how_many_requests_a_scenario_simulates() -> None:
    open_loop = scenario(arrivals={"process": "poisson", "rate": "20 /s"}, run={"horizon": "5 s", "replications": 3})
    assert expected_requests(open_loop) == 300
    thinking = {"process": "closed_loop", "clients": 4, "think_time": "90 ms"}
    assert expected_requests(scenario(arrivals=thinking, run={"horizon": "5 s"})) == pytest.approx(200)
    busy = {"process": "closed_loop", "clients": 4}
    assert expected_requests(scenario(arrivals=busy, run={"horizon": "5 s"})) == 500
