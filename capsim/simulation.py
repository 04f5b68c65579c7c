"""The line from a scenario to its answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from capsim.certainty import model_errors
from capsim.engine import Ledger, lower
from capsim.engine.choice import can_tally, choose_engine, most_at_once
from capsim.engine.memory import PER_VISIT, PER_VISIT_IN_A_FILE, TooManyRowsError, check_memory
from capsim.engine.tally import Tally
from capsim.errors import CodedWarning, Fault, InputError
from capsim.scenario import Scenario
from capsim.scenario.checks import check
from capsim.scenario.demand import expected_visits
from capsim.stats import Result, summarise
from capsim.stats.evidence import provenance
from capsim.stats.model_error import ModelError
from capsim.stats.precision import not_reached, still_wanted

Progress = Callable[[int, int, float], None]
"""Told the replication, how many there are as far as known, and the share of it that is done."""

MOST_ROWS = 10_000_000
"""Rows of visits, which take about 150 bytes each with what statistics make of them."""
MOST_VISITS_IN_A_FILE = 1 << 40
"""As many as memory holds."""
QUICKER_COUNTED = 80_000
"""Visits of a replication from which on histograms are quicker than rows."""
SLACK = 2
"""More may come than was expected, by chance."""


def simulate(
    scenario: Scenario,
    engine: str = "auto",
    progress: Progress | None = None,
    *,
    rows: bool = False,
    counted: bool = False,
    at_once: bool = True,
    beyond_chance: bool = True,
) -> Result:
    """The answer to a scenario: its replications simulated and summarised.

    Args:
        scenario: what to simulate.
        engine: `simpy`, `compiled`, or `auto` for the fastest engine that covers the scenario.
        progress: called from time to time.
        rows: keep a row per request however many there are; otherwise only where they fit.
        counted: count requests in histograms where that is quicker, in runs of many; percentiles are then at most 0.4 %
            off, and the answer says so.
        at_once: run replications in threads; for short ones that costs more than it saves.
        beyond_chance: take in what samples of profiles, fitted settings and earlier comparisons leave unknown, which
            takes some short simulations more.

    Raises:
        ValueError: no such engine.
        InputError: the named engine does not cover the scenario, or it takes more memory than there is.
    """
    visits = expected_visits(scenario)
    many = visits >= QUICKER_COUNTED * scenario.run.least_replications

    def countable() -> bool:
        return can_tally(engine, lower(scenario))

    better_counted = visits > MOST_ROWS or (counted and many)
    kept = rows or not (better_counted and countable())
    # Where rows are kept though there are many, there is no other way.
    most_visits = MOST_VISITS_IN_A_FILE if rows or visits > MOST_ROWS else MOST_ROWS
    bytes_of_rows = visits * (PER_VISIT_IN_A_FILE if rows else PER_VISIT) if kept else 0.0
    check_memory(scenario, bytes_of_rows, most_at_once(scenario.run.least_replications) if at_once else 1)
    errors = model_errors(scenario) if beyond_chance else {}
    answer = partial(_simulated, scenario, engine, progress, at_once=at_once, errors=errors)
    try:
        if kept:
            try:
                return answer(most_visits)
            except TooManyRowsError:
                if rows or not countable():
                    raise
        return answer(None)
    except (TooManyRowsError, MemoryError):
        said = "makes more requests than memory holds rows of; shorten it"
        raise InputError(scenario.name, [Fault("run.horizon", said)]) from None


def _simulated(
    scenario: Scenario,
    engine: str,
    progress: Progress | None,
    most_visits: int | None,
    *,
    at_once: bool,
    errors: Mapping[str, ModelError],
) -> Result:
    """The answer, from rows of at most about so many visits, or from a tally."""
    started, run = time.perf_counter(), scenario.run
    wanted, blueprint = run.least_replications, lower(scenario)
    if most_visits is not None:
        blueprint = replace(blueprint, most_visits=SLACK * most_visits // wanted)
    tally_from_ns = 0 if run.warmup == "auto" else int(run.warmup)
    chosen = choose_engine(engine, blueprint, None if most_visits is not None else tally_from_ns)
    warnings = [*check(scenario), *chosen.warnings]
    ledgers: list[Ledger | Tally] = []
    engine_s = 0.0

    def summary(*more: CodedWarning) -> Result:
        rests_on = provenance(scenario, ledgers, errors, engine_s, time.perf_counter() - started)
        return summarise(scenario, blueprint, ledgers, chosen.name, [*warnings, *more], rests_on, errors)

    while True:
        begun = len(ledgers)
        blueprints = [blueprint.replicated(number) for number in range(begun, wanted)]
        for ledger, spent_s in chosen.replicate(blueprints, _from(progress, begun, wanted), at_once=at_once):
            ledgers.append(ledger)
            engine_s += spent_s
        result = summary()
        more = still_wanted(run, result)
        if more == 0:
            return result
        if wanted >= run.max_replications:
            return summary(not_reached(wanted))
        wanted = min(wanted + more, run.max_replications)
        visits = sum(len(ledger) for ledger in ledgers) * len(scenario.steps) * wanted / len(ledgers)
        if most_visits is not None and visits > SLACK * most_visits:
            raise TooManyRowsError


def _from(progress: Progress | None, begun: int, wanted: int) -> Callable[[int, float], None] | None:
    """What tells the progress of replications that are numbered from `begun` on."""
    return None if progress is None else lambda number, share: progress(begun + number, wanted, share)
