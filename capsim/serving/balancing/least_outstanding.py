"""The queue with the fewest unanswered requests."""

from __future__ import annotations

from collections.abc import MutableSequence, Sequence
from typing import Literal

from capsim.parameters import parameters
from capsim.serving.balancer import Balancer
from capsim.serving.rule import BalancingRule


@parameters
class Parameters(Balancer):
    """Requests go where the fewest requests per server are unanswered; the first of equals."""

    policy: Literal["least_outstanding"]
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
    """The least loaded queue; of equals the first."""
    best = queues[0]
    for queue in queues:
        if load[queue] < load[best]:
            best = queue
    return best


RULE = BalancingRule(choose, least_loaded=True, division="by room")
