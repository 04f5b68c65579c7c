"""The cheapest setting that meets the objective: formulas first, then simulation in the order of cost.

Nothing is taken for granted about which setting is better: each one that is cheaper than the answer was either
ruled out by a formula or simulated.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from typing import Any

from capsim.errors import CodedWarning, Fault, InputError
from capsim.planner.beyond import fewest_servers
from capsim.planner.candidates import Candidate, CostBasis, candidates_of
from capsim.planner.circumstances import circumstances
from capsim.planner.headroom import Headroom, headroom
from capsim.processes import Workers, simulate_all
from capsim.scenario import Scenario
from capsim.scenario.demand import expected_requests
from capsim.scenario.grid import Grid
from capsim.simulation import simulate

SCHEMA = "capsim.plan/1"

Told = Callable[[str, int], None]
"""Told what was simulated, and how many settings may still have to be."""


@dataclass(frozen=True)
class Plan:
    """The answer to "what is the cheapest that meets it?".

    Attributes:
        scenario: its name.
        objective_s: statistic to the latency to keep below.
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

    @property
    def all_met(self) -> bool:
        """Whether there is an answer."""
        return self.best is not None

    def to_dict(self) -> dict[str, Any]:
        """What `capsim plan --json` prints."""
        return {"schema": SCHEMA, **asdict(self)}


def plan(
    grid: Grid,
    required: float = 0.95,
    workers: int | None = None,
    engine: str = "auto",
    told: Told | None = None,
    *,
    everything: bool = False,
    bears: bool = True,
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

    Raises:
        InputError: no objective, prices of some pools only, a combination that is not valid, or what is varied
            cannot be chosen, see `plans`.
    """
    _check_choices(grid)
    considered, possible, basis = candidates_of(grid)
    judged = {candidate.number: candidate for candidate in considered}
    best: Candidate | None = None
    at_once = Workers(workers)
    for chunk in _chunks([judged[number] for number in possible], basis, at_once):
        if best is not None and not everything:
            break
        scenarios, answers = [(each.number, possible[each.number]) for each in chunk], dict[int, Candidate]()
        with closing(simulate_all(scenarios, at_once() if len(scenarios) > 1 else 1, engine)) as results:
            for number, result in results:
                answers[number] = judged[number].judged(result, required)
                if told is not None:
                    told("setting", len(possible))
        if best is None:
            best = _cheapest(answers.values(), basis)
        # What ran beside the answer and costs more is left out, as it depends on the number of workers.
        most = None if best is None or everything else best.cost(basis)
        judged |= {n: answer for n, answer in answers.items() if most is None or answer.cost(basis) <= most}
    candidates = [judged[number] for number in sorted(judged)]
    return Plan(
        scenario=grid.base.name,
        objective_s={} if grid.base.objective is None else _targets_s(grid.base),
        required=required,
        cost_basis=basis,
        candidates=candidates,
        best=best,
        next_cheaper=None if best is None else _next_cheaper(candidates, best, basis),
        closest=None if best is not None else min(candidates, key=_failing),
        headroom=headroom(possible[best.number], _meets(required, engine, told)) if best and bears else None,
        frontier=_frontier(candidates, basis),
        least=fewest_servers(grid) if best is None else None,
        warnings=(best or min(candidates, key=_failing)).warnings,
    )


def _check_choices(grid: Grid) -> None:
    given = circumstances(grid)
    if given:
        said = "cannot be chosen, so that there is a plan for each of its values: see plans()"
        raise InputError("the grid", [Fault(variable.path, said) for variable in given])


def _targets_s(scenario: Scenario) -> dict[str, float]:
    assert scenario.objective is not None, "asked before"  # noqa: S101
    return {name: target / 1e9 for name, target in scenario.objective.targets_ns().items()}


def _chunks(possible: Sequence[Candidate], basis: CostBasis, workers: Workers) -> Iterator[list[Candidate]]:
    """The candidates by cost, all of one cost together, and at least as many as there are workers."""
    by_cost = sorted(possible, key=lambda candidate: (candidate.cost(basis), candidate.number))
    chunk: list[Candidate] = []
    for _, level in itertools.groupby(by_cost, key=lambda candidate: candidate.cost(basis)):
        chunk += level
        if len(chunk) >= workers():
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _cheapest(answers: Any, basis: CostBasis) -> Candidate | None:
    met = [answer for answer in answers if answer.met]
    return min(met, key=lambda answer: (answer.cost(basis), answer.excess, answer.number), default=None)


def _next_cheaper(candidates: Sequence[Candidate], best: Candidate, basis: CostBasis) -> Candidate | None:
    cheaper = [candidate for candidate in candidates if candidate.cost(basis) < best.cost(basis)]
    return min(cheaper, key=lambda candidate: (-candidate.cost(basis), _failing(candidate)), default=None)


def _failing(candidate: Candidate) -> tuple[int, float, int]:
    """How badly it fails: stable before saturated before ruled out, then by the excess."""
    worst = {"stable": 0, "saturated": 1, None: 2}[candidate.verdict]
    excess = candidate.excess if candidate.excess is not None else float("inf")
    return worst, excess, -candidate.servers if worst == 2 else candidate.number


def _frontier(candidates: Sequence[Candidate], basis: CostBasis) -> list[Candidate]:
    known = [c for c in candidates if c.p99_s is not None and c.verdict == "stable"]
    frontier: list[Candidate] = []
    for candidate in sorted(known, key=lambda c: (c.cost(basis), c.p99_s, c.number)):
        if not frontier or (candidate.p99_s or 0.0) < (frontier[-1].p99_s or 0.0):
            frontier.append(candidate)
    return frontier


def _meets(required: float, engine: str, told: Told | None) -> Callable[[Scenario], bool]:
    blank = Candidate(0, {}, None, 0)

    def meets(scenario: Scenario) -> bool:
        if told is not None:
            told("load", round(expected_requests(scenario)))
        return bool(blank.judged(simulate(scenario, engine, counted=True), required).met)

    return meets
