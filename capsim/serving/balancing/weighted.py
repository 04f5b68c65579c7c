"""Pools by weight."""

from __future__ import annotations

from collections.abc import MutableSequence, Sequence
from typing import Annotated, Literal

from pydantic import Field

from capsim.parameters import Number, parameters
from capsim.serving.balancer import Balancer
from capsim.serving.rule import BalancingRule


@parameters
class Parameters(Balancer):
    """Requests go to a pool at random in proportion to its weight, and to its queues alike."""

    policy: Literal["weighted"]
    """Which balancer."""
    weights: Annotated[dict[str, Annotated[Number, Field(ge=0, le=1e9)]], Field(min_length=1)]
    """Pool to weight; a pool that is not named has weight 1, a weight of 0 sends nothing."""


def choose(
    queues: Sequence[int],
    load: Sequence[int],
    shares: Sequence[float],
    u: float,
    v: float,
    settings: Sequence[int],
    state: MutableSequence[int],
) -> int:
    """The first queue whose cumulative share exceeds the uniform."""
    low, high = 0, len(queues) - 1
    while low < high:
        middle = (low + high) // 2
        if u < shares[middle]:
            high = middle
        else:
            low = middle + 1
    return queues[low]


RULE = BalancingRule(choose, uniforms=1, weighted=True, division="by weight")
