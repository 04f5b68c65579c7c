"""A limit of requests in a pool at once."""

from __future__ import annotations

from typing import Literal

from capsim.parameters import PositiveInt, parameters
from capsim.serving.rule import DOOR, AdmissionRule, Settings, State


@parameters
class Parameters:
    """A request is turned away at the pool's door while so many are inside: in front ends, waiting or in service."""

    policy: Literal["concurrency"]
    """Which rule."""
    most: PositiveInt
    """Most requests in the pool."""

    def lower(self) -> tuple[int, ...]:
        """The limit."""
        return (self.most,)


def admit(now_ns: int, sent_ns: int, since_ns: int, inside: int, behind: int, settings: Settings, state: State) -> int:
    """Whether there is room for one more."""
    return 1 if inside < settings[0] else 0


RULE = AdmissionRule(admit, at=DOOR)
