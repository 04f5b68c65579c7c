"""The cheapest setting that meets the objective: formulas first, then simulation in the order of cost.

Nothing is taken for granted about which setting is better: each one that is cheaper than the answer was either
ruled out by a formula or simulated.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from capsim.errors import CodedWarning, Fault, InputError
from capsim.planner.beyond import fewest_servers
from capsim.planner.candidates import NONE, Candidate, CostBasis, candidates_of
from capsim.planner.circumstances import circumstances
from capsim.planner.headroom import Headroom, headroom
from capsim.planner.limits import Limits
from capsim.planner.search import Asked, Search, Survive, Told, survive_of
from capsim.planner.slopes import Slope, slopes
from capsim.processes import Workers
from capsim.scenario.grid import Grid
from capsim.units import NS_PER_S

SCHEMA = "capsim.plan/1"


@dataclass(frozen=True)
class Plan:
    """The answer to "what is the cheapest that meets it?".

    Attributes:
        scenario: its name.
        objective_s: statistic to the latency to keep below; of a class `CLASS.p99`.
        required: the probability with which it must be met.
        cost_basis: what cheaper means; servers are counted where there are no prices.
        candidates: the whole grid, in its order.
        best: the cheapest that meets the objective; among equals the one farthest below it.
        next_cheaper: the dearest of those cheaper than the best, the closest among equals.
        closest: where none meets it, the one that fails by least.
        headroom: how much load the best one bears.
        least: where none meets it and formulas rule out the most servers of the grid, the fewest that they do not;
            nothing where more than the servers of one pool vary.
        frontier: the stable simulated ones to which no other is both cheaper and quicker, by cost.
        warnings: what is doubtful about the best one's answer, or about that of the closest.
        survive: what the loss of servers costs, where the answer has to bear it.
        usd_per_ms: what a millisecond of p99 costs along the frontier; nothing without prices.
    """

    scenario: str
    objective_s: dict[str, float]
    required: float
    cost_basis: CostBasis
    candidates: Sequence[Candidate]
    best: Candidate | None
    next_cheaper: Candidate | None
    closest: Candidate | None
    headroom: Headroom | None
    frontier: Sequence[Candidate]
    least: Mapping[str, int] | None = None
    warnings: Sequence[CodedWarning] = ()
    survive: Survive | None = None
    usd_per_ms: Sequence[Slope] = ()

    @property
    def why_not(self) -> list[dict[str, Any]]:
        """Why each setting that costs less than the answer, or any where there is none, does not do."""
        most = None if self.best is None else self.best.cost(self.cost_basis)
        fail = [c for c in self.candidates if c.met is False and (most is None or c.cost(self.cost_basis) <= most)]
        return [
            {"settings": c.settings, "usd_per_hour": c.usd_per_hour, "servers": c.servers, "reason": c.reason}
            for c in fail
        ]

    @property
    def all_met(self) -> bool:
        """Whether there is an answer."""
        return self.best is not None

    def to_dict(self) -> dict[str, Any]:
        """What `capsim plan --json` prints."""
        return {"schema": SCHEMA, **asdict(self), "why_not": self.why_not}


def plan(
    grid: Grid,
    required: float = 0.95,
    workers: int | None = None,
    engine: str = "auto",
    told: Told | None = None,
    *,
    everything: bool = False,
    bears: bool = True,
    limits: Limits = NONE,
) -> Plan:
    """The cheapest setting of a grid that meets its objective with the required probability.

    Args:
        grid: the settings to choose from.
        required: the least probability, below 1.
        workers: how many processes; the answer does not depend on it. By default one, and all processors once
            that has taken so long that starting others is worth it.
        engine: as for `simulate`.
        told: called as settings are simulated.
        everything: simulate the dearer settings too, for the whole frontier.
        bears: find out how much more load the best one bears.
        limits: what a setting has to hold besides its objective.

    Raises:
        InputError: no objective, prices of some pools only, a combination that is not valid, or what is varied
            cannot be chosen, see `plans`.
    """
    _check_choices(grid)
    considered, possible, basis = candidates_of(grid, limits)
    asked = Asked(limits, required, engine, told)
    search = Search({candidate.number: candidate for candidate in considered}, possible, basis, asked)
    search.run(Workers(workers), everything=everything)
    candidates, best = [search.judged[number] for number in sorted(search.judged)], search.best
    frontier = _frontier(candidates, basis)
    return Plan(
        scenario=grid.base.name,
        objective_s={name: target / NS_PER_S for name, target in grid.base.targets_ns().items()},
        required=required,
        cost_basis=basis,
        candidates=candidates,
        best=best,
        next_cheaper=None if best is None else _next_cheaper(candidates, best, basis),
        closest=None if best is not None else min(candidates, key=_failing),
        headroom=headroom(possible[best.number], asked.meets) if best and bears else None,
        frontier=frontier,
        least=fewest_servers(grid) if best is None else None,
        warnings=(best or min(candidates, key=_failing)).warnings,
        survive=survive_of(limits.survive, best, search.without_spare),
        usd_per_ms=slopes(frontier, search.results),
    )


def _check_choices(grid: Grid) -> None:
    given = circumstances(grid)
    if given:
        said = "cannot be chosen, so that there is a plan for each of its values: see plans()"
        raise InputError("the grid", [Fault(variable.path, said) for variable in given])


def _next_cheaper(candidates: Sequence[Candidate], best: Candidate, basis: CostBasis) -> Candidate | None:
    cheaper = [candidate for candidate in candidates if candidate.cost(basis) < best.cost(basis)]
    return min(cheaper, key=lambda candidate: (-candidate.cost(basis), _failing(candidate)), default=None)


def _failing(candidate: Candidate) -> tuple[int, float, int]:
    """How badly it fails: stable before saturated before ruled out, then by the excess."""
    worst = {"stable": 0, "saturated": 1, "metastable": 1, None: 2}[candidate.verdict]
    excess = candidate.excess if candidate.excess is not None else float("inf")
    return worst, excess, -candidate.servers if worst == 2 else candidate.number


def _frontier(candidates: Sequence[Candidate], basis: CostBasis) -> list[Candidate]:
    known = [c for c in candidates if c.p99_s is not None and c.verdict == "stable"]
    frontier: list[Candidate] = []
    for candidate in sorted(known, key=lambda c: (c.cost(basis), c.p99_s, c.number)):
        if not frontier or (candidate.p99_s or 0.0) < (frontier[-1].p99_s or 0.0):
            frontier.append(candidate)
    return frontier
