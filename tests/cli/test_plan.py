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
run: {horizon: 15 s, replications: 4, seed: 1}
"""
SERVERS = ["--vary", "pools.cpu.servers=1:8"]


@pytest.fixture
def scenario(tmp_path: Path) -> str:
    file = tmp_path / "s.yaml"
    file.write_text(SCENARIO)
    return str(file)


def invoke(*words: str) -> Result:
    return CliRunner().invoke(app, ["plan", *words, "--workers", "1"])


def words_of(text: str) -> str:
    return " ".join(text.split())


def test_the_cheapest_the_next_cheaper_and_the_load_it_bears(scenario: str) -> None:
    answer = invoke(scenario, *SERVERS)
    assert answer.exit_code == 0
    said = words_of(answer.stdout)
    assert "pools.cpu.servers=3 $0.30/h" in said
    assert "The next cheaper, pools.cpu.servers=2 ($0.20/h), does not do: p99" in said
    assert "It bears" in said
    assert "8 settings: 1 ruled out by formulas" in said


def test_json(scenario: str) -> None:
    document = json.loads(invoke(scenario, *SERVERS, "--json").stdout)
    assert document["schema"] == "capsim.plan/1"
    assert document["best"]["settings"] == {"pools.cpu.servers": 3}
    assert document["candidates"][0]["reason"].startswith("150 requests/s are offered")
    assert [candidate["met"] for candidate in document["candidates"][:3]] == [False, False, True]
    assert document["frontier"][-1]["met"] is True


def test_a_lower_probability_may_do_with_less(scenario: str) -> None:
    sure, likely = (
        json.loads(invoke(scenario, *SERVERS, "--json", "--probability", p).stdout) for p in ("0.999", "0.5")
    )
    assert likely["best"]["usd_per_hour"] <= sure["best"]["usd_per_hour"]


def test_nothing_meets_it(scenario: str) -> None:
    answer = invoke(scenario, "--vary", "pools.cpu.servers=1:2")
    assert answer.exit_code == 1
    said = words_of(answer.stdout)
    assert "Nothing in the grid meets the objective." in said
    assert "The closest is pools.cpu.servers=2 ($0.20/h): p99" in said
    assert "above 80 ms" in said
    document = json.loads(invoke(scenario, "--vary", "pools.cpu.servers=1:2", "--json").stdout)
    assert document["best"] is None
    assert document["closest"]["excess"] > 0


def test_a_row_for_each_load(scenario: str) -> None:
    words = [scenario, *SERVERS, "--vary", "workload.arrivals.rate=60 /s:180 /s:60 /s"]
    answer = invoke(*words)
    assert answer.exit_code == 0
    said = words_of(answer.stdout)
    assert "rate cpu.servers $/h p99 probability why nothing cheaper" in said
    assert "A row is a plan of its own, as nobody chooses workload.arrivals.rate." in said
    document = json.loads(invoke(*words, "--json").stdout)
    servers = [row["best"]["settings"]["pools.cpu.servers"] for row in document["answers"]]
    assert servers == sorted(servers)
    assert [row["given"]["workload.arrivals.rate"] for row in document["answers"]] == ["60 /s", "120 /s", "180 /s"]


def test_one_load_that_nothing_bears_is_a_no(scenario: str) -> None:
    answer = invoke(scenario, "--vary", "pools.cpu.servers=1:3", "--vary", "workload.arrivals.rate=20 /s,2000 /s")
    assert answer.exit_code == 1
    said = words_of(answer.stdout)
    assert "nothing does; closest cpu.servers=3:" in said
    assert "Nothing in the grid meets the objective in 1 of 2 rows." in said


def test_servers_are_the_cost_without_prices(scenario: str) -> None:
    answer = invoke(scenario, *SERVERS, "--set", "pools.cpu.price=null")
    assert "no prices are given, so servers are counted as the cost" in words_of(answer.stdout)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([*SERVERS, "--set", "pools[0].servers=3"], "is set twice, here and by --set pools[0].servers=3"),
        ([*SERVERS, "--set", "objective=null"], "objective  is needed to plan for"),
        (["--vary", "pools.cpu.severs=1:4"], "did you mean servers?"),
        (["--vary", "pools.cpu.servers=4:1"], "is empty"),
        ([], "--vary  is needed"),
        (["--vary", "pools.cpu.servers=1:1000", "--vary", "run.seed=1:1000"], "makes 1,000,000 combinations"),
    ],
)
def test_bad_input(scenario: str, words: list[str], said: str) -> None:
    answer = invoke(scenario, *words)
    assert isinstance(answer.exception, InputError)
    assert said in str(answer.exception)


def test_a_probability_is_between_one_half_and_one(scenario: str) -> None:
    assert invoke(scenario, *SERVERS, "--probability", "1.5").exit_code == 2


def test_what_may_fail_is_said_in_a_word_and_its_spare_is_priced(scenario: str) -> None:
    answer = json.loads(invoke(scenario, *SERVERS, "--survive", "1", "--json").stdout)
    assert answer["survive"]["servers"] == 1
    assert answer["survive"]["spare_servers"] >= 1
    assert answer["best"]["servers"] - answer["survive"]["spare_servers"] >= 1
    said = " ".join(invoke(scenario, *SERVERS, "--survive", "1").stdout.split())
    assert "1 server of any pool may fail: the spare is" in said


def test_a_section_plan_needs_no_vary(scenario: str) -> None:
    bare = invoke(scenario)
    assert isinstance(bare.exception, InputError)
    answer = invoke(scenario, "--set", "plan={vary: {pools.cpu.servers: 1:8}}", "--json")
    assert len(json.loads(answer.stdout)["candidates"]) == 8
