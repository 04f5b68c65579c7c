from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from capsim.cli import app
from capsim.errors import InputError

SCENARIO = """
name: small
workload: {arrivals: {process: poisson, rate: 150 /s}}
pools:
  - name: cpu
    servers: 2
    service: {distribution: exponential, mean: 10 ms}
    price: {usd_per_hour: 0.1}
objective: {p99: 80 ms}
run: {horizon: 100 s, replications: 5, seed: 1}
"""


@pytest.fixture
def scenario(tmp_path: Path) -> str:
    file = tmp_path / "s.yaml"
    file.write_text(SCENARIO)
    return str(file)


def invoke(*words: str) -> Result:
    return CliRunner().invoke(app, ["compare", *words])


def words_of(text: str) -> str:
    return " ".join(text.split())


def test_one_scenario_under_another_setting(scenario: str) -> None:
    said = words_of(invoke(scenario, "--with", "pools.cpu.servers=3").stdout)
    assert said.startswith("p99 −")
    assert "], cost +50 %" in said
    assert "Not significant at 95 %: throughput." in said
    assert "common random numbers" in said


def test_a_difference_that_nobody_can_tell(scenario: str) -> None:
    said = words_of(invoke(scenario, "--with", "pools.cpu.servers=3", "--set", "run.horizon=2 s").stdout)
    assert said.startswith("p99: too few requests to tell the difference (−")
    assert "few_requests" in said


def test_two_files(scenario: str, tmp_path: Path) -> None:
    other = tmp_path / "t.yaml"
    other.write_text(SCENARIO.replace("servers: 2", "servers: 3"))
    document = json.loads(invoke(scenario, str(other), "--json").stdout)
    changed = json.loads(invoke(scenario, "--with", "pools.cpu.servers=3", "--json").stdout)
    assert document["latency_s"] == changed["latency_s"]
    assert document["b"]["name"] == str(other)
    p99 = document["latency_s"]["p99"]
    assert p99["significant"]
    assert p99["relative"]["ci95"][0] < p99["relative"]["value"] < p99["relative"]["ci95"][1] < 0


def test_set_applies_to_both(scenario: str) -> None:
    words = ["--set", "run.replications=4", "--with", "pools.cpu.servers=3", "--json"]
    document = json.loads(invoke(scenario, *words).stdout)
    assert document["replications"] == 4
    assert "run_differs" not in {warning["code"] for warning in document["warnings"]}


def test_no_difference_is_not_significant(scenario: str) -> None:
    assert "p99: no significant difference" in words_of(invoke(scenario, scenario).stdout)


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (["cost=60%"], 0),
        (["cost=40 %"], 1),
        (["p99=1%", "mean=1%"], 0),
        (["p99=1%", "cost=1%"], 1),
        (["throughput=5%"], 0),
    ],
)
def test_a_gate(scenario: str, limits: list[str], code: int) -> None:
    gates = [word for limit in limits for word in ("--fail-above", limit)]
    assert invoke(scenario, "--with", "pools.cpu.servers=3", *gates).exit_code == code


def test_a_gate_says_what_is_worse(scenario: str) -> None:
    gates = ["--fail-above", "throughput=5%", "--fail-above", "p99=10%"]
    answer = invoke(scenario, "--with", "pools.cpu.servers=1", *gates)
    assert answer.exit_code == 1
    assert "throughput: 3" in answer.stderr
    assert "lost, above 5.0 %." in answer.stderr


@pytest.mark.parametrize("limit", ["p98=5%", "p99", "p99=x", "p99=-5%"])
def test_a_gate_that_is_none(scenario: str, limit: str) -> None:
    assert invoke(scenario, scenario, "--fail-above", limit).exit_code == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "needs a second scenario"),
        (["--with", "pools.cpu.severs=3"], "did you mean servers? (set by --with pools.cpu.severs=3)"),
        (["--with", "pools.gpu.servers=3"], "--with has 1 problem"),
        (["no-such.yaml"], "no such file"),
    ],
)
def test_bad_input(scenario: str, words: list[str], said: str) -> None:
    answer = invoke(scenario, *words)
    assert isinstance(answer.exception, InputError)
    assert said in str(answer.exception)
