"""The servers of every future, month by month, and what is paid for them; all futures at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from capsim.costing.staircase import Staircase
from capsim.forecasting.buying import Payment

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Policy:
    """How the fleet follows demand.

    Attributes:
        lead_months: from an order to the servers, of those that are bought or committed to.
        growth: of the logarithm of demand in a month, which orders look ahead by.
        margin: more demand than expected that orders provide for, as a fraction.
        spare: blocks kept beyond what is needed.
    """

    lead_months: int
    growth: float
    margin: float
    spare: int


@dataclass(frozen=True)
class Others:
    """What is paid for besides the servers (US dollars per month).

    Attributes:
        fixed: whatever comes.
        per_request_s: for each request per second of demand.
        per_block: for each block of servers.
    """

    fixed: float
    per_request_s: float
    per_block: float


@dataclass(frozen=True)
class Money:
    """What is paid in each future and month (US dollars).

    Attributes:
        servers: that are there, all pools together.
        short: whether fewer are there than demand needs.
        cash: paid in the month.
        amortised: the month's share of what its servers cost.
    """

    servers: Counts
    short: NDArray[np.bool_]
    cash: Floats
    amortised: Floats


@dataclass(frozen=True)
class Fleet:
    """How the servers of a scenario are bought as demand grows.

    Attributes:
        stairs: how much load servers bear.
        today: blocks that are there at the start, paid for in the first month.
        policy: how the fleet follows demand.
        pools: how each pool of a block is paid for.
        others: what else is paid.
    """

    stairs: Staircase
    today: int
    policy: Policy
    pools: Sequence[Payment]
    others: Others

    def money(self, demand: Floats, busiest: Floats, prices: Floats) -> Money:
        """The servers and the money of each future.

        Args:
            demand: mean requests per second, future × month.
            busiest: those of the busiest hour, over what servers bear of what the staircase says.
            prices: of servers over those of today, future × month.
        """
        needed = self.stairs.blocks_for(busiest) + self.policy.spare
        other = self.others.fixed + self.others.per_request_s * demand + self.others.per_block * needed
        cash = np.asarray(other, dtype=np.float64)
        amortised, servers = cash.copy(), np.zeros_like(needed)
        short = np.zeros(needed.shape, np.bool_)
        for pool in self.pools:
            bought = self.bought(needed, busiest, pool.life_months)
            blocks = needed if pool.life_months == 0 else alive(bought, pool.life_months)
            paid = bought * prices
            # What is rented costs what the month says, what is committed to what it cost then, and power stays.
            of_today = blocks * prices if pool.life_months == 0 else alive(paid, pool.life_months)
            running = (blocks if pool.kind == "own" else of_today) * pool.usd_per_month
            cash += running + paid * pool.upfront_usd - gone(bought, pool.life_months) * pool.salvage_usd
            amortised += running + alive(paid, pool.life_months) * pool.capital_usd_per_month
            servers += blocks * self.stairs.block[pool.pool]
            short |= blocks < needed
        return Money(servers, short, cash, amortised)

    def bought(self, needed: Counts, busiest: Floats, life: int) -> Counts:
        """Blocks that come, by future and month; none of what is paid for by the hour, which follows at once."""
        bought = np.zeros_like(needed)
        if life == 0:
            return bought
        lead, wanted = self.policy.lead_months, self.wanted(busiest)
        there = bought[:, 0] = np.maximum(wanted[:, 0], self.today) if lead == 0 else np.full(len(needed), self.today)
        for month in range(1, needed.shape[1]):
            if month >= life:
                there = there - bought[:, month - life]
            if month >= min(lead, life):
                bought[:, month] = np.maximum(wanted[:, month] - there, 0)
                there = there + bought[:, month]
        return bought

    def wanted(self, busiest: Floats) -> Counts:
        """What orders that come in a month provide for: the demand of their day, with the growth until then."""
        policy, lead = self.policy, self.policy.lead_months
        seen = busiest
        if lead:
            seen = np.concatenate([np.repeat(busiest[:, :1], lead, axis=1), busiest], axis=1)[:, : busiest.shape[1]]
        return self.stairs.blocks_for(seen * np.exp(policy.growth * lead) * (1 + policy.margin)) + policy.spare


def alive(bought: NDArray[Any], life: int) -> NDArray[Any]:
    """What has come and not yet gone, by future and month."""
    come = np.cumsum(bought, axis=1)
    come[:, life:] -= come[:, :-life].copy() if life else come
    return come


def gone(bought: Counts, life: int) -> Counts:
    """What goes in each month."""
    gone = np.zeros_like(bought)
    if 0 < life < bought.shape[1]:
        gone[:, life:] = bought[:, :-life]
    return gone
