"""The answers to all combinations of a grid."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass

from capsim.processes import expected_requests, simulate_all
from capsim.scenario import Scenario
from capsim.scenario.grid import Grid
from capsim.simulation import simulate
from capsim.sweep.cells import Cell, cell_of
from capsim.sweep.journal import Journal, key_of
from capsim.units import NS_PER_S

SAMPLED = 50
PROBE_REQUESTS = 5_000

Told = Callable[[Cell, float], None]
"""Told a cell that is done, and about how many requests it took."""


@dataclass(frozen=True)
class Effort:
    """What a grid takes.

    Attributes:
        cells: how many combinations.
        requests: about how many requests are simulated.
        seconds: about how long that takes.
    """

    cells: int
    requests: float
    seconds: float


def estimate(grid: Grid, workers: int, engine: str = "auto") -> Effort:
    """What simulating a grid takes, from evenly spread combinations and the speed of the middle one."""
    count = min(SAMPLED, len(grid))
    picked = [grid.scenario(i * (len(grid) - 1) // max(count - 1, 1)) for i in range(count)]
    requests = sum(map(expected_requests, picked)) / count * len(grid)
    probed = _shorter(picked[count // 2])
    simulate(_shorter(probed, 10), engine)
    started = time.perf_counter()
    result = simulate(probed, engine)
    spent_s = time.perf_counter() - started
    each_s = spent_s / max(result.provenance["requests_simulated"], 1)
    return Effort(len(grid), requests, requests * each_s / min(workers, len(grid)))


def _shorter(scenario: Scenario, times: float = 1.0) -> Scenario:
    """The scenario cut to one replication of some thousand requests."""
    alone = scenario.model_copy(update={"run": scenario.run.model_copy(update={"replications": 1, "precision": None})})
    share = min(1.0, PROBE_REQUESTS / times / max(expected_requests(alone), 1e-9))
    horizon = max(int(alone.run.horizon * share), NS_PER_S // 1000)
    run = alone.run.model_copy(update={"horizon": horizon, "warmup": "auto"})
    return alone.model_copy(update={"run": run})


def sweep(
    grid: Grid, workers: int = 1, engine: str = "auto", journal: Journal | None = None, told: Told | None = None
) -> list[Cell]:
    """A cell for each combination, in the order of the grid.

    Args:
        grid: what to simulate.
        workers: how many processes; the answer does not depend on it.
        engine: as for `simulate`.
        journal: where finished cells are kept, and found again.
        told: called after each cell.

    Raises:
        InputError: a combination is not valid, or the journal cannot be written.
    """
    cells: dict[int, Cell] = {}
    keys: dict[int, str] = {}
    sizes: dict[int, float] = {}

    def take(number: int, cell: Cell) -> None:
        cells[number] = cell
        if told is not None:
            told(cell, sizes.pop(number))

    def missing() -> Iterator[tuple[int, Scenario]]:
        for number, scenario in enumerate(grid.scenarios()):
            sizes[number] = expected_requests(scenario)
            if journal is not None:
                keys[number] = key_of(scenario, engine)
                answer = journal.find(keys[number])
                if answer is not None:
                    take(number, Cell(grid.settings(number), answer))
                    continue
            yield number, scenario

    with closing(simulate_all(missing(), workers, engine)) as answers:
        for number, result in answers:
            cell = cell_of(grid.settings(number), result)
            if journal is not None:
                journal.append(keys.pop(number), cell.answer)
            take(number, cell)
    return [cells[number] for number in range(len(grid))]
