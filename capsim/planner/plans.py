"""A plan for every circumstance: loads, objectives and prices are not chosen, each of them has its own answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from capsim.planner.candidates import NONE, Candidate
from capsim.planner.circumstances import circumstances
from capsim.planner.limits import Limits
from capsim.planner.plan import Plan, plan
from capsim.planner.search import Asked, Search, Told
from capsim.processes import Workers
from capsim.scenario.grid import Grid

SCHEMA = "capsim.plans/1"


@dataclass(frozen=True)
class Answer:
    """The plan under some circumstances.

    Attributes:
        given: path to value of what cannot be chosen.
        plan: the cheapest of what can.
    """

    given: Mapping[str, Any]
    plan: Plan


@dataclass(frozen=True)
class ForAll:
    """A setting that meets the objective under every circumstance.

    Attributes:
        settings: path to value.
        usd_per_hour: what its servers cost, at most; nothing without prices.
        servers: how many there are in all pools.
    """

    settings: Mapping[str, Any]
    usd_per_hour: float | None
    servers: int


@dataclass(frozen=True)
class Plans:
    """What to buy under each of several circumstances.

    Attributes:
        scenario: its name.
        given: the paths that are varied and cannot be chosen.
        answers: one for each combination of their values, in the order of the grid.
        best: of the settings that are the cheapest under some circumstance, the cheapest that does under all of them.
    """

    scenario: str
    given: Sequence[str]
    answers: Sequence[Answer]
    best: ForAll | None = None

    @property
    def all_met(self) -> bool:
        """Whether there is a setting that meets the objective under every circumstance."""
        return all(answer.plan.best is not None for answer in self.answers)

    def to_dict(self) -> dict[str, Any]:
        """What `capsim plan --json` prints where a load, an objective or a price is varied."""
        answers = []
        for answer in self.answers:
            told = answer.plan.to_dict()
            del told["schema"], told["scenario"]
            answers.append({"given": dict(answer.given), **told})
        best = None if self.best is None else asdict(self.best)
        return {
            "schema": SCHEMA,
            "scenario": self.scenario,
            "given": list(self.given),
            "best": best,
            "answers": answers,
        }


def plans(
    grid: Grid,
    required: float = 0.95,
    workers: int | None = None,
    engine: str = "auto",
    told: Told | None = None,
    *,
    everything: bool = False,
    limits: Limits = NONE,
) -> Plans:
    """A plan for each combination of those variables of a grid that cannot be chosen; arguments as for `plan`.

    Where the load is varied, how much more of it each plan bears is not looked for.

    Raises:
        InputError: as for `plan`.
    """
    given = circumstances(grid)
    bears = all(variable.at[0] != "workload" for variable in given)
    fixed = list(grid.fixed(given))
    answers = [
        Answer(values, plan(rest, required, workers, engine, told, everything=everything, bears=bears, limits=limits))
        for values, rest in fixed
    ]
    best = _for_all(answers, [rest for _, rest in fixed], Asked(limits, required, engine, told))
    return Plans(grid.base.name, [variable.path for variable in given], answers, best)


def _for_all(answers: Sequence[Answer], grids: Sequence[Grid], asked: Asked) -> ForAll | None:
    """The cheapest of the answers that does under every circumstance, each with the grid that is chosen from there."""
    numbers = {answer.plan.best.number for answer in answers if answer.plan.best is not None}
    if not all(answer.plan.best for answer in answers):
        return None
    same = [{number: answer.plan.candidates[number] for number in numbers} for answer in answers]
    basis = answers[0].plan.cost_basis
    most = {number: max(each[number].cost(basis) for each in same) for number in numbers}
    for number in sorted(numbers, key=lambda each: (most[each], each)):
        if all(_does(each[number], grid, asked) for each, grid in zip(same, grids, strict=True)):
            one = same[0][number]
            return ForAll(one.settings, most[number] if basis == "usd_per_hour" else None, one.servers)
    return None


def _does(candidate: Candidate, grid: Grid, asked: Asked) -> bool:
    """Whether a setting does, simulated where that was not needed before."""
    if candidate.met is not None:
        return candidate.met
    alone = Search({candidate.number: candidate}, {candidate.number: grid.scenario(candidate.number)}, "servers", asked)
    alone.run(Workers(1), everything=False)
    return alone.best is not None
