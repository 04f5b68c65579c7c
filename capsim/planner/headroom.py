"""How much more load a setting bears before its objective fails."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from capsim.scenario import Scenario
from capsim.scenario.demand import capacity_per_s
from capsim.units import NS_PER_S

NEAR = 1.02
COARSE = 0.002
"""From this share of a load on, a single client or request of it counts: the answer is then exact."""
FARTHEST = 64.0

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
    arrivals, horizon_s = scenario.workload.combined, scenario.run.horizon / NS_PER_S
    load, offered, capacity = arrivals.load(horizon_s), arrivals.offered_per_s(horizon_s), capacity_per_s(scenario)
    most = capacity / offered if offered and capacity is not None else math.inf
    bound = most if math.isfinite(most) else None
    grain = 1 / max(load.amount, 1) if load.whole else 0.0
    borne, too_much = _bisected(scenario, meets, bound, grain, min(FARTHEST, arrivals.most_factor))
    return Headroom(borne, too_much, load.unit, load.amount)


def loaded(scenario: Scenario, factor: float) -> Scenario:
    """The scenario with a multiple of its load, at the same times: a trace has as many more requests."""
    return scenario.model_copy(update={"workload": scenario.workload.scaled(factor)})


def _bisected(
    scenario: Scenario, meets: Meets, most: float | None, grain: float, farthest: float
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
