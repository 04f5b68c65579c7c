"""Short simulations with the same chance, to see what a change of the scenario does to its latency."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite, log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from capsim.engine import Ledger, lower
from capsim.engine.choice import Engine
from capsim.engine.ledger import Outcome
from capsim.scenario import Scenario
from capsim.scenario.demand import sent_per_s
from capsim.stats.times import LEVELS
from capsim.units import NS_PER_S

STEADY_REQUESTS = 10_000
VARYING_REQUESTS = 50_000
"""Requests of a trial; what varies over time needs more to be seen."""
MOST_STRETCH = 10
"""How much longer a trial may be made to hold a whole burst and the pause behind it."""
SLOWER = 5
"""How many requests less the slower engine gets."""
WARMUP_SHARE = 10

Latencies = dict[str, float]
Trial = Callable[[Scenario], Latencies]


def trial(chosen: Engine) -> Trial:
    """What simulates a scenario briefly: mean latency and percentiles of requests that complete (s).

    Of several classes each has its own too, by `CLASS.p99`.
    """

    def latencies(scenario: Scenario) -> Latencies:
        short = shortened(scenario, SLOWER if chosen.name == "simpy" else 1)
        blueprint = lower(short)
        ledger = chosen.run(blueprint, None)
        assert isinstance(ledger, Ledger), "trials keep rows"  # noqa: S101 - the caller chose an engine with rows
        start_ns = short.run.horizon // WARMUP_SHARE if short.steady else 0
        kept = (ledger.requests["outcome"] == Outcome.completed) & (ledger.requests["arrived_ns"] >= start_ns)
        spans = (ledger.requests["finished_ns"] - ledger.requests["arrived_ns"])[kept] / NS_PER_S
        told, of_class = _statistics(spans), ledger.column("class", 0)[kept]
        for number, plan in enumerate(blueprint.classes if len(blueprint.classes) > 1 else ()):
            own = _statistics(spans[of_class == number])
            told |= {f"{plan.name}.{name}": value for name, value in own.items()}
        return told

    return latencies


def _statistics(spans: NDArray[np.float64]) -> Latencies:
    """Mean and percentiles; none of no requests."""
    if not len(spans):
        return {}
    quantiles = np.quantile(spans, list(LEVELS.values()), method="inverted_cdf")
    return {"mean": float(spans.mean()), **dict(zip(LEVELS, map(float, quantiles), strict=True))}


def log_ratios(changed: Latencies, base: Latencies) -> Latencies:
    """The logarithm of each changed latency over what it was, where both are above zero."""
    both = {name: (changed.get(name, 0.0), value) for name, value in base.items()}
    return {name: log(new / old) for name, (new, old) in both.items() if new > 0 and old > 0 and isfinite(new)}


def shortened(scenario: Scenario, fewer: int = 1) -> Scenario:
    """One replication of at most about so many requests; a load that varies keeps its shape."""
    run = scenario.run
    most = (STEADY_REQUESTS if scenario.steady else VARYING_REQUESTS) // fewer
    share = min(1.0, most / max(sent_per_s(scenario) * run.horizon / NS_PER_S, 1.0))
    horizon = max(2, round(run.horizon * share))
    for each in scenario.classes:
        if _varies(each.arrivals):
            whole = min(run.horizon, each.arrivals.whole_ns(horizon))
            horizon = whole if whole < MOST_STRETCH * horizon else horizon
    workload = scenario.workload.with_arrivals(lambda given: given.quicker(share) if _varies(given) else given)
    changed = {"horizon": horizon, "warmup": "auto", "replications": 1, "precision": None, "drain": None}
    return scenario.model_copy(update={"workload": workload, "run": run.model_copy(update=changed)})


def _varies(arrivals: Any) -> bool:
    """Whether the rate changes as a law says, which can be had in less time."""
    return not arrivals.steady and arrivals.file is None
