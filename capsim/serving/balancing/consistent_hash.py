"""Requests of one key always to the same queue."""

from __future__ import annotations

from collections.abc import MutableSequence, Sequence
from typing import Literal

from capsim.parameters import parameters
from capsim.serving.balancer import Balancer
from capsim.serving.rule import BY_CLASS, BY_KEY, BalancingRule

MODULUS, FACTOR = 2**31 - 1, 48_271
"""Of the generator by Park, Miller and Stockmeyer, Communications of the ACM 36(7), 1993, which fits into 64 bits."""
BY = {"request": BY_KEY, "class": BY_CLASS}


@parameters
class Parameters(Balancer):
    """Requests of one key go to the same queue, each queue having as many keys; one more takes keys from all alike.

    Lamping and Veach, "A fast, minimal memory, consistent hash algorithm", 2014.
    """

    policy: Literal["consistent_hash"]
    """Which balancer."""
    key: Literal["request", "class"] = "request"
    """The request's key, each request having one of its own where the workload gives none; or its class."""


def choose(
    queues: Sequence[int],
    load: Sequence[int],
    shares: Sequence[float],
    u: float,
    v: float,
    settings: Sequence[int],
    state: MutableSequence[int],
) -> int:
    """The last of the jumps of a key that lands on a queue; they begin at the uniform of the key."""
    place, jump = 0, 0
    drawn = 1 + int(u * (MODULUS - 1))
    while jump < len(queues):
        place = jump
        drawn = drawn * FACTOR % MODULUS
        # To the first number of queues with which the key would lie elsewhere, with chance n / m beyond m of n.
        jump = int((place + 1) * (MODULUS / drawn))
    return queues[place]


RULE = BalancingRule(choose, uniforms=1, keyed=lambda given: BY[given.key])
