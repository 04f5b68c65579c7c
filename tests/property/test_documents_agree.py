"""Scenarios over the whole grammar: engines agree row by row, and what is read can be written and read again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from random_documents import random_document
from systems import ENGINES, constant, document, pool

from capsim.engine import lower
from capsim.scenario import scenario_from
from capsim.scenario.checks import check
from capsim.scenario.demand import expected_visits

needs_both = pytest.mark.skipif(len(ENGINES) < 2, reason="needs the compiled engine")


@needs_both
@pytest.mark.parametrize("number", range(25))
def test_random_documents_are_simulated_alike(number: int) -> None:
    scenario = scenario_from(random_document(number), Path())
    assert scenario_from(scenario.to_document(), Path()) == scenario
    check(scenario)
    ledgers = [run(lower(scenario)) for run in ENGINES.values()]
    assert ledgers[0] == ledgers[1]
    assert len(ledgers[0].visits["request"]) <= 1.5 * expected_visits(scenario) + 100


@needs_both
def test_forks_within_forks_find_room_however_many_wait() -> None:
    inner: list[Any] = [{"pools": ["gpu"]}]
    for _ in range(3):
        inner = [{"parallel": [inner]}]
    slow = pool(service=constant("100 ms"))
    arrivals = {"process": "deterministic", "rate": "3000 /s"}
    scenario = scenario_from(document(slow, route=inner, arrivals=arrivals, run={"drain": "0 s"}), Path())
    ledgers = [run(lower(scenario)) for run in ENGINES.values()]
    assert ledgers[0] == ledgers[1]
