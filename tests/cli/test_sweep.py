from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from capsim.cli import app
from capsim.errors import InputError
from capsim.scenario.demand import expected_requests
from capsim.scenario.grid import load_grid
from capsim.sweeping import estimate

SCENARIO = """
name: small
workload: {arrivals: {process: poisson, rate: 100 /s}}
pools:
  - name: cpu
    servers: 2
    service: {distribution: exponential, mean: 10 ms}
    batching: {policy: dynamic, max_batch_size: 4}
    price: {usd_per_hour: 0.1}
objective: {p99: 100 ms}
run: {horizon: 5 s, replications: 3, seed: 1}
"""
VARIED = ["--vary", "pools.cpu.servers=2:4", "--vary", "pools.cpu.batching.max_batch_size=1,4"]


@pytest.fixture
def scenario(tmp_path: Path) -> str:
    file = tmp_path / "s.yaml"
    file.write_text(SCENARIO)
    return str(file)


def invoke(*words: str) -> Result:
    return CliRunner().invoke(app, ["sweep", *words, "--workers", "1"])


def test_a_table_for_people(scenario: str) -> None:
    answer = invoke(scenario, *VARIED)
    assert answer.exit_code == 0
    assert "6 combinations, about" in answer.stderr
    assert "max_batch_size" in answer.stdout
    assert len(answer.stdout.splitlines()) == 7


def test_json_has_the_words_of_run(scenario: str) -> None:
    document = json.loads(invoke(scenario, *VARIED, "--json").stdout)
    assert document["schema"] == "capsim.sweep/1"
    assert document["variables"] == ["pools.cpu.servers", "pools.cpu.batching.max_batch_size"]
    assert document["cells"][3]["settings"] == {"pools.cpu.servers": 3, "pools.cpu.batching.max_batch_size": 4}
    assert document["cells"][3]["latency_s"]["p99"]["value"] > 0


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_file_with_a_row_per_combination(scenario: str, tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"out.{ending}"
    assert invoke(scenario, *VARIED, "--output", str(file)).exit_code == 0
    frame = pd.read_csv(file) if ending == "csv" else pd.read_parquet(file)
    assert frame["pools.cpu.servers"].tolist() == [2, 2, 3, 3, 4, 4]
    assert (frame["p99_s"] > 0).all()
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"out.{ending}", f"out.{ending}.cells.jsonl", "s.yaml"]


def test_the_same_command_continues_and_gives_the_same(scenario: str, tmp_path: Path) -> None:
    whole, again = tmp_path / "a.csv", tmp_path / "b.csv"
    invoke(scenario, *VARIED, "--output", str(whole))
    lines = (tmp_path / "a.csv.cells.jsonl").read_text().splitlines(keepends=True)
    (tmp_path / "b.csv.cells.jsonl").write_text("".join(lines[:2]))
    invoke(scenario, *VARIED, "--output", str(again))
    assert again.read_bytes() == whole.read_bytes()
    assert (tmp_path / "b.csv.cells.jsonl").read_text() == "".join(lines)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--vary", "pools.cpu.servrs=1:3"], "did you mean servers?"),
        (["--vary", "pools.gpu.servers=1:3"], "there is none named 'gpu'"),
        (["--vary", "pools.cpu.servers=5:1"], "is empty: it ends below its start"),
        (["--vary", "pools.cpu.servers="], "one of them is empty"),
        ([], "--vary  is needed"),
        ([*VARIED, "--output", "table.xls"], "expected a name ending in .parquet or .csv"),
        ([*VARIED, "--output", "no/such/table.csv"], "there is no folder"),
    ],
)
def test_bad_input(scenario: str, words: list[str], said: str) -> None:
    answer = invoke(scenario, *words)
    assert isinstance(answer.exception, InputError)
    assert said in str(answer.exception)


def test_a_million_combinations_say_how_long_they_take(scenario: str) -> None:
    answer = invoke(
        scenario, "--vary", "pools.cpu.servers=1:1000", "--vary", "pools.cpu.batching.max_batch_size=1:1000"
    )
    assert isinstance(answer.exception, InputError)
    assert "makes 1,000,000 combinations" in str(answer.exception)
    assert "1 process; vary less, or say --yes" in str(answer.exception)


def test_a_gate_on_the_objective(scenario: str) -> None:
    assert invoke(scenario, "--vary", "pools.cpu.servers=3,4", "--check-objective").exit_code == 0
    assert invoke(scenario, *VARIED, "--check-objective", "--set", "objective=null").exit_code == 2
    assert invoke(scenario, "--vary", "objective.p99=100 ms,1 ms", "--check-objective").exit_code == 1


def test_the_estimate_counts_requests_and_takes_one_process_for_little() -> None:
    asked = load_grid("shipped:image-classification", ["pools.cpu.servers=4:6"], ["run.horizon=10 s"])
    effort = estimate(asked, None)
    assert effort.cells == 3
    assert effort.requests == pytest.approx(sum(map(expected_requests, asked.scenarios())))
    assert effort.workers == 1
    assert 0 < effort.seconds < 20
    assert estimate(asked, 2).workers == 2
