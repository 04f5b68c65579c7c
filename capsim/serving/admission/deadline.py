"""A deadline: what nobody waits for any more is not served."""

from __future__ import annotations

from typing import Literal

from capsim.parameters import parameters
from capsim.serving.rule import LINE, AdmissionRule, Settings, State
from capsim.units import PositiveDuration


@parameters
class Parameters:
    """A request that was sent too long ago is turned away when a batch would take it."""

    policy: Literal["deadline"]
    """Which rule."""
    after: PositiveDuration
    """How long after being sent a request is not served any more."""

    def lower(self) -> tuple[int, ...]:
        """The time (ns)."""
        return (self.after,)


def admit(now_ns: int, sent_ns: int, since_ns: int, inside: int, behind: int, settings: Settings, state: State) -> int:
    """Whether the deadline is still to come."""
    return 1 if now_ns < sent_ns + settings[0] else 0


RULE = AdmissionRule(admit, at=LINE)
