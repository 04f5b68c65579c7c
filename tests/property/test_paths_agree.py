"""Law: what processes make of a serving path, SimPy and machine code give too, row by row."""

from __future__ import annotations

import pytest
from random_paths import random_path
from textbook.path import first_difference

from capsim.engine import compiled, simpy

SAMPLE, ALL = 120, 2500
KNOWN: dict[str, frozenset[str]] = {"plain": frozenset()}
"""What engines know, by what it is called."""


def agree(number: int, features: frozenset[str]) -> None:
    blueprint, told = random_path(number, features), f"random_path({number}, {set(features)})"
    ledger = simpy.run(blueprint)
    difference = first_difference(blueprint, ledger)
    assert difference is None, f"{told}: {difference}"
    assert compiled.run(blueprint) == ledger, f"machine code, {told}"


@pytest.mark.parametrize("features", KNOWN)
def test_a_sample_of_paths_gives_equal_rows(features: str) -> None:
    for number in range(SAMPLE):
        agree(number, KNOWN[features])


@pytest.mark.slow
@pytest.mark.parametrize("features", KNOWN)
@pytest.mark.parametrize("first", range(SAMPLE, ALL, 140))
def test_every_path_gives_equal_rows(first: int, features: str) -> None:
    for number in range(first, min(first + 140, ALL)):
        agree(number, KNOWN[features])
