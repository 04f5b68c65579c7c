"""How the servers of a pool are paid for as months go by: by the hour, committed, or bought."""

from __future__ import annotations

from dataclasses import dataclass

from capsim.costing.terms import YEARS
from capsim.errors import Fault, InputError
from capsim.prices import HOURS_PER_MONTH, HOURS_PER_YEAR, AnyPrice, OfferPrice, OwnPrice
from capsim.prices.annuity import usd_per_year
from capsim.scenario import Scenario
from capsim.stats import Result


@dataclass(frozen=True)
class Payment:
    """What the servers of one pool in a block cost, at the prices of today.

    Attributes:
        pool: its name.
        kind: in words.
        upfront_usd: paid when they come.
        usd_per_month: paid while they are there.
        life_months: how long they stay at least, and are paid for; 0: they may go again each month.
        salvage_usd: got back at the end.
        capital_usd_per_month: what the payment at the start costs by the month of its life.
    """

    pool: str
    kind: str
    upfront_usd: float
    usd_per_month: float
    life_months: int
    salvage_usd: float
    capital_usd_per_month: float


def payments(scenario: Scenario, result: Result, block: dict[str, int]) -> list[Payment]:
    """How each pool of a block is paid for.

    Raises:
        InputError: a pool has no price.
    """
    missing = [pool.name for pool in scenario.pools if pool.price is None]
    if missing:
        said = "is needed to say what the servers cost"
        raise InputError(scenario.name, [Fault(f"pools.{name}.price", said) for name in missing])
    used = {pool.name: pool.utilisation for pool in result.pools}
    rate = scenario.costs.cost_of_capital or 0.0
    return [_payment(pool.name, pool.price, block[pool.name], used[pool.name], rate) for pool in scenario.pools]


def _payment(pool: str, price: AnyPrice | None, servers: int, utilisation: float, rate: float) -> Payment:
    if isinstance(price, OwnPrice):
        own = price.own
        capital = own.capital_usd_per_month
        running = own.usd_per_month_at(utilisation) - capital
        life = max(1, round(own.life / HOURS_PER_MONTH))
        back = servers * (own.salvage or 0.0)
        return Payment(pool, "own", servers * own.purchase, servers * running, life, back, servers * capital)
    assert price is not None, "asked before"  # noqa: S101 - narrows the type
    hourly = servers * price.usd_per_hour
    if not isinstance(price, OfferPrice) or price.offer.commitment not in YEARS:
        return Payment(pool, "by the hour", 0.0, hourly * HOURS_PER_MONTH, 0, 0.0, 0.0)
    years, kind = YEARS[price.offer.commitment], price.offer.commitment
    if not price.offer.upfront:
        return Payment(pool, kind, 0.0, hourly * HOURS_PER_MONTH, 12 * years, 0.0, 0.0)
    paid = hourly * HOURS_PER_YEAR * years
    return Payment(pool, f"{kind}, all upfront", paid, 0.0, 12 * years, 0.0, usd_per_year(paid, 0.0, years, rate) / 12)
