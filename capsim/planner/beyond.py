"""How many servers it takes at least, where those of a grid are too few."""

from __future__ import annotations

from capsim.errors import InputError
from capsim.planner.bounds import impossible
from capsim.scenario import Scenario
from capsim.scenario.grid import Grid, Variable
from capsim.scenario.load import scenario_of
from capsim.scenario.overrides import override
from capsim.scenario.rules import MOST_SERVERS


def fewest_servers(grid: Grid) -> dict[str, int] | None:
    """The path that a grid varies and the fewest servers that no formula rules out, above those that it has.

    Nothing where the grid varies anything but the servers of a pool, where formulas do not rule out its most, or
    where they rule out any number.
    """
    if len(grid.variables) != 1 or grid.variables[0].at[-1] != "servers":
        return None
    variable = grid.variables[0]
    low = max(int(grid.settings(cell)[variable.path]) for cell in range(len(grid)))
    if not _ruled_out(grid, variable, low):
        return None
    high = low
    while _ruled_out(grid, variable, high):
        low, high = high, 2 * high
        if high > MOST_SERVERS:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _ruled_out(grid, variable, middle) else (low, middle)
    return {variable.path: high}


def _ruled_out(grid: Grid, variable: Variable, servers: int) -> bool:
    scenario = _with(grid, variable, servers)
    return scenario is None or impossible(scenario) is not None


def _with(grid: Grid, variable: Variable, servers: int) -> Scenario | None:
    try:
        return scenario_of(override(grid.document, [f"{variable.path}={servers}"]))
    except InputError:
        return None
