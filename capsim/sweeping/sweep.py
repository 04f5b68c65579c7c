"""The answers to all combinations of a grid."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing

from capsim.processes import simulate_all
from capsim.scenario import Scenario
from capsim.scenario.demand import expected_requests
from capsim.scenario.grid import Grid
from capsim.sweeping.cells import Cell, cell_of
from capsim.sweeping.journal import Journal, key_of

Told = Callable[[Cell, float], None]
"""Told a cell that is done, and about how many requests it took."""


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
