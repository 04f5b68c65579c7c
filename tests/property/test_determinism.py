"""The same seed gives the same ledger, and what is added elsewhere shifts nobody's numbers."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
from hypothesis import assume, given
from runs import run
from strategies import documents
from systems import Engine, pool

from capsim.engine import Ledger, lower
from capsim.scenario import scenario_from

OPEN = ("trace", "deterministic", "poisson")


@given(documents())
def test_the_same_scenario_has_the_same_ledger(engine: Engine, document: dict[str, Any]) -> None:
    assert run(engine, document).ledger == run(engine, copy.deepcopy(document)).ledger


@given(documents())
def test_the_name_of_a_scenario_and_its_objective_and_prices_change_nothing(
    engine: Engine, document: dict[str, Any]
) -> None:
    changed = copy.deepcopy(document) | {"name": "another", "objective": {"p99": "1 ms"}}
    changed["pools"][0]["price"] = {"usd_per_hour": 3}
    assert run(engine, document).ledger == run(engine, changed).ledger


@given(documents())
def test_a_pool_that_nobody_visits_changes_nothing(engine: Engine, document: dict[str, Any]) -> None:
    """Servers count through all pools, so that those behind it have higher numbers."""
    changed = copy.deepcopy(document)
    changed["pools"].insert(0, pool("unused", servers=3))
    before, after = run(engine, document).ledger, run(engine, changed).ledger
    for table in (after.visits, after.batches):
        table["server"] = table["server"] - 3
    assert before == after


@given(documents(loads=OPEN))
def test_a_step_more_changes_nothing_before_it(engine: Engine, document: dict[str, Any]) -> None:
    changed = copy.deepcopy(document)
    changed["pools"].append(pool("further"))
    changed["route"].append({"pools": ["further"]})
    before, after = run(engine, document).ledger, run(engine, changed).ledger
    assert np.array_equal(before.requests["arrived_ns"], after.requests["arrived_ns"])
    kept = after.visits["step"] < len(document["route"])
    for name, column in before.visits.items():
        assert np.array_equal(column, after.visits[name][kept])


@given(documents(loads=["poisson"]))
def test_arrivals_do_not_depend_on_what_serves_them(engine: Engine, document: dict[str, Any]) -> None:
    changed = copy.deepcopy(document)
    changed["pools"], changed["route"] = [pool("other", servers=2)], [{"pools": ["other"], "balancer": "random"}]
    before, after = run(engine, document).ledger, run(engine, changed).ledger
    assert np.array_equal(before.requests["arrived_ns"], after.requests["arrived_ns"])


@given(documents(loads=["poisson"]))
def test_another_seed_and_another_replication_have_other_arrivals(engine: Engine, document: dict[str, Any]) -> None:
    def arrived(ledger: Ledger) -> list[int]:
        found: list[int] = ledger.requests["arrived_ns"].tolist()
        return found

    scenario = scenario_from(document)
    other_seed = scenario_from(copy.deepcopy(document) | {"run": document["run"] | {"seed": 99}})
    first = arrived(engine(lower(scenario)))
    assume(first)
    assert first != arrived(engine(lower(scenario, 1)))
    assert first != arrived(engine(lower(other_seed)))
