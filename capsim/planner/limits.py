"""What a setting has to hold besides its objective: a budget, use, power, and the loss of servers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from capsim.prices import HOURS_PER_MONTH, OfferPrice, OwnPrice
from capsim.prices.power import watts_of
from capsim.scenario import Pool, Scenario
from capsim.scenario.planning import Planning
from capsim.stats import Result

ROUNDING = 1e-12


@dataclass(frozen=True)
class Limits:
    """What a setting has to hold.

    Attributes:
        survive: how many servers of any one pool may fail, the objective still being met.
        most_usd_per_hour: of all servers.
        most_utilisation: of any pool, as a fraction.
        most_watts: of all servers while they are busy.
    """

    survive: int = 0
    most_usd_per_hour: float | None = None
    most_utilisation: float | None = None
    most_watts: float | None = None

    @classmethod
    def of(cls, planning: Planning | None, survive: int | None = None) -> Limits:
        """What the section `plan` of a scenario says; `survive` in place of what it says of that."""
        if planning is None:
            return cls(survive=survive or 0)
        lost = 0 if planning.survive is None else planning.survive.servers
        budget = None if planning.budget is None else planning.budget.hourly
        return cls(lost if survive is None else survive, budget, planning.utilisation, planning.watts)

    def excluded(self, scenario: Scenario, usd_per_hour: float | None) -> str | None:
        """Why a setting need not be simulated."""
        if self.above_budget(usd_per_hour) is not None:
            most = self.most_usd_per_hour or 0.0
            above = (usd_per_hour or 0.0) - most
            return f"costs ${above * HOURS_PER_MONTH:,.2f}/month more than the budget of ${most * HOURS_PER_MONTH:,.2f}"
        if self.most_watts is not None:
            drawn = watts(scenario)
            if isinstance(drawn, str):
                return f"its power is not known: {drawn}"
            if drawn > self.most_watts:
                return f"draws up to {drawn:,.0f} W, above {self.most_watts:,.0f} W"
        return None

    def above_budget(self, usd_per_hour: float | None) -> float | None:
        """How far a cost is above the budget, as a share; nothing where it is not."""
        most = self.most_usd_per_hour
        if most is None or usd_per_hour is None or usd_per_hour <= most * (1 + ROUNDING):
            return None
        return usd_per_hour / most - 1

    def failures(self, scenario: Scenario) -> Iterator[tuple[Pool, Scenario | None]]:
        """Each pool that may lose servers, and the scenario without them; nothing where none would be left."""
        if not self.survive:
            return
        for place, pool in enumerate(scenario.pools):
            if pool.servers <= self.survive:
                yield pool, None
                continue
            pools = list(scenario.pools)
            pools[place] = pool.model_copy(update={"servers": pool.servers - self.survive})
            yield pool, scenario.model_copy(update={"pools": pools})

    def down(self, pool: Pool) -> str:
        """What has failed, in words."""
        return f"{self.survive} server{'' if self.survive == 1 else 's'} of pool {pool.name} down"

    def too_busy(self, result: Result) -> str | None:
        """Which pool is busier than it may be."""
        if self.most_utilisation is None:
            return None
        for pool in result.pools:
            if pool.utilisation > self.most_utilisation:
                told = f"pool {pool.name} is busy {pool.utilisation:.1%} of the time, above {self.most_utilisation:.0%}"
                return told.replace("%", " %")
        return None


def watts(scenario: Scenario) -> float | str:
    """What all servers draw while they are busy (W), or why that is not known."""
    total = 0.0
    for pool in scenario.pools:
        price = pool.price
        power = price.own if isinstance(price, OwnPrice) else price
        if power is not None and power.watts_busy is not None:
            total += pool.servers * power.watts_busy * (power.pue or 1.0)
        elif isinstance(price, OfferPrice):
            drawn = watts_of(price.offer)
            if isinstance(drawn, str):
                return drawn
            total += pool.servers * drawn.busy * (price.pue or 1.0)
        else:
            return f"pools.{pool.name}.price has no watts_busy"
    return total
