"""The numbers of a `Result` from the ledgers of a scenario."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from capsim.engine.blueprint import Blueprint
from capsim.engine.ledger import Ledger
from capsim.engine.tally import Tally
from capsim.errors import CodedWarning
from capsim.prices import Spend, spend
from capsim.scenario import Scenario
from capsim.scenario.demand import overload
from capsim.scenario.objective import Objective
from capsim.stats.attempts import attempts_of, caches_of
from capsim.stats.bearing import Bearing, bearing
from capsim.stats.breakdown import Breakdown
from capsim.stats.classes import class_results, errors_of, goodput_of, known_of, shares_of
from capsim.stats.crowd import Crowd
from capsim.stats.histogram import histogram
from capsim.stats.interval import told, told_with
from capsim.stats.judgement import ObjectiveResult, all_of, judged
from capsim.stats.model_error import ModelError, joined
from capsim.stats.places import branches_of, cache_names
from capsim.stats.pools import admission_results, pool_results, utilisations
from capsim.stats.result import Result
from capsim.stats.runs import LedgerRun, Run
from capsim.stats.sections import Estimate
from capsim.stats.slices import TallyRun
from capsim.stats.spent import Spent
from capsim.stats.tail import Percentile
from capsim.stats.times import Times
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

    `errors` has what is known to be uncertain besides, by statistic of latency, of a class by `CLASS.p99`.
    """
    runs = [_run(part, blueprint) for part in found]
    horizon_ns, steady = scenario.run.horizon, scenario.steady
    start_ns, settled = _start(scenario, runs, steady=steady)
    crowd = Crowd(runs, start_ns, horizon_ns, steady)
    judge = partial(_judged, scenario, warnings, errors)
    whole = judge(scenario.objective, crowd)
    shares = shares_of(blueprint, crowd, [each.objective for each in scenario.classes], scenario.objective, judge)
    spent, busy = Spent.of(found, blueprint, start_ns), utilisations(blueprint, crowd)
    borne = bearing(scenario, blueprint, crowd, shares)
    unsettled = _unsettled(scenario, crowd.latency, start_ns, settled=settled, steady=steady)
    items_per_s, goodput = crowd.items_per_s(), goodput_of(crowd, shares)
    known, parts = known_of(shares)
    if goodput is not None:
        known["goodput_per_s"], parts["goodput_per_s"] = goodput, goodput.parts
    cost_shares = spent.shares(_costs(scenario, busy))
    return Result(
        scenario=scenario.name,
        engine=engine,
        seed=scenario.run.seed,
        replications=len(runs),
        warmup_s=start_ns / NS_PER_S,
        horizon_s=horizon_ns / NS_PER_S,
        requests=crowd.requests,
        latency_s={name: told_with(value, errors.get(name)) for name, value in crowd.latency.known.items()},
        waiting_s={name: told(value) for name, value in crowd.waiting.known.items()},
        breakdown_s=Breakdown.summed(share.breakdown for share in shares).mean_s,
        throughput_per_s=told(crowd.throughput),
        throughput_items_per_s=told(items_per_s or crowd.throughput, 1 if items_per_s else blueprint.items_per_unit),
        pools=pool_results(scenario, blueprint, crowd, spent, busy, borne.pools, saturated=borne.saturated),
        objective=all_of({"": whole, **{share.name: share.objective for share in shares}}),
        verdict=borne.verdict,
        warnings=[*warnings, *_doubts(crowd, unsettled, borne)],
        cost=_cost(scenario, crowd.throughput.value, busy),
        provenance=provenance,
        admission=admission_results(blueprint, crowd),
        classes=class_results(blueprint, shares, cost_shares, errors, whole, borne.classes, saturated=borne.saturated),
        attempts=attempts_of(found, crowd.requests["offered"], start_ns),
        caches=caches_of(found, cache_names(scenario, blueprint.nodes), start_ns),
        goodput_per_s=None if goodput is None else told(goodput),
        items_per_request=blueprint.items_per_unit,
        branches=branches_of(blueprint.nodes),
        ledgers=[part for part in found if isinstance(part, Ledger)],
        offered_latency_s=crowd.offered.known,
        known={**crowd.known(), **busy, **known},
        latency_histogram=histogram(crowd.sections.offered_s.finite),
        section_values={**crowd.parts(), **{name: average.parts for name, average in busy.items()}, **parts},
    )


def _run(part: Ledger | Tally, blueprint: Blueprint) -> Run:
    return LedgerRun(part, blueprint) if isinstance(part, Ledger) else TallyRun(part, blueprint)


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


def _judged(
    scenario: Scenario,
    warnings: Sequence[CodedWarning],
    errors: Mapping[str, ModelError],
    objective: Objective | None,
    crowd: Crowd,
    of: str | None = None,
) -> ObjectiveResult | None:
    """The verdict on an objective of some requests: of all, or of those of the class of a name."""
    known = joined(crowd.offered.known, errors if of is None else errors_of(errors, of))
    too_much = overload(scenario) is not None
    return judged(scenario, objective, crowd.requests, crowd.offered.known, known, warnings, overloaded=too_much)


def _cost(scenario: Scenario, throughput: float, busy: Mapping[str, Estimate]) -> Spend | None:
    priced = [cost for cost in _costs(scenario, busy) if cost is not None]
    return spend(sum(priced), throughput) if priced else None


def _costs(scenario: Scenario, busy: Mapping[str, Estimate]) -> list[float | None]:
    """What the servers of each pool cost an hour; nothing of a pool without a price."""
    return [
        pool.servers * pool.price.usd_per_hour_at(busy[f"utilisation.{pool.name}"].value) if pool.price else None
        for pool in scenario.pools
    ]


def _doubts(crowd: Crowd, unsettled: str | None, borne: Bearing) -> list[CodedWarning]:
    """What is doubtful about the answer itself."""
    p99, in_flight, doubtful = crowd.latency.percentiles["p99"], crowd.requests["in_flight"], []
    if borne.stuck is not None:
        doubtful.append(CodedWarning("metastable", borne.stuck.said))
    if borne.verdict == "saturated":
        doubtful.append(CodedWarning("saturated", "the system does not bear this load; values grow with the horizon"))
    elif unsettled and borne.verdict == "stable":
        doubtful.append(CodedWarning("unsettled", unsettled))
    if p99.interval() is None:
        doubtful.append(CodedWarning("few_requests", _few(p99)))
    if in_flight:
        doubtful.append(CodedWarning("in_flight", f"{in_flight} requests had not ended when the run stopped"))
    return doubtful


def _few(p99: Percentile) -> str:
    beyond = round(len(p99.sample) * p99.level)
    said = f"p99 has {beyond} requests beyond it, which tell as much as {p99.independent:.1f} independent ones would"
    return f"{said}: too few for an interval; simulate a longer horizon or more replications"
