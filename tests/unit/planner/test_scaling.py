from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from systems import scenario

from capsim.planner.headroom import loaded
from capsim.units import NS_PER_S
from capsim.workload.arrivals import offered_per_s

STEPS = {"steps": [{"at": "0 s", "rate": "10 /s"}, {"at": "1 s", "rate": "0 /s"}, {"at": "3 s", "rate": "30 /s"}]}
DAILY = {"daily": {"mean": "10 /s", "peak": "15 /s", "period": "7 s"}}
BURSTS = {"bursts": {"base": "1 /s", "peak": "9 /s", "every": "3 s", "length": "1 s"}}


@pytest.mark.parametrize("rate", ["20 /s", STEPS, DAILY, BURSTS])
def test_every_rate_scales(rate: Any) -> None:
    given = scenario(arrivals={"process": "gamma", "cv": 2, "rate": rate}, run={"horizon": "10 s"})
    more = loaded(given, 1.5)
    assert offered_per_s(more.workload.arrivals, 10) == pytest.approx(
        1.5 * (offered_per_s(given.workload.arrivals, 10) or 0)
    )
    assert more.run == given.run


def test_a_trace_is_replayed_faster_and_ends_earlier(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("timestamp_s\n" + "".join(f"{i / 10}\n" for i in range(100)))
    arrivals = {"process": "trace", "file": "t.csv"}
    given = scenario(arrivals=arrivals, run={"horizon": "10 s", "warmup": "2 s"}, folder=tmp_path)
    more = loaded(given, 2)
    assert (more.run.horizon, more.run.warmup) == (5 * NS_PER_S, NS_PER_S)
    assert offered_per_s(more.workload.arrivals, 5) == 20


def test_clients_are_whole() -> None:
    given = scenario(arrivals={"process": "closed_loop", "clients": 3, "think_time": "1 s"})
    assert loaded(given, 1.5).workload.arrivals.clients == 4
    assert loaded(given, 0.1).workload.arrivals.clients == 1
