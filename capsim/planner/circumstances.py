"""What can be chosen, and what is as it is: nobody buys a load, a looser objective or a lower price."""

from __future__ import annotations

from capsim.scenario.grid import Grid, Variable

CHOSEN = ("pools", "route")
"""Sections of a scenario in which choices stand."""
GIVEN_OF_A_POOL = ("price", "noise", "jitter", "overhead", "sharing")
"""What a pool costs and what is known or assumed of its servers."""


def circumstances(grid: Grid) -> list[Variable]:
    """The variables of a grid that cannot be chosen; each of their values asks a question of its own."""
    return [variable for variable in grid.variables if not _chosen(variable)]


def _chosen(variable: Variable) -> bool:
    section, *below = variable.at
    if section not in CHOSEN:
        return False
    return section != "pools" or len(below) < 2 or below[1] not in GIVEN_OF_A_POOL
