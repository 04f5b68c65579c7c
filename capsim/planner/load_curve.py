"""p99 against load: what a system does as its load grows towards its capacity."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from capsim.planner.headroom import loaded
from capsim.scenario import Scenario
from capsim.scenario.demand import capacity_per_s, expected_requests, offered_per_s
from capsim.simulation import simulate
from capsim.stats import Interval, Result

SHARES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.775, 0.85, 0.9, 0.95)
"""Of the capacity; denser where p99 turns upwards."""
MULTIPLES = (0.125, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0)
"""Of the clients of a closed loop, which has no load at which it saturates."""
MOST_REQUESTS = 150_000
"""Requests simulated for a point; a longer scenario is cut to about as many."""
FEWEST = 3
"""Replications where the load varies over time and the horizon has to stay: as few as give an interval."""


@dataclass(frozen=True)
class LoadPoint:
    """What a load does.

    Attributes:
        load: requests/s that are offered, or clients of a closed loop.
        p99_s: of the requests that complete.
        throughput_per_s: completed requests.
        lost: share of requests that do not complete.
        met: whether the objective is met; nothing without one.
        verdict: `stable` or `saturated`.
    """

    load: float
    p99_s: Interval
    throughput_per_s: float | None
    lost: float
    met: bool | None
    verdict: str


def load_of(scenario: Scenario) -> float:
    """The scenario's own load: requests/s that are offered, or clients of a closed loop."""
    offered = offered_per_s(scenario)
    return float(scenario.workload.combined.clients or 1) if offered is None else float(offered)


def saturation_of(scenario: Scenario) -> float | None:
    """The load from which on queues grow without end (requests/s); nothing for a closed loop."""
    if scenario.workload.combined.clients is not None:
        return None
    capacity = capacity_per_s(scenario)
    return capacity if capacity is not None and math.isfinite(capacity) else None


def curve_loads(scenario: Scenario) -> list[float]:
    """The loads of a curve: shares of the capacity, or multiples of the clients of a closed loop."""
    capacity = saturation_of(scenario)
    if capacity is not None:
        return [share * capacity for share in SHARES]
    own = load_of(scenario)
    return sorted({float(max(1, round(multiple * own))) for multiple in MULTIPLES})


def point_at(scenario: Scenario, load: float, engine: str = "auto") -> LoadPoint:
    """The point of the curve at a load, from at most about 150,000 requests unless the load varies over time.

    Raises:
        InputError: the named engine does not cover the scenario.
    """
    return point_of(simulate(_at(scenario, load), engine, counted=True, beyond_chance=False), load)


def curve_requests(scenario: Scenario) -> float:
    """About how many requests all points of the curve simulate."""
    return sum(expected_requests(_at(scenario, load)) for load in curve_loads(scenario))


def point_of(result: Result, load: float) -> LoadPoint:
    """The point of the curve that an answer is."""
    offered = result.requests["offered"]
    return LoadPoint(
        load=load,
        p99_s=result.latency_s["p99"],
        throughput_per_s=result.throughput_per_s.value,
        lost=1 - result.requests["completed"] / offered if offered else 0.0,
        met=None if result.objective is None else result.objective.met,
        verdict=result.verdict,
    )


def _at(scenario: Scenario, load: float) -> Scenario:
    return _shortened(loaded(scenario, load / load_of(scenario)))


def _shortened(scenario: Scenario) -> Scenario:
    """The scenario cut to the requests of a point, as far as its load allows."""
    run = scenario.run
    change: dict[str, Any] = {"precision": None, "replications": run.least_replications}
    share = MOST_REQUESTS / max(expected_requests(scenario), 1.0)
    if share < 1 and not scenario.steady:
        change["replications"] = min(run.least_replications, FEWEST)
    elif share < 1:
        change["horizon"] = max(1, round(run.horizon * share))
        if run.warmup != "auto" and run.warmup >= change["horizon"] / 2:
            change["warmup"] = "auto"
    return scenario.model_copy(update={"run": run.model_copy(update=change)})
