"""What all balancers are told: how old the loads are that they compare."""

from __future__ import annotations

from capsim.parameters import parameters
from capsim.units import PositiveDuration


@parameters
class Sees:
    """What a balancer knows of the servers."""

    lag: PositiveDuration
    """How old the loads are that it compares."""


@parameters
class Balancer:
    """What can be said of every balancer."""

    sees: Sees | None = None
    """How late it sees loads; at once unless given."""
