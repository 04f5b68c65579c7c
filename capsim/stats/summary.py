"""The numbers of a `Result` from the ledgers of a scenario."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from capsim.engine.blueprint import Blueprint, PoolPlan
from capsim.engine.ledger import Ledger, Outcome
from capsim.engine.tally import Tally
from capsim.errors import CodedWarning
from capsim.pricing import spend
from capsim.scenario import Scenario
from capsim.scenario.service import capacity_per_s, server_capacity_per_s
from capsim.stats.histogram import histogram
from capsim.stats.result import Interval, ObjectiveResult, PoolResult, Result
from capsim.stats.runs import LedgerRun, Run
from capsim.stats.sample import Sample
from capsim.stats.sections import (
    Estimate,
    Section,
    completed_of,
    cut_sections,
    estimate,
    forget,
    independent_requests,
    throughput_per_s,
    waiting_of,
    windows,
)
from capsim.stats.slices import TallyRun
from capsim.stats.verdict import LEVELS, drifts_upwards, met_and_probability, offered_latency
from capsim.stats.warmup import warmup_ns
from capsim.units import NS_PER_S
from capsim.workload import ClosedLoop, Trace
from capsim.workload.arrivals import offered_per_s

FEW_BEYOND = 10
FEW_INDEPENDENT_BEYOND = 5


def summarise(
    scenario: Scenario,
    blueprint: Blueprint,
    found: Sequence[Ledger | Tally],
    engine: str,
    warnings: Sequence[CodedWarning],
    provenance: Mapping[str, Any],
) -> Result:
    """The answer that the replications of a scenario give; `blueprint` is that of any of them."""
    try:
        return _summarise(scenario, blueprint, found, engine, warnings, provenance)
    finally:
        forget()


def _summarise(
    scenario: Scenario,
    blueprint: Blueprint,
    found: Sequence[Ledger | Tally],
    engine: str,
    warnings: Sequence[CodedWarning],
    provenance: Mapping[str, Any],
) -> Result:
    ledgers = [part for part in found if isinstance(part, Ledger)]
    runs: list[Run] = [
        LedgerRun(part, blueprint) if isinstance(part, Ledger) else TallyRun(part, blueprint) for part in found
    ]
    horizon_ns = scenario.run.horizon
    start_ns, settled = _start(scenario, runs)
    sections = cut_sections(runs, start_ns, horizon_ns)
    outcomes = np.sum([run.outcomes(start_ns) for run in runs], axis=0)
    counts = {outcome.name: int(outcomes[outcome]) for outcome in Outcome}
    throughput = estimate(sections, throughput_per_s)
    latency, waiting = _spread(sections, completed_of), _spread(sections, waiting_of)
    items = scenario.workload.items_per_request
    saturated = _overloaded(scenario) or drifts_upwards(runs, start_ns, horizon_ns)
    objective, offered = scenario.objective, offered_latency(sections)
    return Result(
        scenario=scenario.name,
        engine=engine,
        seed=scenario.run.seed,
        replications=len(runs),
        warmup_s=start_ns / NS_PER_S,
        horizon_s=horizon_ns / NS_PER_S,
        requests={"offered": sum(counts.values()), **counts},
        latency_s={name: _told(found) for name, found in latency.items()},
        waiting_s={name: _told(found) for name, found in waiting.items()},
        breakdown_s=_breakdown(blueprint, runs, start_ns),
        throughput_per_s=_told(throughput),
        throughput_items_per_s=_told(throughput, items),
        pools=[_pool(plan, runs, start_ns, blueprint, scenario) for plan in blueprint.pools],
        objective=None
        if objective is None
        else ObjectiveResult(
            *met_and_probability(objective, offered),
            {name: target / NS_PER_S for name, target in objective.targets_ns().items()},
        ),
        verdict="saturated" if saturated else "stable",
        warnings=[*warnings, *_doubts(counts, sections, settled, saturated=saturated)],
        cost=_cost(scenario, throughput.value),
        provenance=provenance,
        items_per_request=items,
        ledgers=ledgers,
        offered_latency_s=offered,
        latency_histogram=histogram(completed_of(sections)),
        section_values={
            **{f"latency_s.{name}": found.parts for name, found in latency.items()},
            "throughput_per_s": throughput.parts,
            **_utilisations(blueprint, runs, start_ns),
        },
    )


def _start(scenario: Scenario, runs: Sequence[Run]) -> tuple[int, bool]:
    """Where the window begins (ns), and whether the run had settled by then.

    Where the load itself varies over time there is no steady state to settle to, and nothing is left out.
    """
    arrivals = scenario.workload.arrivals
    if scenario.run.warmup != "auto":
        return runs[0].window(int(scenario.run.warmup)), True
    steady = isinstance(arrivals, ClosedLoop) or (not isinstance(arrivals, Trace) and isinstance(arrivals.rate, float))
    if not steady:
        return 0, True
    start_ns, settled = warmup_ns(runs, scenario.run.horizon)
    return runs[0].window(start_ns), settled


def _overloaded(scenario: Scenario) -> bool:
    offered = offered_per_s(scenario.workload.arrivals, scenario.run.horizon / NS_PER_S)
    return offered is not None and offered >= capacity_per_s(scenario)


def _told(found: Estimate, factor: float = 1.0) -> Interval:
    interval = found.interval()
    ci95 = None if interval is None else (interval[0] * factor, interval[1] * factor)
    return Interval(found.value * factor if math.isfinite(found.value) else None, ci95)


def _spread(sections: Sequence[Section], values: Callable[[Sequence[Section]], Sample]) -> dict[str, Estimate]:
    """The mean and the percentiles of a time."""
    found = {"mean": estimate(sections, lambda parts: values(parts).mean, logarithmic=True)}
    for name, p in LEVELS.items():
        at_level = partial(lambda level, parts: values(parts).quantile(level), p)
        found[name] = estimate(sections, at_level, logarithmic=True)
    return found


def _breakdown(blueprint: Blueprint, runs: Sequence[Run], start_ns: int) -> dict[str, float]:
    """Where the mean latency of completed requests goes (s)."""
    splits = [run.split(start_ns) for run in runs]
    count = sum(split.requests for split in splits)
    if not count:
        return {}
    sums = {
        "network": float(count * (blueprint.up_ns + blueprint.down_ns)),
        "front_end": 0.0,
        "waiting": sum(split.waiting_ns for split in splits),
        "service": sum(split.service_ns for split in splits),
    }
    sums["front_end"] = sum(split.latency_ns for split in splits) - sum(sums.values())
    return {name: value / count / NS_PER_S for name, value in sums.items()}


def _pool(plan: PoolPlan, runs: Sequence[Run], start_ns: int, blueprint: Blueprint, scenario: Scenario) -> PoolResult:
    visited = [run.visited(plan, start_ns) for run in runs]
    sizes = np.zeros(max(len(each.sizes) for each in visited), np.int64)
    for each in visited:
        sizes[: len(each.sizes)] += each.sizes
    busy = sum(run.utilisation(plan, start_ns, blueprint.horizon_ns) for run in runs)
    items, formed = blueprint.items_per_request, int(sizes.sum())
    visits = sum(each.visits for each in visited)
    borne = plan.servers * server_capacity_per_s(scenario.pool(plan.name), items)
    span_s = len(runs) * (blueprint.horizon_ns - start_ns) / NS_PER_S
    served, waited_ns = sum(each.served for each in visited), sum(each.waited_ns for each in visited)
    return PoolResult(
        name=plan.name,
        servers=plan.servers,
        utilisation=busy / len(runs),
        load_over_capacity=visits / span_s / borne,
        mean_batch_size=float(sizes @ np.arange(len(sizes))) * items / formed if formed else None,
        batch_size_counts={n * items: int(count) for n, count in enumerate(sizes) if count},
        visits=visits,
        mean_waiting_s=waited_ns / served / NS_PER_S if served else None,
    )


def _utilisations(blueprint: Blueprint, runs: Sequence[Run], start_ns: int) -> dict[str, tuple[float, ...]]:
    spans = windows(runs, start_ns, blueprint.horizon_ns)
    return {
        f"utilisation.{plan.name}": tuple(run.utilisation(plan, low, high) for run, low, high in spans)
        for plan in blueprint.pools
    }


def _cost(scenario: Scenario, throughput: float) -> Any:
    priced = [pool for pool in scenario.pools if pool.price is not None]
    if not priced:
        return None
    return spend(sum(pool.servers * pool.price.usd_per_hour for pool in priced if pool.price), throughput)


def _doubts(
    counts: Mapping[str, int], sections: Sequence[Section], settled: bool, *, saturated: bool
) -> list[CodedWarning]:
    """What is doubtful about the answer itself."""
    found = []
    if saturated:
        found.append(CodedWarning("saturated", "the system does not bear this load; values grow with the horizon"))
    elif not settled:
        found.append(CodedWarning("unsettled", "the warm-up had no clear end; simulate a longer horizon"))
    fewest = min(len(section.completed_s) for section in sections)
    if fewest * (1 - LEVELS["p99"]) < FEW_BEYOND:
        found.append(
            CodedWarning("few_requests", f"p99 rests on sections of {fewest} requests; simulate a longer horizon")
        )
    elif independent_requests(sections) * (1 - LEVELS["p99"]) < FEW_INDEPENDENT_BEYOND:
        said = f"p99 rests on as much as {independent_requests(sections):.0f} independent requests would tell"
        found.append(CodedWarning("few_requests", f"{said}, its interval may be too narrow; simulate a longer horizon"))
    if counts["in_flight"]:
        found.append(CodedWarning("in_flight", f"{counts['in_flight']} requests had not ended when the run stopped"))
    return found
