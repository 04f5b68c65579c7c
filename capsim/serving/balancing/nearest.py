"""The nearest pool that has room."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from capsim.parameters import PositiveInt, parameters
from capsim.serving.balancer import Balancer
from capsim.serving.room import choose, groups
from capsim.serving.rule import BalancingRule
from capsim.units import Duration


@parameters
class Parameters(Balancer):
    """Requests go to the nearest pool that has room; where none has, to the nearest.

    Pools that are equally near are one: the least loaded queue of them all is taken.
    """

    policy: Literal["nearest"]
    """Which balancer."""
    latency: Annotated[dict[str, Duration], Field(min_length=1)]
    """Pool to how far away it is, one way; one that is not named is right here."""
    most: PositiveInt | None = None
    """How many requests per server may be unanswered where there is room; any number unless given."""


def lower(given: Parameters, pools: Sequence[str], unit: int) -> tuple[int, ...]:
    """A group for each distance, and the nearest once more."""
    away = [given.latency.get(name, 0) for name in pools]
    by_distance = [[place for place, other in enumerate(away) if other == far] for far in sorted(set(away))]
    limit = None if given.most is None else given.most * unit
    return groups([*by_distance, by_distance[0]], [*[limit] * len(by_distance), None])


def doubts(given: Parameters, pools: Sequence[str]) -> list[tuple[str, str]]:
    """That nobody spends the distances."""
    far = [name for name in pools if given.latency.get(name, 0)]
    said = f"latency orders the pools, and requests do not spend it on the way to {', '.join(far)}"
    return [("distance_not_added", said)] if far else []


RULE = BalancingRule(choose, lower=lower, doubts=doubts)
