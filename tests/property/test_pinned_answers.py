"""Law: whatever moves inside the engines, today's answers stay what they are, row by row and count by count."""

from __future__ import annotations

import pytest
from pinned import SCENARIOS, ledger_digest, pinned, tally_digest, tally_of
from random_scenarios import random_scenario

from capsim.engine import compiled, lower

SAMPLE, TOGETHER = 100, 250
PINNED = pinned()


def check(numbers: range, plain: bool) -> None:
    for number in numbers:
        pin = PINNED.get((number, plain))
        if pin is not None:
            blueprint = lower(random_scenario(number, plain))
            assert ledger_digest(compiled.run(blueprint)) == pin.ledger, f"random_scenario({number}, {plain})"
            assert tally_digest(tally_of(blueprint)) == pin.tally, f"tally of random_scenario({number}, {plain})"


@pytest.mark.parametrize("plain", [False, True])
def test_a_sample_of_answers_is_as_pinned(plain: bool) -> None:
    check(range(SAMPLE), plain)


@pytest.mark.slow
@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize("first", range(0, SCENARIOS, TOGETHER))
def test_every_answer_is_as_pinned(first: int, plain: bool) -> None:
    check(range(first, first + TOGETHER), plain)
