"""A token bucket: who finds a token comes in."""

from __future__ import annotations

from typing import Literal

from capsim.parameters import PositiveInt, parameters
from capsim.serving.rule import DOOR, AdmissionRule, Settings, State
from capsim.units import NS_PER_S, Rate

PARTS = 64
"""Of a nanosecond, so that a rate of a million a second is kept to a few in a million."""


@parameters
class Parameters:
    """Tokens come at a rate, up to a number; a request takes one, or is turned away at the pool's door."""

    policy: Literal["token_bucket"]
    """Which rule."""
    rate: Rate
    """How many requests per unit of time are let in, in the long run."""
    burst: PositiveInt = 1
    """Most tokens at once: so many requests are let in together after a pause."""

    def lower(self) -> tuple[int, ...]:
        """Time from token to token in parts of a ns, and how many there are at most."""
        return max(1, round(NS_PER_S * PARTS / self.rate)), self.burst


def admit(now_ns: int, sent_ns: int, since_ns: int, inside: int, behind: int, settings: Settings, state: State) -> int:
    """Whether there is a token. State: when the bucket would be full again, in parts of a ns.

    This is the virtual scheduling form of the generic cell rate algorithm (ITU-T I.371, annex A), which needs no clock
    of its own.
    """
    every, burst = settings[0], settings[1]
    full = max(state[0], now_ns * PARTS) + every
    if full > now_ns * PARTS + every * burst:
        return 0
    state[0] = full
    return 1


RULE = AdmissionRule(admit, at=DOOR)
