"""The line from a scenario to its answer."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from typing import Any

from capsim._version import VERSION
from capsim.certainty import model_errors
from capsim.engine import Blueprint, Ledger, lower
from capsim.engine.choice import choose_engine, most_at_once
from capsim.engine.memory import PER_VISIT, PER_VISIT_IN_A_FILE, TooManyRowsError, check_memory
from capsim.engine.tally import LARGEST_ERROR, Tally
from capsim.errors import CodedWarning, Fault, InputError
from capsim.scenario import Pool, Scenario
from capsim.scenario.checks import check
from capsim.scenario.service import sent_per_s
from capsim.stats import Result, summarise
from capsim.stats.model_error import ModelError
from capsim.units import NS_PER_S, SHARE

Progress = Callable[[int, int, float], None]
"""Told the replication, how many there are as far as known, and the share of it that is done."""

MOST_ROWS = 10_000_000
"""Rows of visits, which take about 150 bytes each with what statistics make of them."""
MOST_VISITS_IN_A_FILE = 1 << 40
"""As many as memory holds."""
SLACK = 2
"""More may come than was expected, by chance."""

GROWTH = 2**0.5
"""Times as many replications, until the wanted precision is reached."""


def simulate(
    scenario: Scenario,
    engine: str = "auto",
    progress: Progress | None = None,
    *,
    rows: bool = False,
    at_once: bool = True,
    beyond_chance: bool = True,
) -> Result:
    """The answer to a scenario: its replications simulated and summarised.

    Args:
        scenario: what to simulate.
        engine: `simpy`, `compiled`, or `auto` for the fastest engine that covers the scenario.
        progress: called from time to time.
        rows: keep a row per request however many there are; otherwise only where they fit.
        at_once: run replications in threads; for short ones that costs more than it saves.
        beyond_chance: take in what samples of profiles, fitted settings and earlier comparisons leave unknown, which
            takes some short simulations more.

    Raises:
        ValueError: no such engine.
        InputError: the named engine does not cover the scenario, or it takes more memory than there is.
    """
    kept = rows or _rows_fit(scenario)
    visits = _visits(scenario) * (PER_VISIT_IN_A_FILE if rows else PER_VISIT)
    check_memory(scenario, visits if kept else 0.0, most_at_once(scenario.run.least_replications) if at_once else 1)
    errors = model_errors(scenario) if beyond_chance else {}
    answer = partial(_simulated, scenario, engine, progress, at_once=at_once, errors=errors)
    try:
        if kept:
            try:
                return answer(MOST_VISITS_IN_A_FILE if rows else MOST_ROWS)
            except TooManyRowsError:
                if rows or engine == "simpy":
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
    started = time.perf_counter()
    wanted = scenario.run.least_replications
    blueprint, engine_s = lower(scenario), 0.0
    if most_visits is not None:
        blueprint = replace(blueprint, most_visits=SLACK * most_visits // wanted)
    chosen = choose_engine(engine, blueprint, None if most_visits is not None else _tally_from_ns(scenario))
    warnings = [*check(scenario), *chosen.warnings]
    ledgers: list[Ledger | Tally] = []
    while True:
        begun = len(ledgers)
        blueprints = [blueprint.replicated(number) for number in range(begun, wanted)]
        for ledger, spent_s in chosen.replicate(blueprints, _from(progress, begun, wanted), at_once=at_once):
            ledgers.append(ledger)
            engine_s += spent_s
        provenance = {
            "version": VERSION,
            "profiles": [_profile(pool) for pool in scenario.pools if pool.profile is not None],
            "evidence": [_evidence(pool, scenario) for pool in scenario.pools],
            "trace": _trace(scenario),
            "engine_s": engine_s,
            "largest_quantile_error": max((LARGEST_ERROR for part in ledgers if isinstance(part, Tally)), default=0.0),
            "requests_simulated": sum(len(ledger) for ledger in ledgers),
            "model_error": {name: asdict(error) for name, error in errors.items()},
            "wall_s": time.perf_counter() - started,
        }
        result = summarise(scenario, blueprint, ledgers, chosen.name, warnings, provenance, errors)
        more = _still_wanted(scenario, result)
        if more == 0:
            return result
        if wanted >= scenario.run.max_replications:
            return _unreached(scenario, blueprint, ledgers, chosen.name, [*warnings], provenance, errors)
        wanted = min(wanted + more, scenario.run.max_replications)
        visits = sum(len(ledger) for ledger in ledgers) * len(scenario.steps) * wanted / len(ledgers)
        if most_visits is not None and visits > SLACK * most_visits:
            raise TooManyRowsError


def _rows_fit(scenario: Scenario) -> bool:
    """Whether a row for each visit of all replications is expected to fit into memory."""
    return _visits(scenario) <= MOST_ROWS


def _visits(scenario: Scenario) -> float:
    """About how many visits all replications make together."""
    horizon_s = scenario.run.horizon / NS_PER_S
    return sent_per_s(scenario) * horizon_s * len(scenario.steps) * scenario.run.least_replications


def _tally_from_ns(scenario: Scenario) -> int:
    return 0 if scenario.run.warmup == "auto" else int(scenario.run.warmup)


def _from(progress: Progress | None, begun: int, wanted: int) -> Callable[[int, float], None] | None:
    """What tells the progress of replications that are numbered from `begun` on."""
    return None if progress is None else lambda number, share: progress(begun + number, wanted, share)


def _relative_half_width(result: Result) -> float:
    p99 = result.latency_s["p99"]
    if p99.value is None or p99.ci95 is None:
        return math.inf
    return (p99.ci95[1] - p99.ci95[0]) / 2 / p99.value


def _still_wanted(scenario: Scenario, result: Result) -> int:
    """How many replications more the wanted precision may take.

    It is looked at after 5, 8, 12, 17 … replications, whatever the answers say: an interval that is looked at after
    each one is soon narrow by chance. One without requests needn't be looked at again.
    """
    precision = scenario.run.precision
    if precision is None or _relative_half_width(result) <= precision:
        return 0
    if result.latency_s["p99"].value is None:
        return scenario.run.max_replications
    return math.ceil(result.replications * GROWTH) - result.replications


def _unreached(
    scenario: Scenario,
    blueprint: Blueprint,
    ledgers: Sequence[Ledger | Tally],
    engine: str,
    warnings: list[CodedWarning],
    provenance: dict[str, Any],
    errors: Mapping[str, ModelError],
) -> Result:
    said = f"the interval of p99 is wider than the wanted precision after {len(ledgers)} replications"
    warnings.append(CodedWarning("precision_not_reached", said))
    return summarise(scenario, blueprint, ledgers, engine, warnings, provenance, errors)


def _profile(pool: Pool) -> dict[str, Any]:
    profile = pool.profile
    assert profile is not None, "called for pools with a profile"  # noqa: S101 - the caller has looked
    return {
        "pool": pool.name,
        "file": profile.file,
        "model": profile.model,
        "hardware": profile.hardware.name if profile.hardware else None,
        "runtime": profile.runtime,
        "precision": profile.precision,
        "batch_sizes": profile.batch_sizes,
        "samples_per_batch_size": profile.samples or None,
        "measured": dict(profile.measured),
    }


def _trace(scenario: Scenario) -> str | None:
    """What the times of a replayed file were taken for, where they are not plain seconds."""
    arrivals = scenario.workload.arrivals
    return arrivals.file.read_as or None if arrivals.file else None


def _evidence(pool: Pool, scenario: Scenario) -> dict[str, Any]:
    """What the answer for a pool rests on: the least of it, then what measurements have added."""
    found: dict[str, Any] = {
        "pool": pool.name,
        "level": "assumed distribution" if pool.profile is None else "profile only",
    }
    fitted, compared = scenario.calibration, scenario.validation
    if fitted is not None:
        found |= {"level": fitted.level, "calibrated_loads": list(fitted.loads)}
    if compared is not None:
        found["level"] += (
            f", validated on {compared.unseen} more" if fitted else f", validated on {compared.points} points"
        )
        found |= {"validated_loads": list(compared.loads), "error": dict(compared.error)}
    if pool.jitter is not None:
        found["level"] += f", jitter of {SHARE.format(pool.jitter.cv)} assumed"
        found["jitter_cv"] = pool.jitter.cv
    return found
