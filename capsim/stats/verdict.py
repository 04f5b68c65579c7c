"""Whether the run bears its load, and whether the objective is met."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from capsim.scenario.objective import Objective
from capsim.stats.confidence import Confidence
from capsim.stats.runs import Run
from capsim.stats.student import student_quantile
from capsim.units import NS_PER_S

Floats = NDArray[np.float64]

POINTS = 20
LEAST_GROWTH = 0.02
SIGNIFICANCE = 0.005
BEYOND_CHANCE = 4.0
"""Growth over the square root of how many are in the system, from which on a single run is believed."""
ROUNDING = 1e-9


def drifts_upwards(runs: Sequence[Run], start_ns: int, end_ns: int, significance: float = SIGNIFICANCE) -> bool:
    """Whether the number of requests in the system grows through the window.

    The slope of each replication by least squares: on average at least 2 % of the requests sent stay, and with
    three or more replications a one-sided Student test at 0.5 % finds the growth significant. Fewer cannot be compared
    with each other: the growth must be plainly more than the coming and going of those who are in the system.
    """
    instants = np.linspace(start_ns, end_ns, POINTS)
    sent = [float(run.outcomes(start_ns).sum()) for run in runs]
    return rises([run.inside(instants) for run in runs], sent, significance)


def rises(seen: Sequence[tuple[Floats, Floats]], sent: Sequence[float], significance: float) -> bool:
    """Whether a number rises: see `drifts_upwards`.

    Args:
        seen: of each replication, instants from the start of a window to its end and the number at each.
        sent: how many requests came in the window.
        significance: how often it is found to rise that does not, at most.
    """
    shares, excesses = [], []
    for (at, number), requests in zip(seen, sent, strict=True):
        around = at - at.mean()
        slope = float(np.dot(around, number) / np.dot(around, around))
        more = slope * float(at[-1] - at[0])
        shares.append(more / max(requests, 1))
        excesses.append(more / (1 + float(number.mean())) ** 0.5)
    growth, count = float(np.mean(shares)), len(shares)
    if growth < LEAST_GROWTH or count < 3:
        return growth >= LEAST_GROWTH and min(excesses) >= BEYOND_CHANCE
    error = float(np.std(shares, ddof=1)) / count**0.5
    return error == 0 or bool(growth / error > student_quantile(1 - significance, count - 1))


def met_by(objective: Objective, latency: Mapping[str, Confidence]) -> bool:
    """Whether every target is met by the best guess."""
    return all(latency[name].value <= target_s for name, target_s in _targets_s(objective))


def probability_of(objective: Objective, latency: Mapping[str, Confidence]) -> float:
    """At least how probably every target is met in the long run.

    A request that did not complete is infinitely late. Several targets are combined by Bonferroni's inequality.
    """
    return max(0.0, 1 - sum(1 - latency[name].cdf(target_s) for name, target_s in _targets_s(objective)))


def _targets_s(objective: Objective) -> list[tuple[str, float]]:
    return [(name, target_ns / NS_PER_S * (1 + ROUNDING)) for name, target_ns in objective.targets_ns().items()]
