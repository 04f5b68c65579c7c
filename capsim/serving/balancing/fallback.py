"""The first pool that has room."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from capsim.parameters import PositiveInt, parameters
from capsim.serving.balancer import Balancer
from capsim.serving.room import choose, groups
from capsim.serving.rule import BalancingRule


@parameters
class Parameters(Balancer):
    """Requests go to the first pool, as they are written, that has room, and there to its least loaded queue.

    Where none has room they go to the last.
    """

    policy: Literal["fallback"]
    """Which balancer."""
    most: Annotated[dict[str, PositiveInt], Field(min_length=1)]
    """Pool to how many requests per server may be unanswered; one that is not named always has room."""


def lower(given: Parameters, pools: Sequence[str], unit: int) -> tuple[int, ...]:
    """A group for each pool."""
    names = dict.fromkeys(pools)
    limits = [given.most[name] * unit if name in given.most else None for name in names]
    return groups([[place for place, of in enumerate(pools) if of == name] for name in names], limits)


def doubts(given: Parameters, pools: Sequence[str]) -> list[tuple[str, str]]:
    """Limits that limit nothing, and pools that no request falls back to."""
    unlimited = next((place for place, name in enumerate(pools[:-1]) if name not in given.most), None)
    last = [f"most of {pools[-1]}, the last pool, which takes what no other has room for"] * (pools[-1] in given.most)
    behind = [] if unlimited is None else pools[unlimited + 1 :]
    without = [*last, *(f"pool {name}, as {pools[unlimited or 0]} before it always has room" for name in behind)]
    return [("without_effect", f"without effect: {said}") for said in without]


RULE = BalancingRule(choose, lower=lower, doubts=doubts)
