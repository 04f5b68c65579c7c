"""Whether the system bears its load, and if not, which classes and pools do not."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from capsim.engine.blueprint import Blueprint
from capsim.scenario import Scenario
from capsim.scenario.demand import overload
from capsim.stats.classes import Share, grow
from capsim.stats.crowd import Crowd
from capsim.stats.metastable import Outlasting, outlasting
from capsim.stats.pools import overfull_pools
from capsim.stats.verdict import SIGNIFICANCE


@dataclass(frozen=True)
class Bearing:
    """What speaks against a system under its load.

    Attributes:
        saturated: it gets more than it bears, or more and more requests are in it.
        classes: those of which more and more requests are in the system.
        pools: those in whose queues more and more wait.
        stuck: a disturbance after which replications do not come back.
    """

    saturated: bool
    classes: Collection[int]
    pools: Collection[str]
    stuck: Outlasting | None

    @property
    def verdict(self) -> str:
        """In a word: what outlasts its cause comes before what it looks like."""
        if self.stuck is not None and self.stuck.most:
            return "metastable"
        return "saturated" if self.saturated else "stable"


def bearing(scenario: Scenario, blueprint: Blueprint, crowd: Crowd, shares: Sequence[Share]) -> Bearing:
    """What the requests of a scenario, all of them and those of each class, say of it."""
    growing, overfull = grow(shares), overfull_pools(blueprint, crowd)
    too_much = overload(scenario) is not None or crowd.grows(SIGNIFICANCE)
    stuck = outlasting(scenario, blueprint, shares, crowd.runs, crowd.start_ns)
    return Bearing(bool(too_much or growing or overfull), growing, overfull, stuck)
