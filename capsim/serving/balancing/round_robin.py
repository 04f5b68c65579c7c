"""Each queue in turn."""

from __future__ import annotations

from collections.abc import MutableSequence, Sequence
from typing import Literal

from capsim.parameters import parameters
from capsim.serving.balancer import Balancer
from capsim.serving.rule import BalancingRule

NEXT = 0
"""The cell of whose turn it is."""


@parameters
class Parameters(Balancer):
    """Requests go to the queues in turn."""

    policy: Literal["round_robin"]
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
    """The queue after the one chosen last."""
    # There are fewer queues while some have no server.
    turn = state[NEXT] if state[NEXT] < len(queues) else 0
    state[NEXT] = turn + 1 if turn + 1 < len(queues) else 0
    return queues[turn]


RULE = BalancingRule(choose, division="alike")
