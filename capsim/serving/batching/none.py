"""No batching: one request at a time."""

from __future__ import annotations

from collections.abc import MutableSequence, Sequence
from typing import Literal

from capsim.parameters import parameters
from capsim.serving.rule import BatchingRule
from capsim.units import NEVER


@parameters
class Parameters:
    """Each request is served alone."""

    policy: Literal["none"]
    """Which policy."""

    def most_requests(self, items_per_request: int) -> int:
        """The largest batch in requests."""
        return 1

    def lower(self, items_per_request: int, instances: int) -> tuple[int, ...]:
        """The integers that `decide` reads."""
        return ()


def decide(
    now_ns: int,
    waiting: int,
    oldest_ns: int,
    idle: int,
    ahead: int,
    settings: Sequence[int],
    state: MutableSequence[int],
) -> tuple[int, int]:
    """The oldest request leaves as soon as an instance is idle."""
    if idle > 0 and waiting > 0:
        return 1, NEVER
    return 0, NEVER


RULE = BatchingRule(decide)
