from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from systems import scenario

from capsim import Scenario, simulate
from capsim.planner.headroom import headroom, loaded

STEPS = {"steps": [{"at": "0 s", "rate": "10 /s"}, {"at": "1 s", "rate": "0 /s"}, {"at": "3 s", "rate": "30 /s"}]}
DAILY = {"daily": {"mean": "10 /s", "peak": "15 /s", "period": "7 s"}}
BURSTS = {"bursts": {"base": "1 /s", "peak": "9 /s", "every": "3 s", "length": "1 s"}}


@pytest.mark.parametrize("rate", ["20 /s", STEPS, DAILY, BURSTS])
def test_every_rate_scales(rate: Any) -> None:
    given = scenario(arrivals={"process": "gamma", "cv": 2, "rate": rate}, run={"horizon": "10 s"})
    more = loaded(given, 1.5)
    assert more.workload.arrivals.offered_per_s(10) == pytest.approx(
        1.5 * (given.workload.arrivals.offered_per_s(10) or 0)
    )
    assert more.run == given.run


def test_a_trace_has_as_many_more_requests_at_the_same_times(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("timestamp_s\n" + "".join(f"{i / 10}\n" for i in range(100)))
    arrivals = {"process": "trace", "file": "t.csv"}
    given = scenario(arrivals=arrivals, run={"horizon": "10 s", "warmup": "2 s"}, folder=tmp_path)
    more = loaded(given, 2)
    assert more.run == given.run
    assert more.workload.arrivals.offered_per_s(10) == 20


def test_a_burst_bears_as_many_requests_as_it_bears(tmp_path: Path) -> None:
    """Eight servers of 30 ms answer 13 requests each within 400 ms, and 1 % of the requests may take longer."""
    (tmp_path / "t.csv").write_text("timestamp_s\n" + "0\n" * 100)
    gpu = {"name": "gpu", "servers": 8, "service": {"distribution": "constant", "mean": "30 ms"}}
    burst = scenario(
        {**gpu, "queue": {"shared": True}},
        arrivals={"process": "trace", "file": "t.csv"},
        objective={"p99": "400 ms"},
        run={"horizon": "5 s", "warmup": "0 s", "replications": 2},
        folder=tmp_path,
    )

    def meets(given: Scenario) -> bool:
        objective = simulate(given).objective
        return objective is not None and objective.holds(0.5)

    found = headroom(burst, meets)
    assert (found.unit, found.load) == ("requests", 100)
    assert found.borne * 100 == pytest.approx(105)
    assert found.too_much is not None
    assert found.too_much * 100 == pytest.approx(106)


def test_clients_are_whole() -> None:
    given = scenario(arrivals={"process": "closed_loop", "clients": 3, "think_time": "1 s"})
    assert loaded(given, 1.5).workload.arrivals.clients == 4
    assert loaded(given, 0.1).workload.arrivals.clients == 1
