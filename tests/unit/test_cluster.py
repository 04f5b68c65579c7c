"""The same answers from a Dask cluster, also where a worker is killed."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest
from commanded import capsim
from systems import document, pool

from capsim.cluster import current, on_cluster
from capsim.documents import Document
from capsim.errors import MissingExtraError
from capsim.scenario.grid import Grid, grid_of
from capsim.sweeping import Cell, sweep


def grid() -> Grid:
    """Twenty-four short simulations."""
    cpu = pool("cpu", service={"distribution": "exponential", "mean": "8 ms"}, price={"usd_per_hour": 0.1})
    data = document(
        cpu, arrivals={"process": "poisson", "rate": "150 /s"}, run={"horizon": "20 s", "replications": 3, "seed": 3}
    )
    return grid_of(Document("s.yaml", data), ["pools.cpu.servers=2:13", "pools.cpu.queue.shared=true,false"])


def told(cells: list[Cell]) -> list[dict[str, object]]:
    """Answers without what differs from run to run: how long it took."""
    unsteady = {"engine_s", "wall_s"}
    return [
        {
            **cell.answer,
            "provenance": {name: value for name, value in cell.answer["provenance"].items() if name not in unsteady},
        }
        for cell in cells
    ]


@pytest.mark.slow
def test_a_killed_worker_loses_nothing() -> None:
    pytest.importorskip("distributed", reason="distributed is not installed: capsim[dask]")
    expected = told(sweep(grid()))
    killed: list[int] = []

    def kill_one(*_: object) -> None:
        if not killed:
            processes = current().run(os.getpid)
            killed.append(next(iter(processes.values())))
            os.kill(killed[0], signal.SIGKILL)

    with on_cluster(None, 2) as at_once:
        assert at_once == 2
        cells = sweep(grid(), at_once, told=kill_one)
    assert killed
    assert told(cells) == expected


@pytest.mark.slow
def test_plans_and_sweeps_run_unchanged(tmp_path: Path) -> None:
    pytest.importorskip("distributed", reason="distributed is not installed: capsim[dask]")
    (tmp_path / "s.yaml").write_text(
        "name: s\nworkload: {arrivals: {process: poisson, rate: 150 /s}}\npools:\n- {name: cpu, servers: 2, "
        "service: {distribution: exponential, mean: 8 ms}, price: {usd_per_hour: 1}}\nobjective: {p99: 60 ms}\n"
        "run: {horizon: 10 s, replications: 3}\n"
    )
    words = ("plan", "s.yaml", "--vary", "pools.cpu.servers=1:6", "--all", "--json")
    here = capsim(tmp_path, *words)
    there = capsim(tmp_path, *words, "--executor", "dask", "--workers", "2")
    assert there.returncode == 0, there.stderr
    assert there.stdout == here.stdout


def test_dask_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MissingExtraError, match="dask"), on_cluster(None, 2):
        pass
