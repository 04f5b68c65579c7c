"""A scenario under a measured load, and what it predicts there."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from capsim.engine import Ledger, lower
from capsim.engine.choice import choose_engine
from capsim.engine.memory import TooManyRowsError
from capsim.importer.loads.measured import METRICS, SPLIT, LoadPoint
from capsim.scenario import Scenario
from capsim.scenario.demand import answered_per_s
from capsim.scenario.schema import Run
from capsim.simulation import simulate
from capsim.stats.confidence import Confidence
from capsim.stats.runs import LedgerRun
from capsim.stats.values import Values, values_of
from capsim.units import NS_PER_S
from capsim.workload import ClosedLoop, Trace, TraceFile
from capsim.workload.closed_loop import AT_ONCE
from capsim.workload.poisson import Poisson

WARMUP_ROUNDS = 3
"""Requests a client that a closed loop is given to settle."""
WARMUP_SHARE = 0.2
MOST_VISITS = 10_000_000
"""Of more, `simulate` makes histograms."""
MS = 1e3


@dataclass(frozen=True)
class Effort:
    """How much to simulate for a prediction.

    Attributes:
        requests: after warm-up, over all replications.
        replications: how many.
        engine: which engine; see `simulate`.
        seed: of the run.
    """

    requests: int
    replications: int
    engine: str = "auto"
    seed: int = 0


@dataclass(frozen=True)
class Guess:
    """What a load point is predicted to be, by metric.

    Attributes:
        values: metric to value, in the units of its name.
        split: where the mean latency goes in the servers (ms).
    """

    values: dict[str, float]
    split: dict[str, float]


@dataclass(frozen=True)
class Prediction(Guess):
    """The same, and how sure it is.

    Attributes:
        errors: metric to the standard error of its logarithm that comes from simulating finitely long.
        verdict: `stable` or `saturated`.
        utilisation: share of time that the busiest pool's instances were busy.
    """

    errors: dict[str, float]
    verdict: str
    utilisation: float


def at_load(scenario: Scenario, point: LoadPoint, effort: Effort) -> Scenario:
    """The scenario under the load of a point, simulated for as many requests as `effort` says."""
    arrivals = _arrivals(scenario.workload.arrivals, point)
    each = effort.requests / effort.replications
    if point.sent_s is not None:
        horizon_ns, warmup_ns = round(len(point.sent_s) / point.value * NS_PER_S), 0
    elif point.load == "clients":
        rate = answered_per_s(scenario, point.value, _think_ns(scenario.workload.arrivals))
        warmup = WARMUP_ROUNDS * point.value
        horizon_ns, warmup_ns = (round(count / rate * NS_PER_S) for count in (each + warmup, warmup))
    else:
        horizon_ns = round(each * (1 + WARMUP_SHARE) / point.value * NS_PER_S)
        warmup_ns = round(horizon_ns * WARMUP_SHARE / (1 + WARMUP_SHARE))
    run = Run(horizon="1 s", replications=effort.replications, seed=effort.seed)
    run = run.model_copy(update={"horizon": max(horizon_ns, 2), "warmup": warmup_ns})
    workload = scenario.workload.model_copy(update={"arrivals": arrivals})
    return scenario.model_copy(update={"workload": workload, "run": run, "objective": None})


def _arrivals(given: Any, point: LoadPoint) -> Any:
    if point.sent_s is not None:
        resolution = round(point.resolution_s * NS_PER_S) or None
        return Trace(process="trace", file=TraceFile("the request log", point.sent_s), resolution=resolution)
    if point.load == "clients":
        clients = int(point.value)
        loop = given if given.clients is not None else ClosedLoop(process="closed_loop", clients=clients)
        # A measured client never sent at the very instant of its answer, whatever the scenario says.
        return replace(loop, clients=clients, think_time=loop.think_time or AT_ONCE)
    if given.clients is None and given.steady:
        return replace(given, rate=point.value)
    return Poisson(process="poisson", rate=point.value)


def _think_ns(given: Any) -> int:
    return 0 if given.sends_at_once else int(given.mean_think_ns)


def predict(scenario: Scenario, point: LoadPoint, effort: Effort, window_s: float | None = None) -> Prediction:
    """What a load generator that counts only requests inside its window would measure at this load."""
    at_once = point.sent_s is not None
    result = simulate(at_load(scenario, point, effort), effort.engine, at_once=at_once, beyond_chance=False)
    latency_s = {name: math.nan if told.value is None else told.value for name, told in result.latency_s.items()}
    throughput_per_s = math.nan if result.throughput_per_s.value is None else result.throughput_per_s.value
    guessed = _guess(Values(latency_s, result.breakdown_s, throughput_per_s), window_s)
    errors = {name: _log_error(result.known[_name(name)]) for name in guessed.values}
    busiest = max(pool.utilisation for pool in result.pools)
    return Prediction(guessed.values, guessed.split, errors, result.verdict, busiest)


def guess(scenario: Scenario, point: LoadPoint, effort: Effort, window_s: float | None = None) -> Guess:
    """The values of `predict` in a third of the time, without how sure they are."""
    loaded = at_load(scenario, point, effort)
    blueprint = replace(lower(loaded), most_visits=MOST_VISITS // effort.replications)
    chosen = choose_engine(effort.engine, blueprint)
    replications = [blueprint.replicated(number) for number in range(effort.replications)]
    try:
        ledgers = [ledger for ledger, _ in chosen.replicate(replications, None, at_once=point.sent_s is not None)]
    except TooManyRowsError:
        return predict(scenario, point, effort, window_s)
    runs = [LedgerRun(ledger, blueprint) for ledger in ledgers if isinstance(ledger, Ledger)]
    return _guess(values_of(blueprint, runs, int(loaded.run.warmup)), window_s)


def _guess(told: Values, window_s: float | None) -> Guess:
    values = {"throughput_per_s": told.throughput_per_s}
    values |= {f"{name}_ms": value * MS for name, value in told.latency_s.items() if f"{name}_ms" in METRICS}
    if window_s is not None and math.isfinite(values["mean_ms"]):
        values["throughput_per_s"] *= counted_share(values["mean_ms"], window_s)
    split = {name: told.breakdown_s.get(name.removesuffix("_ms"), math.nan) * MS for name in SPLIT}
    return Guess(values, split)


def counted_share(mean_ms: float, window_s: float) -> float:
    """Share of requests that begin and end inside a window, when they take `mean_ms` on average."""
    return max(0.05, 1 - mean_ms / MS / window_s)


def _name(metric: str) -> str:
    return metric if metric == "throughput_per_s" else f"latency_s.{metric.removesuffix('_ms')}"


def _log_error(known: Confidence) -> float:
    """Standard error of the logarithm: half of what lies between the 16 % and the 84 % quantile.

    Where nothing bounds the value from above, all of what lies between the 16 % and the 50 % quantile.
    """
    low, middle, high = (known.quantile(p) for p in (0.16, 0.5, 0.84))
    if not 0 < low <= middle < math.inf:
        return math.nan
    return math.log(high / low) / 2 if high < math.inf else math.log(middle / low)


def log_ratios(predicted: Mapping[str, float], measured: Mapping[str, float]) -> dict[str, float]:
    """Logarithm of predicted over measured, for each metric that was measured; not a number where none is predicted."""
    ratios = {}
    for name, value in measured.items():
        guess = predicted.get(name, math.nan)
        ratios[name] = math.log(guess / value) if guess > 0 else math.nan
    return ratios
