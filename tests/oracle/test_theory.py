"""Theory inside the simulation's own 99.9 % interval, which a small fault would leave."""

from __future__ import annotations

import pytest
from oracle_cases import ALONE_S, all_cases
from oracle_measures import measure
from oracle_systems import Case

CASES = all_cases()
SLOWER = all_cases(1.03 * ALONE_S)
SEED = 1


def named(case: Case) -> str:
    return case.name


PAIRS = list(zip(CASES, SLOWER, strict=True))


@pytest.mark.parametrize(("case", "slower"), PAIRS, ids=[case.name for case in CASES])
def test_simulation_agrees_with_theory_and_not_with_service_3_percent_slower(case: Case, slower: Case) -> None:
    result = case.simulated(SEED)
    found = {quantity: measure(result, quantity) for quantity in case.theory}
    for quantity, exact in case.theory.items():
        assert found[quantity].holds(exact), (quantity, exact, found[quantity])
        assert found[quantity].half <= case.within, (quantity, found[quantity].half)
    assert not all(found[quantity].holds(wrong) for quantity, wrong in slower.theory.items())


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.name in {"M/M/1 at 30%", "M/M/2/5 at 1.6 erlang"}], ids=named
)
def test_so_does_the_simpy_engine(case: Case) -> None:
    shorter = case.longer(0.1)
    result = shorter.simulated(SEED, "simpy")
    for quantity, exact in shorter.theory.items():
        found = measure(result, quantity)
        assert found.holds(exact), (quantity, exact, found)
        assert found.half <= shorter.within, (quantity, found.half)


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=named)
def test_simulation_agrees_with_theory_more_exactly(case: Case) -> None:
    longer = case.longer(5)
    result = longer.simulated(SEED + 1)
    for quantity, exact in longer.theory.items():
        found = measure(result, quantity)
        assert found.holds(exact), (quantity, exact, found)
        assert found.half <= longer.within * 1.2, (quantity, found.half)
