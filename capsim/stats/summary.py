"""The numbers of a `Result` from the ledgers of a scenario."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from capsim.engine.blueprint import Blueprint, PoolPlan
from capsim.engine.ledger import Ledger, Outcome
from capsim.engine.tally import Tally
from capsim.errors import CodedWarning
from capsim.prices import Spend, spend
from capsim.scenario import Scenario
from capsim.scenario.demand import overload, server_capacity_per_s
from capsim.serving.admission import ADMISSION
from capsim.serving.rule import LINE
from capsim.stats.confidence import Known
from capsim.stats.histogram import histogram
from capsim.stats.judgement import ObjectiveResult, judged
from capsim.stats.model_error import Joined, ModelError, joined
from capsim.stats.result import AdmissionResult, Interval, LatencyInterval, PoolResult, Result
from capsim.stats.runs import LedgerRun, Run
from capsim.stats.sections import Estimate, Sections, Window, averaged, cut_sections, throughput_per_s, windows
from capsim.stats.slices import TallyRun
from capsim.stats.tail import Percentile
from capsim.stats.times import Times, completed_times, offered_times, waiting_times
from capsim.stats.verdict import drifts_upwards
from capsim.stats.warmup import warmup_ns
from capsim.units import NS_PER_S


def summarise(
    scenario: Scenario,
    blueprint: Blueprint,
    found: Sequence[Ledger | Tally],
    engine: str,
    warnings: Sequence[CodedWarning],
    provenance: Mapping[str, Any],
    errors: Mapping[str, ModelError],
) -> Result:
    """The answer that the replications of a scenario give; `blueprint` is that of any of them.

    `errors` has what is known to be uncertain besides, by statistic of latency.
    """
    ledgers = [part for part in found if isinstance(part, Ledger)]
    runs: list[Run] = [
        LedgerRun(part, blueprint) if isinstance(part, Ledger) else TallyRun(part, blueprint) for part in found
    ]
    horizon_ns, steady = scenario.run.horizon, scenario.workload.arrivals.steady
    start_ns, settled = _start(scenario, runs, steady=steady)
    spans = windows(runs, start_ns, horizon_ns, steady=steady)
    sections = cut_sections(spans, len(runs), steady=steady)
    outcomes = np.sum([run.outcomes(start_ns) for run in runs], axis=0)
    counts = {outcome.name: int(outcomes[outcome]) for outcome in Outcome}
    requests = {"offered": sum(counts.values()), **counts}
    throughput, offered, waiting = throughput_per_s(sections), offered_times(sections), waiting_times(sections)
    latency = completed_times(sections) if sections.offered_s.lost else offered
    unsettled = _unsettled(scenario, latency, start_ns, settled=settled, steady=steady)
    averages = {"throughput_per_s": throughput, **_utilisations(blueprint, spans, sections)}
    items = scenario.workload.items_per_request
    saturated = overload(scenario) is not None or drifts_upwards(runs, start_ns, horizon_ns)
    return Result(
        scenario=scenario.name,
        engine=engine,
        seed=scenario.run.seed,
        replications=len(runs),
        warmup_s=start_ns / NS_PER_S,
        horizon_s=horizon_ns / NS_PER_S,
        requests=requests,
        latency_s={name: _of_both(found, errors.get(name)) for name, found in latency.known.items()},
        waiting_s={name: _told(found) for name, found in waiting.known.items()},
        breakdown_s=breakdown(blueprint, runs, start_ns),
        throughput_per_s=_told(throughput),
        throughput_items_per_s=_told(throughput, items),
        pools=[_pool(plan, runs, start_ns, scenario, averages[f"utilisation.{plan.name}"]) for plan in blueprint.pools],
        objective=_objective(scenario, requests, offered, errors, warnings),
        verdict="saturated" if saturated else "stable",
        warnings=[*warnings, *_doubts(counts, latency.percentiles["p99"], unsettled, saturated=saturated)],
        cost=_cost(scenario, throughput.value, averages),
        provenance=provenance,
        admission=[_admission(plan, runs, start_ns) for plan in blueprint.pools if plan.admission is not None],
        items_per_request=items,
        ledgers=ledgers,
        offered_latency_s=offered.known,
        known={**latency.named("latency_s"), **waiting.named("waiting_s"), **averages},
        latency_histogram=histogram(sections.offered_s.finite),
        section_values={
            **latency.parts("latency_s"),
            **{name: average.parts for name, average in averages.items()},
        },
    )


def _start(scenario: Scenario, runs: Sequence[Run], *, steady: bool) -> tuple[int, bool]:
    """Where the window begins (ns), and whether the run had settled by then.

    Where the load itself varies over time there is no steady state to settle to, and nothing is left out.
    """
    if scenario.run.warmup != "auto":
        return runs[0].window(int(scenario.run.warmup)), True
    if not steady:
        return 0, True
    start_ns, settled = warmup_ns(runs, scenario.run.horizon)
    return runs[0].window(start_ns), settled


def _unsettled(scenario: Scenario, latency: Times, start_ns: int, *, settled: bool, steady: bool) -> str | None:
    """What is to say where the start may colour the values."""
    if not settled:
        return "the warm-up had no clear end; simulate a longer horizon"
    # With fewer requests, nothing is known of how long they remember.
    known = latency.percentiles["p99"].interval() is not None
    if scenario.run.warmup == "auto" and steady and known and start_ns / NS_PER_S < latency.tail.settling_s:
        return "queues remember the empty start for longer than is left out; simulate a longer horizon"
    return None


def _told(known: Known, factor: float = 1.0) -> Interval:
    interval = known.interval()
    ci95 = None if interval is None else (interval[0] * factor, interval[1] * factor)
    return Interval(known.value * factor if math.isfinite(known.value) else None, ci95)


def _objective(
    scenario: Scenario,
    requests: Mapping[str, int],
    offered: Times,
    errors: Mapping[str, ModelError],
    warnings: Sequence[CodedWarning],
) -> ObjectiveResult | None:
    known = joined(offered.known, errors)
    return judged(scenario, requests, offered.known, known, warnings, overloaded=overload(scenario) is not None)


def _of_both(known: Known, error: ModelError | None) -> LatencyInterval:
    simulated = _told(known)
    if error is None or simulated.ci95 is None:
        return LatencyInterval(simulated.value, simulated.ci95, simulated.ci95)
    return LatencyInterval(simulated.value, simulated.ci95, Joined(known, error).interval())


def breakdown(blueprint: Blueprint, runs: Sequence[Run], start_ns: int) -> dict[str, float]:
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


def _pool(plan: PoolPlan, runs: Sequence[Run], start_ns: int, scenario: Scenario, utilisation: Estimate) -> PoolResult:
    visited = [run.visited(plan, start_ns) for run in runs]
    sizes = np.zeros(max(len(each.sizes) for each in visited), np.int64)
    for each in visited:
        sizes[: len(each.sizes)] += each.sizes
    items, formed = scenario.workload.items_per_request, int(sizes.sum())
    visits = sum(each.visits for each in visited)
    borne = plan.servers * server_capacity_per_s(scenario.pool(plan.name), items)
    span_s = len(runs) * (scenario.run.horizon - start_ns) / NS_PER_S
    served, waited_ns = sum(each.served for each in visited), sum(each.waited_ns for each in visited)
    return PoolResult(
        name=plan.name,
        servers=plan.servers,
        utilisation=utilisation.value,
        load_over_capacity=visits / span_s / borne,
        mean_batch_size=float(sizes @ np.arange(len(sizes))) * items / formed if formed else None,
        batch_size_counts={n * items: int(count) for n, count in enumerate(sizes) if count},
        visits=visits,
        mean_waiting_s=waited_ns / served / NS_PER_S if served else None,
    )


def _admission(plan: PoolPlan, runs: Sequence[Run], start_ns: int) -> AdmissionResult:
    visited = [run.visited(plan, start_ns) for run in runs]
    visits, refused = sum(each.visits for each in visited), sum(each.refused for each in visited)
    # Whom a rule turns away in line has visited the queue.
    in_line = ADMISSION[str(plan.admission)].RULE.at == LINE
    return AdmissionResult(plan.name, visits - refused if in_line else visits, refused)


def _utilisations(blueprint: Blueprint, spans: Sequence[Window], sections: Sections) -> dict[str, Estimate]:
    return {
        f"utilisation.{plan.name}": averaged(sections, [run.utilisation(plan, *span) for run, *span in spans])
        for plan in blueprint.pools
    }


def _cost(scenario: Scenario, throughput: float, averages: Mapping[str, Estimate]) -> Spend | None:
    priced = [
        pool.servers * pool.price.usd_per_hour_at(averages[f"utilisation.{pool.name}"].value)
        for pool in scenario.pools
        if pool.price is not None
    ]
    return spend(sum(priced), throughput) if priced else None


def _doubts(
    counts: Mapping[str, int], p99: Percentile, unsettled: str | None, *, saturated: bool
) -> list[CodedWarning]:
    """What is doubtful about the answer itself."""
    doubtful = []
    if saturated:
        doubtful.append(CodedWarning("saturated", "the system does not bear this load; values grow with the horizon"))
    elif unsettled:
        doubtful.append(CodedWarning("unsettled", unsettled))
    if p99.interval() is None:
        doubtful.append(CodedWarning("few_requests", _few(p99)))
    if counts["in_flight"]:
        doubtful.append(CodedWarning("in_flight", f"{counts['in_flight']} requests had not ended when the run stopped"))
    return doubtful


def _few(p99: Percentile) -> str:
    beyond = round(len(p99.sample) * p99.level)
    said = f"p99 has {beyond} requests beyond it, which tell as much as {p99.independent:.1f} independent ones would"
    return f"{said}: too few for an interval; simulate a longer horizon or more replications"
