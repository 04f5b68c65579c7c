"""Law: textbook, SimPy, machine code and lane give the same ledgers, row by row."""

from __future__ import annotations

import pytest
import textbook
from random_scenarios import random_scenario

from capsim import simulate
from capsim.engine import Blueprint, Ledger, choice, coming, compiled, lower, simpy
from capsim.engine.compiled import build, replication, supply
from capsim.engine.compiled.lane import build as lane_build
from capsim.engine.compiled.lane.records import fits
from capsim.engine.kernel.build import nodes as kernel_build

SAMPLE, ALL = 200, 2500


def in_general(blueprint: Blueprint, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    """What the general form gives, where the lane would have run too."""
    with monkeypatch.context() as patch:
        patch.setattr(replication, "fits", lambda _: False)
        return compiled.run(blueprint)


def agree(number: int, plain: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    blueprint, told = lower(random_scenario(number, plain)), f"random_scenario({number}, {plain})"
    by_textbook = textbook.run(blueprint)
    assert simpy.run(blueprint) == by_textbook, f"SimPy, {told}"
    assert compiled.run(blueprint) == by_textbook, f"machine code, {told}"
    if fits(blueprint):
        assert in_general(blueprint, monkeypatch) == by_textbook, f"the general form, {told}"


@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize("first", range(0, SAMPLE, 40))
def test_a_sample_of_scenarios_gives_equal_ledgers(first: int, plain: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(first, first + 40):
        agree(number, plain, monkeypatch)


@pytest.mark.slow
@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize("first", range(SAMPLE, ALL, 100))
def test_every_scenario_gives_equal_ledgers(first: int, plain: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(first, min(first + 100, ALL)):
        agree(number, plain, monkeypatch)


def test_plain_scenarios_run_in_the_lane_and_others_do_not() -> None:
    plain = [fits(lower(random_scenario(number, plain=True))) for number in range(100)]
    others = [fits(lower(random_scenario(number))) for number in range(100)]
    assert all(plain)
    assert 0 < sum(others) < 20


@pytest.mark.parametrize("plain", [False, True])
def test_pausing_as_often_as_can_be_changes_nothing(plain: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    blueprints = [lower(random_scenario(number, plain)) for number in range(40)]
    before = [compiled.run(blueprint) for blueprint in blueprints]
    for name in ("FIRST_TOKENS", "FIRST_ROWS", "FIRST_BATCHES"):
        monkeypatch.setattr(build, name, 1)
    monkeypatch.setattr(lane_build, "FIRST_RING", 1)
    for name in ("MOST_DRAWS", "MOST_THINK"):
        monkeypatch.setattr(supply, name, 4)
    for name in ("TOGETHER", "TRACE_ROWS"):
        monkeypatch.setattr(coming, name, 1)
    for number, (blueprint, ledger) in enumerate(zip(blueprints, before, strict=True)):
        assert compiled.run(blueprint) == ledger, f"random_scenario({number}, {plain})"
        assert in_general(blueprint, monkeypatch) == ledger, f"the general form, random_scenario({number}, {plain})"


def test_a_tree_finds_the_same_least_loaded_queue_as_looking_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel_build, "FROM_A_TREE", 2)
    for number in range(100):
        agree(number, number % 2 == 0, monkeypatch)


@pytest.mark.parametrize("cores", [1, 2, 5])
def test_the_number_of_threads_changes_nothing(cores: int, monkeypatch: pytest.MonkeyPatch) -> None:
    changed = {"replications": 6}
    scenario = random_scenario(7)
    scenario = scenario.model_copy(update={"run": scenario.run.model_copy(update=changed)})
    alone = [compiled.run(lower(scenario, number)) for number in range(6)]
    monkeypatch.setattr(choice, "_cores", lambda: cores)
    result = simulate(scenario)
    assert result.engine == "compiled"
    assert list(result.ledgers) == alone
