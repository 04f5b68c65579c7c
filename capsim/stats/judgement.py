"""The objective's verdict: met or not, how probably, and under which conditions; or that nobody can know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, isnan
from typing import Literal

from capsim.errors import CodedWarning
from capsim.scenario import Scenario
from capsim.scenario.objective import Objective
from capsim.stats.confidence import Confidence
from capsim.stats.times import LEVELS
from capsim.stats.verdict import ROUNDING, met_by, probability_of
from capsim.units import NS_PER_S

SURELY = 0.95
"""From this probability on, a verdict is told without reserve."""
CONDITIONS = {
    "sharing_assumed",
    "sharing_extrapolated",
    "extrapolated",
    "jitter_assumed",
    "constant_profile",
    "tail_unknown",
    "load_cut",
    "trace_cut",
    "trace_short",
}
"""Warnings of what an answer takes for granted."""

Words = Literal["met", "probably met", "probably not met", "not met", "unknown"]


@dataclass(frozen=True)
class ObjectiveResult:
    """Whether the objective is met, and how probably in the long run.

    Attributes:
        met: whether the simulation meets it; nothing where too little was simulated to know.
        probability: with everything that is known to be uncertain: chance, samples of profiles, fitted settings,
            scatter of measurements. What `assumes` lists is taken for granted. Nothing where it can't be known.
        targets_s: statistic to the latency to keep below.
        words: the verdict in words, by the probability.
        probability_simulation: from simulation alone.
        assumes: what nobody measured, or the run does not see.
    """

    met: bool | None
    probability: float | None
    targets_s: Mapping[str, float]
    words: Words
    probability_simulation: float | None
    assumes: Sequence[str] = ()

    def holds(self, required: float) -> bool:
        """Whether it is met with at least the required probability; what nobody can know does not hold."""
        return bool(self.met) and self.probability is not None and self.probability >= required


def judged(
    scenario: Scenario,
    objective: Objective | None,
    requests: Mapping[str, int],
    simulated: Mapping[str, Confidence],
    known: Mapping[str, Confidence],
    warnings: Sequence[CodedWarning],
    *,
    overloaded: bool,
) -> ObjectiveResult | None:
    """The verdict on an objective; nothing without one.

    Args:
        scenario: what was simulated.
        objective: of all its requests, or of those of a class.
        requests: how many of them came to each outcome, and how many were offered.
        simulated: what the simulation knows of their latency, by statistic.
        known: the same with everything else that is known to be uncertain.
        warnings: about the scenario.
        overloaded: more is offered than can be served.
    """
    if objective is None:
        return None
    targets_s = {name: target / NS_PER_S for name, target in objective.targets_ns().items()}
    assumes = assumptions(scenario, warnings)
    if not requests["offered"] or (not overloaded and _still_open(scenario, requests, targets_s)):
        return ObjectiveResult(None, None, targets_s, "unknown", None, assumes)
    met = met_by(objective, simulated)
    if any(isfinite(simulated[name].value) and isnan(simulated[name].quantile(0.5)) for name in targets_s):
        return ObjectiveResult(met, None, targets_s, "unknown", None, assumes)
    probability = probability_of(objective, known)
    return ObjectiveResult(
        met, probability, targets_s, _words(met, probability), probability_of(objective, simulated), assumes
    )


def all_of(objectives: Mapping[str, ObjectiveResult | None]) -> ObjectiveResult | None:
    """The verdict on several objectives together, by whose they are: that of all requests goes by no name.

    It is met where each is. Probabilities are combined by Bonferroni's inequality, and targets of a class are named
    `CLASS.p99`.
    """
    given = {name: objective for name, objective in objectives.items() if objective is not None}
    each = list(given.values())
    if list(given) in ([], [""]):
        return given.get("")
    targets_s = {
        f"{name}.{statistic}" if name else statistic: target
        for name, objective in given.items()
        for statistic, target in objective.targets_s.items()
    }
    told = [objective.met for objective in each]
    met = False if False in told else None if None in told else True
    probability = _jointly([objective.probability for objective in each])
    simulated = _jointly([objective.probability_simulation for objective in each])
    words: Words = "unknown" if met is None or probability is None else _words(met, probability)
    if any(objective.words == "not met" for objective in each):
        words = "not met"
    assumes = list(dict.fromkeys(assumed for objective in each for assumed in objective.assumes))
    return ObjectiveResult(met, probability, targets_s, words, simulated, assumes)


def _jointly(probabilities: Sequence[float | None]) -> float | None:
    """At least how probably all hold; nothing where one isn't known."""
    known = [probability for probability in probabilities if probability is not None]
    return max(0.0, 1 - sum(1 - each for each in known)) if len(known) == len(probabilities) else None


def assumptions(scenario: Scenario, warnings: Sequence[CodedWarning]) -> list[str]:
    """What an answer takes for granted: nobody measured it, or the run does not see it."""
    visited = {name for step in scenario.steps for name in step.pools}
    assumed = [pool.name for pool in scenario.pools if pool.profile is None and pool.name in visited]
    told = [f"pool {name}: its service times are assumed" for name in assumed]
    return told + [warning.message for warning in warnings if warning.code in CONDITIONS]


def _still_open(scenario: Scenario, requests: Mapping[str, int], targets_s: Mapping[str, float]) -> bool:
    """Whether all hangs on requests that were still on their way, and not yet late, when the run stopped."""
    followed_s = (scenario.run.stop_ns - scenario.run.horizon) / NS_PER_S
    share = requests["in_flight"] / requests["offered"]
    return any(
        followed_s < target_s and share > 1 - LEVELS.get(name, 1.0) + ROUNDING for name, target_s in targets_s.items()
    )


def _words(met: bool, probability: float) -> Words:
    if met and probability >= 0.5:
        return "met" if probability >= SURELY else "probably met"
    return "not met" if probability <= 1 - SURELY else "probably not met"
