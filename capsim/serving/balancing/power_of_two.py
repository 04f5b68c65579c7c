"""The better of two queues drawn at random."""

from __future__ import annotations

from collections.abc import MutableSequence, Sequence
from typing import Literal

from capsim.parameters import parameters
from capsim.serving.balancer import Balancer
from capsim.serving.rule import BalancingRule


@parameters
class Parameters(Balancer):
    """Requests go to the less loaded of two different queues drawn at random.

    Mitzenmacher, "The power of two choices in randomized load balancing", IEEE TPDS 12(10), 2001.
    """

    policy: Literal["power_of_two"]
    """Which balancer."""


def choose(
    queues: Sequence[int],
    load: Sequence[int],
    shares: Sequence[float],
    u: float,
    v: float,
    settings: Sequence[int],
    state: MutableSequence[int],
) -> int:
    """The less loaded of two; of equals the one drawn first."""
    count = len(queues)
    if count == 1:
        return queues[0]
    first = int(u * count)
    second = int(v * (count - 1))
    if second >= first:
        second += 1
    if load[queues[second]] < load[queues[first]]:
        return queues[second]
    return queues[first]


RULE = BalancingRule(choose, uniforms=2, division="by room")
