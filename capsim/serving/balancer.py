"""What all balancers are told: how old the loads are that they compare."""

from __future__ import annotations

from capsim.parameters import parameters
from capsim.units import Duration, PositiveDuration


@parameters
class Sees:
    """What a balancer knows of the servers."""

    lag: PositiveDuration | None = None
    """How old the loads are that it compares; as they are unless given."""
    health_lag: Duration = 0
    """How late it learns that all servers of a queue are down, or that one is back: until then requests still go there,
    then those that wait there are balanced anew."""

    def __post_init__(self) -> None:
        """Refuse one that sees everything at once."""
        if self.lag is None and not self.health_lag:
            raise ValueError("needs lag or health_lag")


@parameters
class Balancer:
    """What can be said of every balancer."""

    sees: Sees | None = None
    """How late it sees loads; at once unless given."""
