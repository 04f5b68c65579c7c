"""`capsim run`, `check`, `init` and `schema` as a user calls them: output, files and exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from commanded import capsim

SCENARIO = """\
name: small
workload:
  arrivals: {process: poisson, rate: 200 /s}
pools:
  - name: cpu
    servers: 2
    service: {distribution: exponential, mean: 5 ms}
    price: {usd_per_hour: 0.5}
objective: {p99: 100 ms}
run: {horizon: 5 s, warmup: 1 s, replications: 3, seed: 1}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "small.yaml").write_text(SCENARIO)
    return tmp_path


def test_run_prints_one_json_document(folder: Path) -> None:
    done = capsim(folder, "run", "small.yaml", "--json", "--engine", "simpy", "--set", "pools.cpu.servers=3")
    answer = json.loads(done.stdout)
    assert done.returncode == 0
    assert (answer["schema"], answer["engine"]) == ("capsim.result/1", "simpy")
    assert answer["pools"][0]["servers"] == 3
    assert answer["cost"]["usd_per_month"] == pytest.approx(3 * 0.5 * 730)
    low, high = answer["latency_s"]["p99"]["ci95"]
    assert low < answer["latency_s"]["p99"]["value"] < high


def test_a_fresh_process_says_the_same(folder: Path) -> None:
    words = ("check", "small.yaml", "--set", "pools.cpu.severs=3")
    command = [sys.executable, "-m", "capsim", *words]
    fresh = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert (fresh.returncode, fresh.stdout, fresh.stderr) == capsim(folder, *words)


def test_run_prints_a_table(folder: Path) -> None:
    done = capsim(folder, "run", "small.yaml", "--engine", "simpy")
    assert done.returncode == 0
    assert "p99 ≤ 100 ms" in done.stdout
    assert "objective   met" in done.stdout


@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_the_ledger_has_the_requests_and_beside_it_the_visits(folder: Path, ending: str) -> None:
    done = capsim(folder, "run", "small.yaml", "--engine", "simpy", "--json", "--ledger", f"rows.{ending}")
    read = pd.read_parquet if ending == "parquet" else pd.read_csv
    requests, visits = read(folder / f"rows.{ending}"), read(folder / f"rows.visits.{ending}")
    kept = requests[requests["arrived_ns"] >= 1_000_000_000]
    assert len(kept) == json.loads(done.stdout)["requests"]["offered"]
    assert list(requests) == [
        "replication", "request", "arrived_ns", "finished_ns", "outcome", "items", "class", "attempts"
    ]  # fmt: skip
    assert len(visits) == len(requests)
    assert {path.name for path in folder.iterdir()} == {"small.yaml", f"rows.{ending}", f"rows.visits.{ending}"}


def test_an_objective_that_is_not_met_is_told_by_the_exit_code(folder: Path) -> None:
    strict = ("--set", "objective.p99=6 ms")
    assert capsim(folder, "run", "small.yaml", "--engine", "simpy", *strict).returncode == 0
    assert capsim(folder, "run", "small.yaml", "--engine", "simpy", *strict, "--check-objective").returncode == 1


def test_wrong_input_is_explained_and_exits_with_two(folder: Path) -> None:
    done = capsim(folder, "check", "small.yaml", "--set", "pools.cpu.severs=3", "--set", "run.horizon=5")
    assert done.returncode == 2
    assert "has 2 problems" in done.stderr
    assert "did you mean servers?" in done.stderr
    assert "expected a time with its unit" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_ledger_of_an_unknown_kind_is_refused_before_the_run(folder: Path) -> None:
    done = capsim(folder, "run", "small.yaml", "--ledger", "rows.xlsx")
    assert (done.returncode, done.stdout) == (2, "")


def test_the_starter_is_valid_and_is_not_overwritten(tmp_path: Path) -> None:
    assert capsim(tmp_path, "init").returncode == 0
    assert capsim(tmp_path, "check", "scenario.yaml").returncode == 0
    assert capsim(tmp_path, "init").returncode == 2
    assert capsim(tmp_path, "init", "--force").returncode == 0


@pytest.mark.parametrize(("name", "said"), [(".", "is a folder"), ("no/such/file.yaml", "there is no folder no/such")])
def test_the_starter_needs_a_place(tmp_path: Path, name: str, said: str) -> None:
    done = capsim(tmp_path, "init", name)
    assert (done.returncode, said in done.stderr) == (2, True)


def test_the_schema_is_json(tmp_path: Path) -> None:
    schema = json.loads(capsim(tmp_path, "schema").stdout)
    assert {"name", "workload", "pools"} <= set(schema["required"])
