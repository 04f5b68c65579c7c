"""A setting that could be bought, what it costs, and what is known of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from capsim.errors import CodedWarning, Fault, InputError
from capsim.planner.bounds import impossible
from capsim.planner.limits import Limits
from capsim.scenario import Scenario
from capsim.scenario.devices import servers_of, unpriced_pools
from capsim.scenario.grid import Grid
from capsim.stats import Result

UNSTABLE = {
    "saturated": "saturated: requests pile up",
    "metastable": "metastable: it does not come back after a disturbance",
}
"""Why what does not bear its load is no choice, by the verdict."""
CostBasis = Literal["usd_per_hour", "servers"]
State = Literal["simulated", "ruled_out", "not_needed"]
NONE = Limits()


@dataclass(frozen=True)
class Candidate:
    """A combination of settings.

    Attributes:
        number: its place in the grid.
        settings: path to value.
        usd_per_hour: what its servers cost; nothing without prices.
        servers: how many there are in all pools.
        state: whether it was simulated, ruled out by a formula, or dearer than one that meets the objective.
        met: whether the objective is met with the required probability; nothing where that is not needed.
        reason: why it is not met.
        p99_s: of completed requests.
        p99_ci95_s: its 95 % interval.
        p99_pi95_s: with everything that is known to be uncertain.
        probability: that the objective is met in the long run, with everything that is known to be uncertain.
        probability_simulation: from simulation alone.
        assumes: what nobody measured, or the run does not see.
        verdict: stable, saturated or metastable.
        excess: how far the worst of the objective's targets is exceeded, as a share; negative below it; of one that
            costs too much, how far the budget is.
        warnings: what is doubtful about its answer.
    """

    number: int
    settings: Mapping[str, Any]
    usd_per_hour: float | None
    servers: int
    state: State = "not_needed"
    met: bool | None = None
    reason: str | None = None
    p99_s: float | None = None
    p99_ci95_s: tuple[float, float] | None = None
    p99_pi95_s: tuple[float, float] | None = None
    probability: float | None = None
    probability_simulation: float | None = None
    assumes: tuple[str, ...] = ()
    verdict: str | None = None
    excess: float | None = None
    warnings: tuple[CodedWarning, ...] = ()

    def cost(self, basis: CostBasis) -> float:
        """What candidates are ordered by."""
        return float(self.servers) if basis == "servers" or self.usd_per_hour is None else self.usd_per_hour

    def judged(self, result: Result, required: float, limits: Limits = NONE) -> Candidate:
        """The candidate with what its simulation says."""
        objective = result.objective
        assert objective is not None, "the planner has seen to it"  # noqa: S101
        busy = limits.too_busy(result)
        met = objective.holds(required) and result.verdict == "stable" and busy is None
        p99 = result.latency_s["p99"]
        values = {name: result.latency_of(name).value for name in objective.targets_s}
        excess = [None if value is None else value / objective.targets_s[name] - 1 for name, value in values.items()]
        shares = [share for share in excess if share is not None]
        return replace(
            self,
            state="simulated",
            met=met,
            reason=None if met else _why_not(result, required, busy),
            p99_s=p99.value,
            p99_ci95_s=p99.ci95,
            p99_pi95_s=p99.pi95,
            probability=objective.probability,
            probability_simulation=objective.probability_simulation,
            assumes=tuple(objective.assumes),
            verdict=result.verdict,
            excess=max(shares) if shares else None,
            warnings=tuple(result.warnings),
        )


def candidates_of(grid: Grid, limits: Limits = NONE) -> tuple[list[Candidate], dict[int, Scenario], CostBasis]:
    """Every combination with its cost and what formulas rule out, the possible scenarios, and the kind of cost.

    Raises:
        InputError: no objective, or prices of some pools only.
    """
    candidates: list[Candidate] = []
    possible: dict[int, Scenario] = {}
    priced: set[bool] = set()
    for number, scenario in enumerate(grid.scenarios()):
        if not scenario.targets_ns():
            said = "is needed to plan for; for example --set 'objective.p99=100 ms'"
            raise InputError(grid.document.source, [Fault("objective", said)])
        unpriced = unpriced_pools(scenario)
        priced |= {pool not in unpriced for pool in scenario.pools}
        usd = sum(pool.servers * pool.price.usd_per_hour for pool in scenario.pools if pool.price is not None)
        servers = servers_of(scenario)
        candidate = Candidate(number, grid.settings(number), round(usd, 9), servers)
        unable = impossible(scenario)
        reason = unable or limits.excluded(scenario, candidate.usd_per_hour)
        if reason is None:
            possible[number] = scenario
        else:
            above = None if unable else limits.above_budget(candidate.usd_per_hour)
            candidate = replace(candidate, state="ruled_out", met=False, reason=reason, excess=above)
        candidates.append(candidate)
    if priced == {True}:
        return candidates, possible, "usd_per_hour"
    if priced == {False}:
        return [replace(candidate, usd_per_hour=None) for candidate in candidates], possible, "servers"
    raise InputError(grid.document.source, _unpriced(grid.base))


def _unpriced(scenario: Scenario) -> Sequence[Fault]:
    said = "is needed to compare costs: other pools have a price"
    faults = [Fault(f"pools.{pool.name}.price", said) for pool in unpriced_pools(scenario)]
    return faults or [Fault("pools", "some combinations have a price and others do not")]


def _why_not(result: Result, required: float, busy: str | None) -> str:
    objective = result.objective
    assert objective is not None, "the planner has seen to it"  # noqa: S101
    if result.verdict != "stable":
        return UNSTABLE[result.verdict]
    if busy is not None and objective.holds(required):
        return busy
    if objective.words == "unknown" or not result.requests["offered"]:
        return "unknown: too little was simulated"
    told = []
    for name, target in objective.targets_s.items():
        value = result.latency_of(name).value
        if value is not None and value > target:
            share = f"{value / target - 1:.1%}" if value / target < 1.1 else f"{value / target - 1:.0%}"
            said = name.replace(".", " ")
            told.append(f"{said} {value * 1e3:.4g} ms is {share.replace('%', ' %')} above {target * 1e3:.4g} ms")
    if told:
        return "; ".join(told)
    lost = result.requests["offered"] - result.requests["completed"]
    if not objective.met:
        return f"{lost / result.requests['offered']:.2%} of the requests are not completed".replace("%", " %")
    return f"met with a probability of {objective.probability:.1%} only, {required:.4g} is required".replace("%", " %")
