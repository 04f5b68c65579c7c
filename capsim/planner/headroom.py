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
COARSE = 0.002
"""From this share of a load on, a single client or request of it counts: the answer is then exact."""
FARTHEST = 64.0
MOST_IN_A_TRACE = 20_000_000
"""Requests to which a trace is multiplied at most; they take 8 bytes each, several times over."""

Meets = Callable[[Scenario], bool]


@dataclass(frozen=True)
class Headroom:
    """Load as a multiple of the scenario's.

    Attributes:
        borne: the most that was simulated and meets the objective.
        too_much: the least that was simulated and does not, or that the capacity excludes; nothing up to 64 times.
        unit: what is multiplied: `rate_per_s`, `clients`, or the `requests` of a trace before the horizon.
        load: the scenario's own load in this unit.
    """

    borne: float
    too_much: float | None
    unit: str
    load: float


def headroom(scenario: Scenario, meets: Meets) -> Headroom:
    """By bisection between the scenario's load, which meets the objective, and its capacity, to 2 %.

    Of few clients, or few requests of a trace, to the last one. It takes for granted that more load is never better.
    """
    arrivals = scenario.workload.arrivals
    if isinstance(arrivals, ClosedLoop):
        borne, too_much = _bisected(scenario, meets, None, 1 / arrivals.clients)
        return Headroom(borne, too_much, "clients", arrivals.clients)
    offered = offered_per_s(arrivals, scenario.run.horizon / NS_PER_S) or 0.0
    most = capacity_per_s(scenario) / offered if offered else math.inf
    bound = most if math.isfinite(most) else None
    if isinstance(arrivals, Trace):
        requests = round(offered * scenario.run.horizon / NS_PER_S)
        farthest = min(FARTHEST, max(1.0, MOST_IN_A_TRACE / len(arrivals.file.times_s)))
        borne, too_much = _bisected(scenario, meets, bound, 1 / max(requests, 1), farthest)
        return Headroom(borne, too_much, "requests", requests)
    borne, too_much = _bisected(scenario, meets, bound, 0.0)
    return Headroom(borne, too_much, "rate_per_s", offered)


def loaded(scenario: Scenario, factor: float) -> Scenario:
    """The scenario with a multiple of its load, at the same times: a trace has as many more requests."""
    workload = scenario.workload.model_copy(update={"arrivals": scaled(scenario.workload.arrivals, factor)})
    return scenario.model_copy(update={"workload": workload})


def _bisected(
    scenario: Scenario, meets: Meets, most: float | None, grain: float, farthest: float = FARTHEST
) -> tuple[float, float | None]:
    """The last factor that meets the objective and the first that does not; both are multiples of `grain`."""
    low, high = 1.0, most if most is None or most <= farthest else None
    while high is None:
        if low >= farthest:
            return low, None
        further = min(2 * low, farthest)
        if meets(loaded(scenario, further)):
            low = further
        else:
            high = further
    near = 1.0 if grain > COARSE else NEAR
    while high > low * near and high - low > 1.5 * grain:
        middle = math.sqrt(low * high)
        if grain:
            middle = min(max(round(middle / grain), round(low / grain) + 1), round(high / grain) - 1) * grain
        if meets(loaded(scenario, middle)):
            low = middle
        else:
            high = middle
    return low, high
