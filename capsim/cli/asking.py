"""What a large grid takes, said before it is simulated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from capsim.errors import Fault, InputError

if TYPE_CHECKING:
    from capsim.scenario.grid import Grid
    from capsim.sweeping import Effort

MOST_UNASKED = 10_000


def effort_of(grid: Grid, workers: int | None, engine: str, *, yes: bool) -> Effort:
    """What simulating a grid takes.

    Raises:
        InputError: it has more than 10,000 combinations, and `yes` was not said.
    """
    from capsim.sweeping import estimate

    effort = estimate(grid, workers, engine)
    if effort.cells > MOST_UNASKED and not yes:
        said = (
            f"makes {effort.cells:,} combinations, about {effort.requests:.2g} requests: "
            f"about {span(effort.seconds)} with {processes(effort.workers)}; vary less, or say --yes"
        )
        raise InputError("the grid", [Fault("--vary", said)])
    return effort


def processes(workers: int) -> str:
    """`1 process`, `8 processes`."""
    return f"{workers} process{'' if workers == 1 else 'es'}"


def span(seconds: float) -> str:
    """About how long: `40 s`, `12 min`, `3.4 h`, `25 days`."""
    if seconds < 90:
        return f"{max(seconds, 1):.0f} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min"
    if seconds < 48 * 3600:
        return f"{seconds / 3600:.1f} h"
    return f"{seconds / 86400:,.0f} days"
