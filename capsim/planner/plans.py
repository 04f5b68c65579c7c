"""A plan for every circumstance: loads, objectives and prices are not chosen, each of them has its own answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from capsim.planner.candidates import NONE
from capsim.planner.circumstances import circumstances
from capsim.planner.limits import Limits
from capsim.planner.plan import Plan, plan
from capsim.planner.search import Told
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
class Plans:
    """What to buy under each of several circumstances.

    Attributes:
        scenario: its name.
        given: the paths that are varied and cannot be chosen.
        answers: one for each combination of their values, in the order of the grid.
    """

    scenario: str
    given: Sequence[str]
    answers: Sequence[Answer]

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
        return {"schema": SCHEMA, "scenario": self.scenario, "given": list(self.given), "answers": answers}


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
    answers = [
        Answer(values, plan(rest, required, workers, engine, told, everything=everything, bears=bears, limits=limits))
        for values, rest in grid.fixed(given)
    ]
    return Plans(grid.base.name, [variable.path for variable in given], answers)
