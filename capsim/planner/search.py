"""Settings simulated in the order of cost until one does, and all that it was found by."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any

from capsim.planner.bounds import impossible
from capsim.planner.candidates import Candidate, CostBasis
from capsim.planner.limits import Limits
from capsim.processes import Workers, simulate_all
from capsim.scenario import Scenario
from capsim.scenario.demand import expected_requests
from capsim.simulation import simulate
from capsim.stats import Result

Told = Callable[[str, int], None]
"""Told what was simulated, and how many settings may still have to be."""
BLANK = Candidate(0, {}, None, 0)


@dataclass(frozen=True)
class Survive:
    """The spare that lets servers fail.

    Attributes:
        servers: how many of any one pool may fail.
        without: the settings of the cheapest that meets the objective while none does.
        spare_servers: how many servers more the answer has.
        spare_usd_per_hour: what it costs more; nothing without prices.
    """

    servers: int
    without: Mapping[str, Any] | None
    spare_servers: int | None
    spare_usd_per_hour: float | None


def survive_of(servers: int, best: Candidate | None, without: Candidate | None) -> Survive | None:
    """What the spare costs; nothing where nothing may fail."""
    if not servers:
        return None
    if best is None or without is None:
        return Survive(servers, None if without is None else without.settings, None, None)
    priced = best.usd_per_hour is not None and without.usd_per_hour is not None
    more = round((best.usd_per_hour or 0.0) - (without.usd_per_hour or 0.0), 9) if priced else None
    return Survive(servers, without.settings, best.servers - without.servers, more)


@dataclass(frozen=True)
class Asked:
    """What a setting is asked for.

    Attributes:
        limits: what it has to hold besides its objective.
        required: the least probability.
        engine: which one simulates.
        told: called as settings are simulated.
    """

    limits: Limits
    required: float
    engine: str
    told: Told | None

    def tell(self, what: str, most: int) -> None:
        """Tell what was simulated."""
        if self.told is not None:
            self.told(what, most)

    def meets(self, scenario: Scenario) -> bool:
        """Whether a setting under another load holds all."""
        self.tell("load", round(expected_requests(scenario)))
        result = simulate(scenario, self.engine, counted=True)
        return bool(BLANK.judged(result, self.required, self.limits).met) and self.lost(scenario) is None

    def lost(self, scenario: Scenario) -> str | None:
        """Why a setting does not bear the loss of servers; nothing where it does."""
        for pool, left in self.limits.failures(scenario):
            if left is None:
                return f"pool {pool.name} has {pool.servers}, and {self.limits.survive} may fail"
            reason = impossible(left)
            if reason is None:
                self.tell("failure", 0)
                reason = BLANK.judged(simulate(left, self.engine, counted=True), self.required).reason
            if reason is not None:
                return f"with {self.limits.down(pool)}: {reason}"
        return None


@dataclass
class Search:
    """The settings, and what is known of them so far.

    Attributes:
        judged: number to setting.
        possible: those that no formula rules out.
        basis: what cheaper means.
        asked: what they are asked for.
        best: the cheapest that does.
        without_spare: the cheapest that does while no server fails.
        results: the answers to those that were simulated, without rows.
    """

    judged: dict[int, Candidate]
    possible: Mapping[int, Scenario]
    basis: CostBasis
    asked: Asked
    best: Candidate | None = None
    without_spare: Candidate | None = None
    results: dict[int, Result] = field(default_factory=dict)

    def run(self, workers: Workers, *, everything: bool) -> None:
        """Simulate until one does; with `everything` the dearer ones too."""
        for chunk in _chunks([self.judged[number] for number in self.possible], self.basis, workers):
            if self.best is not None and not everything:
                break
            answers = self._simulated(chunk, workers)
            if self.best is None:
                self.best = self._first(answers)
            # What ran beside the answer and costs more is left out, as it depends on the number of workers.
            most = None if self.best is None or everything else self.best.cost(self.basis)
            self.judged |= {n: each for n, each in answers.items() if most is None or each.cost(self.basis) <= most}

    def _simulated(self, chunk: Sequence[Candidate], workers: Workers) -> dict[int, Candidate]:
        scenarios, answers = [(each.number, self.possible[each.number]) for each in chunk], dict[int, Candidate]()
        at_once = workers() if len(scenarios) > 1 else 1
        with closing(simulate_all(scenarios, at_once, self.asked.engine)) as results:
            for number, result in results:
                answers[number] = self.judged[number].judged(result, self.asked.required, self.asked.limits)
                self.results[number] = result
                self.asked.tell("setting", len(self.possible))
        return answers

    def _first(self, answers: dict[int, Candidate]) -> Candidate | None:
        """The cheapest that meets the objective, also without the servers that may fail; others are marked."""
        met = [answer for answer in answers.values() if answer.met]
        for answer in sorted(met, key=lambda each: (each.cost(self.basis), each.excess, each.number)):
            self.without_spare = self.without_spare or answer
            reason = self.asked.lost(self.possible[answer.number])
            if reason is None:
                return answer
            answers[answer.number] = replace(answer, met=False, reason=reason)
        return None


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
