"""The scenarios that come with capsim answer the question of their first line."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from capsim import InputError, load_scenario, simulate
from capsim.cli import app
from capsim.engine.ledger import Outcome
from capsim.scenario.checks import check
from capsim.scenario.route import NODES, Step, nodes_in
from capsim.shipped import locate

FILES = sorted((Path(__file__).parents[3] / "scenarios").glob("*.yaml"))
SAID = {"jitter_assumed", "sharing_assumed", "drift", "p99_open_ended", "rounded", "median_estimated"}
"""What a scenario may be warned of: what it says to assume, and what its profiles were measured with."""
SHORT = ["run.horizon=5 s", "run.warmup=0 s", "run.replications=2"]


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_a_shipped_scenario_asks_a_question_is_without_doubts_and_runs(file: Path) -> None:
    asked = file.read_text(encoding="utf-8").splitlines()[0]
    assert asked.startswith("# ")
    assert asked.endswith("?")
    scenario = load_scenario(file)
    assert scenario.name == file.stem
    meant = {"retries_above_capacity"} if file.stem == "retry-storm" else set()
    assert {doubt.code for doubt in check(scenario)} - SAID == meant
    answer = simulate(load_scenario(f"shipped:{file.stem}", SHORT))
    assert answer.requests["completed"] > 20
    assert all(pool.visits > 0 for pool in answer.pools)


def told(file: Path) -> list[str]:
    """The commands in the comments of a scenario; a backslash continues a line."""
    comments = [line[1:].strip() for line in file.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
    lines = "\n".join(comments).replace("\\\n", "").splitlines()
    return [line for line in lines if line.startswith("capsim ")]


@pytest.mark.parametrize("command", [command for file in FILES for command in told(file)])
def test_the_commands_that_scenarios_tell_run(command: str) -> None:
    words = [*shlex.split(command)[1:], *(word for setting in SHORT for word in ("--set", setting))]
    answer = CliRunner().invoke(app, words)
    assert answer.exit_code == 0, answer.output


def test_three_scenarios_use_profiles_of_gpus_with_a_tail() -> None:
    profiles = [pool.profile for file in FILES for pool in load_scenario(file).pools]
    known = [each for each in profiles if each and each.tail_known and each.hardware and each.hardware.kind == "gpu"]
    assert len({(each.model, each.hardware.name) for each in known if each.hardware}) >= 3


def test_there_is_one_for_each_kind_of_load_and_route() -> None:
    scenarios = [load_scenario(file) for file in FILES]
    processes = {each.arrivals.process for scenario in scenarios for each in scenario.classes}
    assert processes >= {"poisson", "gamma", "closed_loop"}
    nodes = [node for scenario in scenarios for route in scenario.routes for node in nodes_in(route)]
    assert {type(node) for node in nodes} == set(NODES.values())
    assert any(len(node.pools) > 1 for node in nodes if isinstance(node, Step))


def completed_by_tenths(settings: list[str]) -> list[float]:
    """The share of requests that were completed, by when they were sent, in tenths of the run."""
    scenario = load_scenario("shipped:retry-storm", ["run.replications=1", *settings])
    requests = simulate(scenario, rows=True).ledgers[0].requests
    tenth = requests["arrived_ns"] * 10 // scenario.run.horizon
    return [float((requests["outcome"][tenth == part] == Outcome.completed).mean()) for part in range(10)]


def test_a_storm_of_retries_outlasts_the_outage_and_a_budget_ends_it() -> None:
    assert simulate(load_scenario("shipped:retry-storm")).verdict == "metastable"
    storm, bounded = completed_by_tenths([]), completed_by_tenths(["clients.retry.budget=10 %"])
    assert min(storm[0], storm[1], bounded[0]) > 0.99
    assert max(storm[3:]) < 0.05
    assert min(bounded[6:]) > 0.99


def test_a_name_that_is_almost_shipped_is_found() -> None:
    with pytest.raises(InputError, match=r"did you mean .*resnet50.*, .*resnet50.* or \d+ more\?"):
        locate("shipped:resnet50", "profiles")
    with pytest.raises(InputError, match=r"a profile is named by a pool of a scenario; did you mean .*resnet50"):
        locate("shipped:resnet50", "scenarios")
    with pytest.raises(InputError, match=r"did you mean (gpu-nvidia-t4/bert-large[^ ]+, ){2}[^ ]+tensorrt\?$"):
        locate("shipped:T4 BERT large", "profiles")
    with pytest.raises(InputError, match=r"did you mean gpu-nvidia-t4/bert-large-384-fp16-tensorrt\?$"):
        locate("shipped:gpu-nvidia-t4/bert-large-384-fp16-tensort", "profiles")
    with pytest.raises(InputError, match=r"is not among the shipped profiles; capsim profile list shows all \d+$"):
        locate("shipped:zzzzzzzz", "profiles")
    with pytest.raises(InputError, match=r"no such file; shipped:re-ranking is shipped$"):
        locate("scenarios/re-ranking.yaml", "scenarios", Path("/nowhere"))
