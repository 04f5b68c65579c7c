"""The numbers of a `Result` from the ledgers of a scenario."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from capsim.engine.blueprint import Blueprint, PoolPlan
from capsim.engine.ledger import Ledger, Outcome
from capsim.errors import CodedWarning
from capsim.pricing import spend
from capsim.scenario import Scenario
from capsim.scenario.service import capacity_per_s
from capsim.stats.result import Interval, ObjectiveResult, PoolResult, Result
from capsim.stats.sections import (
    Estimate,
    Section,
    cut_sections,
    estimate,
    independent_requests,
    mean,
    quantile,
    throughput_per_s,
    waiting_times_ns,
    windows,
)
from capsim.stats.verdict import LEVELS, drifts_upwards, met_and_probability
from capsim.stats.warmup import warmup_ns
from capsim.units import NS_PER_S
from capsim.workload import ClosedLoop, Trace
from capsim.workload.arrivals import offered_per_s

FEW_BEYOND = 10
FEW_INDEPENDENT_BEYOND = 5


def summarise(
    scenario: Scenario,
    blueprint: Blueprint,
    ledgers: Sequence[Ledger],
    engine: str,
    warnings: Sequence[CodedWarning],
    provenance: Mapping[str, Any],
) -> Result:
    """The answer that the replications of a scenario give; `blueprint` is that of any of them."""
    horizon_ns = scenario.run.horizon
    start_ns, settled = _start(scenario, ledgers)
    kept = [_window(ledger, start_ns) for ledger in ledgers]
    sections = cut_sections(ledgers, start_ns, horizon_ns)
    outcomes = sum(
        np.bincount(ledger.requests["outcome"][inside], minlength=len(Outcome))
        for ledger, inside in zip(ledgers, kept, strict=True)
    )
    counts = {outcome.name: int(np.asarray(outcomes)[outcome]) for outcome in Outcome}
    throughput = estimate(sections, throughput_per_s)
    latency, waiting = _spread(sections, _latencies), _spread(sections, _waits)
    items = scenario.workload.items_per_request
    saturated = _overloaded(scenario) or drifts_upwards(ledgers, start_ns, horizon_ns)
    objective = scenario.objective
    return Result(
        scenario=scenario.name,
        engine=engine,
        seed=scenario.run.seed,
        replications=len(ledgers),
        warmup_s=start_ns / NS_PER_S,
        horizon_s=horizon_ns / NS_PER_S,
        requests={"offered": sum(counts.values()), **counts},
        latency_s={name: _told(found) for name, found in latency.items()},
        waiting_s={name: _told(found) for name, found in waiting.items()},
        breakdown_s=_breakdown(blueprint, ledgers, kept),
        throughput_per_s=_told(throughput),
        throughput_items_per_s=_told(throughput, items),
        pools=[_pool(plan, ledgers, start_ns, blueprint) for plan in blueprint.pools],
        objective=None
        if objective is None
        else ObjectiveResult(
            *met_and_probability(objective, sections),
            {name: target / NS_PER_S for name, target in objective.targets_ns().items()},
        ),
        verdict="saturated" if saturated else "stable",
        warnings=[*warnings, *_doubts(counts, sections, settled, saturated=saturated)],
        cost=_cost(scenario, throughput.value),
        provenance=provenance,
        items_per_request=items,
        ledgers=ledgers,
        section_values={
            **{f"latency_s.{name}": found.parts for name, found in latency.items()},
            "throughput_per_s": throughput.parts,
            **_utilisations(blueprint, ledgers, start_ns),
        },
    )


def _start(scenario: Scenario, ledgers: Sequence[Ledger]) -> tuple[int, bool]:
    """Where the window begins (ns), and whether the run had settled by then.

    Where the load itself varies over time there is no steady state to settle to, and nothing is left out.
    """
    arrivals = scenario.workload.arrivals
    if scenario.run.warmup != "auto":
        return int(scenario.run.warmup), True
    steady = isinstance(arrivals, ClosedLoop) or (not isinstance(arrivals, Trace) and isinstance(arrivals.rate, float))
    return warmup_ns(ledgers, scenario.run.horizon) if steady else (0, True)


def _window(ledger: Ledger, start_ns: int) -> NDArray[np.bool_]:
    return np.asarray(ledger.requests["arrived_ns"] >= start_ns)


def _overloaded(scenario: Scenario) -> bool:
    offered = offered_per_s(scenario.workload.arrivals, scenario.run.horizon / NS_PER_S)
    return offered is not None and offered >= capacity_per_s(scenario)


def _told(found: Estimate, factor: float = 1.0) -> Interval:
    interval = found.interval()
    ci95 = None if interval is None else (interval[0] * factor, interval[1] * factor)
    return Interval(found.value * factor if math.isfinite(found.value) else None, ci95)


def _latencies(sections: Sequence[Section]) -> NDArray[np.float64]:
    return np.concatenate([section.completed_s for section in sections])


def _waits(sections: Sequence[Section]) -> NDArray[np.float64]:
    return np.concatenate([section.waiting_s for section in sections])


def _spread(
    sections: Sequence[Section], values: Callable[[Sequence[Section]], NDArray[np.float64]]
) -> dict[str, Estimate]:
    """The mean and the percentiles of a time."""
    found = {"mean": estimate(sections, lambda parts: mean(values(parts)), logarithmic=True)}
    for name, p in LEVELS.items():
        at_level = partial(lambda level, parts: quantile(values(parts), level), p)
        found[name] = estimate(sections, at_level, logarithmic=True)
    return found


def _breakdown(
    blueprint: Blueprint, ledgers: Sequence[Ledger], windows: Sequence[NDArray[np.bool_]]
) -> dict[str, float]:
    """Where the mean latency of completed requests goes (s)."""
    sums = dict.fromkeys(("network", "front_end", "waiting", "service"), 0.0)
    count = 0
    for ledger, window in zip(ledgers, windows, strict=True):
        kept = window & (ledger.requests["outcome"] == Outcome.completed)
        visits = ledger.visits
        served = np.where(visits["started_ns"] >= 0, visits["finished_ns"] - visits["started_ns"], 0)
        service = float(np.bincount(visits["request"], weights=served, minlength=len(ledger))[kept].sum())
        waiting = float(waiting_times_ns(ledger)[kept].sum())
        requests = int(kept.sum())
        network = float(requests * (blueprint.up_ns + blueprint.down_ns))
        total = float((ledger.requests["finished_ns"] - ledger.requests["arrived_ns"])[kept].sum())
        count += requests
        sums["network"] += network
        sums["waiting"] += waiting
        sums["service"] += service
        sums["front_end"] += total - network - waiting - service
    return {name: value / count / NS_PER_S for name, value in sums.items()} if count else {}


def _pool(plan: PoolPlan, ledgers: Sequence[Ledger], start_ns: int, blueprint: Blueprint) -> PoolResult:
    busy, sizes, visits, waited_ns, served = 0.0, np.zeros(1, dtype=np.int64), 0, 0.0, 0
    end_ns = blueprint.horizon_ns
    for ledger in ledgers:
        busy += _utilisation(plan, ledger, start_ns, end_ns)
        batches = _of(plan, ledger.batches)
        begun = (batches["started_ns"] >= start_ns) & (batches["started_ns"] < end_ns)
        counted = np.bincount(batches["requests"][begun])
        sizes = np.pad(sizes, (0, max(0, len(counted) - len(sizes))))
        sizes[: len(counted)] += counted
        seen = _of(plan, ledger.visits)
        inside = seen["enqueued_ns"] >= start_ns
        began = inside & (seen["started_ns"] >= 0)
        visits += int(inside.sum())
        served += int(began.sum())
        waited_ns += float((seen["started_ns"] - seen["enqueued_ns"])[began].sum())
    items = blueprint.items_per_request
    formed = int(sizes.sum())
    return PoolResult(
        name=plan.name,
        servers=plan.servers,
        utilisation=busy / len(ledgers),
        mean_batch_size=float(sizes @ np.arange(len(sizes))) * items / formed if formed else None,
        batch_size_counts={n * items: int(count) for n, count in enumerate(sizes) if count},
        visits=visits,
        mean_waiting_s=waited_ns / served / NS_PER_S if served else None,
    )


def _utilisation(plan: PoolPlan, ledger: Ledger, start_ns: int, end_ns: int) -> float:
    """Share of a span in which the instances of a pool were busy."""
    batches = _of(plan, ledger.batches)
    ends = np.where(batches["finished_ns"] < 0, end_ns, batches["finished_ns"])
    overlap = np.minimum(ends, end_ns) - np.maximum(batches["started_ns"], start_ns)
    busy_ns = float(np.maximum(overlap, 0).sum())
    return busy_ns / (plan.servers * plan.instances * (end_ns - start_ns))


def _utilisations(blueprint: Blueprint, ledgers: Sequence[Ledger], start_ns: int) -> dict[str, tuple[float, ...]]:
    spans = windows(ledgers, start_ns, blueprint.horizon_ns)
    return {
        f"utilisation.{plan.name}": tuple(_utilisation(plan, ledger, low, high) for ledger, low, high in spans)
        for plan in blueprint.pools
    }


def _of(plan: PoolPlan, table: Mapping[str, NDArray[np.int64]]) -> dict[str, NDArray[np.int64]]:
    """The rows of a table that are of this pool's servers."""
    server = table["server"]
    kept = (server >= plan.first_server) & (server < plan.first_server + plan.servers)
    return {name: column[kept] for name, column in table.items()}


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
