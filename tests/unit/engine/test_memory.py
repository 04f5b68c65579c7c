from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from systems import document, pool, scenario

from capsim import simulate, simulation
from capsim.engine import lower, memory
from capsim.engine.compiled.build import build
from capsim.errors import InputError
from capsim.scenario import scenario_from
from capsim.scenario.demand import expected_requests

BURSTY: dict[str, Any] = {"process": "poisson", "rate": "2000 /s"}


@pytest.mark.parametrize(
    "asked",
    [
        {"servers": 3000},
        {"servers": 3000, "queue": {"shared": True}},
        {"servers": 300, "instances": 64},
        {"servers": 30, "instances": 16, "batching": {"policy": "dynamic", "max_batch_size": 4096}},
    ],
)
def test_what_is_foretold_is_about_what_the_tables_take(asked: dict[str, Any]) -> None:
    found = scenario(pool(**asked))
    taken = sum(array.nbytes for array in build(lower(found), 0)._arrays.values()) - 12e6  # of the tally's histograms
    assert taken / 2 < sum(memory.tables(found).values()) < 20 * abs(taken) + 20e6


@pytest.mark.parametrize("engine", ["auto", "simpy", "compiled"])
@pytest.mark.parametrize("most", [1, 65_536])
def test_a_scenario_too_large_is_refused_before_it_takes_anything(engine: str, most: int) -> None:
    batching = {"policy": "dynamic", "max_batch_size": most}
    huge = scenario(pool(servers=100_000, instances=1024, batching=batching, sharing={"overlap": 0.5}))
    with pytest.raises(InputError, match=r"about [\d.]+ [GT]B of memory .* 100,000 servers x 1,024 instances"):
        memory.check_memory(huge, most_bytes=1e9)
    if most > 1:
        with pytest.raises(InputError, match="is free: 100,000 servers x 1,024 instances"):
            simulate(huge, engine)


def test_rows_that_do_not_fit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "available_bytes", lambda: 100e6)
    found = scenario(pool(), arrivals=BURSTY, run={"horizon": "1 h", "replications": 3})
    with pytest.raises(InputError, match=r"run.horizon .* a row is kept of each request; shorten it"):
        simulate(found, rows=True)


def test_rows_that_do_not_fit_are_refused_where_requests_cannot_be_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "available_bytes", lambda: 1e9)
    found = scenario(pool(), arrivals=BURSTY, run={"horizon": "24 h", "replications": 3})
    with pytest.raises(InputError, match=r"run.horizon .* a row is kept of each request; shorten it"):
        simulate(found, "simpy")


@pytest.mark.parametrize("steps", [1, 2])
def test_more_requests_than_were_expected_become_a_tally(monkeypatch: pytest.MonkeyPatch, steps: int) -> None:
    monkeypatch.setattr(simulation, "expected_visits", lambda _scenario: 0.0)
    monkeypatch.setattr(simulation, "MOST_ROWS", 100_000)
    route = [{"pools": ["gpu"]}] * steps
    clients = {"process": "closed_loop", "clients": 8, "think_time": "0 s"}
    quick = pool(servers=4, service={"distribution": "exponential", "mean": "1 ms"})
    found = scenario(quick, arrivals=clients, run={"horizon": "100 s", "replications": 1}, route=route)
    result = simulate(found)
    assert "tallied" in [warning.code for warning in result.warnings]
    assert result.provenance["requests_simulated"] > 100_000


def test_the_slow_engine_stops_where_rows_do_not_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulation, "expected_visits", lambda _scenario: 0.0)
    monkeypatch.setattr(simulation, "MOST_ROWS", 20_000)
    found = scenario(pool(servers=4), arrivals=BURSTY, run={"horizon": "100 s", "replications": 1})
    with pytest.raises(InputError, match="makes more requests than memory holds rows of"):
        simulate(found, "simpy")


def test_replications_that_precision_asks_for_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulation, "MOST_ROWS", 2_000)
    run = {"horizon": "5 s", "precision": "0.1 %", "max_replications": 60, "seed": 1}
    data = document(pool(servers=4), arrivals={"process": "poisson", "rate": "100 /s"}, run=run)
    del data["run"]["replications"]
    found = scenario_from(data)
    assert "tallied" in [warning.code for warning in simulate(found).warnings]


def test_growing_stops_before_memory_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    left = iter([1e12, 1e12])
    monkeypatch.setattr(memory, "available_bytes", lambda: next(left, 0.0))
    monkeypatch.setattr(simulation, "expected_visits", lambda _scenario: 0.0)
    found = scenario(pool(servers=4), arrivals=BURSTY, run={"horizon": "2000 s", "replications": 1})
    with pytest.raises(InputError, match="makes more requests than memory holds rows of"):
        simulate(found, "simpy", rows=True)


def test_memory_that_is_refused_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any) -> None:
        raise MemoryError

    monkeypatch.setattr(simulation, "lower", refused)
    with pytest.raises(InputError, match="memory"):
        simulate(scenario())


def test_clients_that_are_turned_away_at_once_are_expected_to_be_back() -> None:
    batching = {"policy": "bentoml", "max_batch_size": 2, "max_latency_ms": 1}
    arrivals = {"process": "closed_loop", "clients": 50, "think_time": "0 s"}
    late = scenario(
        pool(service={"distribution": "constant", "mean": "1 s"}, batching=batching),
        arrivals=arrivals,
        run={"horizon": "1 s", "replications": 1},
    )
    assert expected_requests(late) == pytest.approx(simulate(late).provenance["requests_simulated"], rel=0.1)


def test_a_group_of_processes_has_what_is_left_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "CGROUPS", tmp_path)
    assert memory._of_group() == math.inf
    (tmp_path / "memory.max").write_text("1000\n")
    (tmp_path / "memory.current").write_text("700\n")
    (tmp_path / "memory.stat").write_text("anon 400\ninactive_file 200\n")
    assert memory._of_group() == 500
    (tmp_path / "memory.max").write_text("max\n")
    assert memory._of_group() == math.inf


def test_a_process_has_what_its_own_limit_leaves() -> None:
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_AS)
    try:
        resource.setrlimit(resource.RLIMIT_AS, (1 << 40, before[1]))
        assert 0 < memory._of_process() < 1 << 40
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
    assert memory.available_bytes() > 0
