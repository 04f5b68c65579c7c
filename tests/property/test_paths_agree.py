"""Law: what processes make of a serving path, SimPy and machine code give too, row by row."""

from __future__ import annotations

from pathlib import Path

import pytest
from random_documents import random_document
from random_paths import CACHES, CLASSES, EVERYTHING, GRAPHS, random_path
from test_devices_agree import spread
from textbook.path import first_difference

from capsim.engine import Blueprint, coming, compiled, lower, simpy
from capsim.engine.compiled import build, supply
from capsim.scenario import scenario_from

ALL = 2500
KNOWN = {
    "plain": frozenset[str](),
    "classes": frozenset({CLASSES}),
    "nodes": frozenset({CLASSES, GRAPHS, CACHES}),
    "everything": EVERYTHING,
}
"""What engines know, by what it is called."""
SAMPLES = {"plain": 20, "classes": 40, "nodes": 50, "everything": 80}


def agree(number: int, features: frozenset[str]) -> None:
    blueprint, told = random_path(number, features), f"random_path({number}, {set(features)})"
    ledger = simpy.run(blueprint)
    difference = first_difference(blueprint, ledger)
    assert difference is None, f"{told}: {difference}"
    assert compiled.run(blueprint) == ledger, f"machine code, {told}"


@pytest.mark.parametrize("features", KNOWN)
def test_a_sample_of_paths_gives_equal_rows(features: str) -> None:
    for number in range(SAMPLES[features]):
        agree(number, KNOWN[features])


@pytest.mark.slow
@pytest.mark.parametrize("features", KNOWN)
@pytest.mark.parametrize("first", range(0, ALL, 125))
def test_every_path_gives_equal_rows(first: int, features: str) -> None:
    for number in range(max(first, SAMPLES[features]), first + 125):
        agree(number, KNOWN[features])


def known_to_processes(blueprint: Blueprint) -> bool:
    """Whether the text book has what a blueprint needs: no real server's rules, profiles, faults, late copies."""
    textbook_rules = all(
        pool.batching in {"none", "dynamic"}
        and not pool.faults
        and not pool.takes_turns
        and pool.service.curves_ns is None
        for pool in blueprint.pools
    )
    return textbook_rules and not any(plan.senders and plan.senders.hedge_share for plan in blueprint.classes)


def written(numbers: range) -> None:
    compared = 0
    for number in numbers:
        blueprint = lower(scenario_from(random_document(number), Path()))
        if known_to_processes(blueprint):
            difference = first_difference(blueprint, compiled.run(blueprint))
            assert difference is None, f"random_document({number}): {difference}"
            compared += 1
    assert compared > len(numbers) / 5


def test_what_users_write_is_lowered_to_what_it_says() -> None:
    written(range(10))


def test_devices_and_pipelines_are_what_processes_make_of_them() -> None:
    compared = 0
    for number in range(200):
        blueprint = spread(number, plain=True)
        if known_to_processes(blueprint):
            difference = first_difference(blueprint, compiled.run(blueprint))
            assert difference is None, f"spread({number}, plain=True): {difference}"
            compared += 1
    assert compared > 5


@pytest.mark.slow
@pytest.mark.parametrize("first", range(10, 400, 30))
def test_more_of_what_users_write_is_lowered_to_what_it_says(first: int) -> None:
    written(range(first, first + 30))


def test_pausing_as_often_as_can_be_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    blueprints = [random_path(number) for number in range(30)]
    before = [compiled.run(blueprint) for blueprint in blueprints]
    for name in ("FIRST_TOKENS", "FIRST_ROWS", "FIRST_BATCHES"):
        monkeypatch.setattr(build, name, 1)
    for name in ("MOST_DRAWS", "MOST_THINK"):
        monkeypatch.setattr(supply, name, 4)
    for name in ("TOGETHER", "TRACE_ROWS"):
        monkeypatch.setattr(coming, name, 1)
    for number, (blueprint, ledger) in enumerate(zip(blueprints, before, strict=True)):
        assert compiled.run(blueprint) == ledger, f"random_path({number})"
