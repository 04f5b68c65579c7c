"""Any queue, each as likely."""

from __future__ import annotations

from collections.abc import MutableSequence, Sequence
from typing import Literal

from capsim.parameters import parameters
from capsim.serving.balancer import Balancer
from capsim.serving.rule import BalancingRule


@parameters
class Parameters(Balancer):
    """Requests go to a queue drawn at random, each as likely."""

    policy: Literal["random"]
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
    """The queue at the uniform."""
    return queues[int(u * len(queues))]


RULE = BalancingRule(choose, uniforms=1, division="alike")
