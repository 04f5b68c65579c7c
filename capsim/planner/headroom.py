"""How much more load a setting bears before its objective fails."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from capsim.scenario import Scenario
from capsim.scenario.service import capacity_per_s
from capsim.units import NS_PER_S
from capsim.workload import ClosedLoop, Trace
from capsim.workload.arrivals import offered_per_s
from capsim.workload.scaling import scaled

NEAR = 1.02
FARTHEST = 64.0

Meets = Callable[[Scenario], bool]


@dataclass(frozen=True)
class Headroom:
    """Load as a multiple of the scenario's.

    Attributes:
        borne: the most that was simulated and meets the objective.
        too_much: the least that was simulated and does not, or that the capacity excludes; nothing up to 64 times.
        unit: what is multiplied: `rate_per_s` or `clients`.
        load: the scenario's own load in this unit.
    """

    borne: float
    too_much: float | None
    unit: str
    load: float


def headroom(scenario: Scenario, meets: Meets) -> Headroom:
    """By bisection between the scenario's load, which meets the objective, and its capacity, to 2 %.

    It takes for granted that more load is never better.
    """
    arrivals = scenario.workload.arrivals
    if isinstance(arrivals, ClosedLoop):
        borne, too_much = _bisected(scenario, meets, None, 1 / arrivals.clients)
        return Headroom(borne, too_much, "clients", arrivals.clients)
    offered = offered_per_s(arrivals, scenario.run.horizon / NS_PER_S) or 0.0
    most = capacity_per_s(scenario) / offered
    borne, too_much = _bisected(scenario, meets, most if math.isfinite(most) else None, 0.0)
    return Headroom(borne, too_much, "rate_per_s", offered)


def loaded(scenario: Scenario, factor: float) -> Scenario:
    """The scenario with a multiple of its load; a trace is replayed faster and ends earlier."""
    arrivals = scenario.workload.arrivals
    workload = scenario.workload.model_copy(update={"arrivals": scaled(arrivals, factor)})
    run = scenario.run
    if isinstance(arrivals, Trace):
        shorter = {"horizon": max(1, round(run.horizon / factor))}
        if run.warmup != "auto":
            shorter["warmup"] = round(run.warmup / factor)
        run = run.model_copy(update=shorter)
    return scenario.model_copy(update={"workload": workload, "run": run})


def _bisected(scenario: Scenario, meets: Meets, most: float | None, grain: float) -> tuple[float, float | None]:
    """The last factor that meets the objective and the first that does not; both are multiples of `grain`."""
    low, high = 1.0, most
    while high is None:
        further = 2 * low
        if further > FARTHEST:
            return low, None
        if meets(loaded(scenario, further)):
            low = further
        else:
            high = further
    while high > low * NEAR and high - low > 1.5 * grain:
        middle = math.sqrt(low * high)
        if grain:
            middle = min(max(round(middle / grain), round(low / grain) + 1), round(high / grain) - 1) * grain
        if meets(loaded(scenario, middle)):
            low = middle
        else:
            high = middle
    return low, high
