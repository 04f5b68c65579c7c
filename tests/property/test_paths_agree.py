"""Law: what processes make of a serving path, SimPy and machine code give too, row by row."""

from __future__ import annotations

import pytest
from random_paths import CACHES, CLASSES, EVERYTHING, GRAPHS, random_path
from textbook.path import first_difference

from capsim.engine import compiled, simpy

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
