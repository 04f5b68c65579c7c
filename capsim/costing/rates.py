"""What a block of servers costs on each of the terms that prices are known of."""

from __future__ import annotations

from collections.abc import Mapping

from capsim.costing.commitment import ON_DEMAND, Rate
from capsim.costing.terms import YEARS, cheapest_offer, yearly
from capsim.errors import Fault, InputError
from capsim.prices import HOURS_PER_YEAR, Catalogue, HourlyPrice, OfferPrice, OwnPrice
from capsim.scenario import Pool, Scenario
from capsim.stats import Result


def rates_of(scenario: Scenario, result: Result, block: Mapping[str, int], catalogue: Catalogue) -> dict[str, Rate]:
    """Term to what a block costs; a term is there where every pool has it.

    Raises:
        InputError: a pool has no price, or none by the hour.
    """
    used = {pool.name: pool.utilisation for pool in result.pools}
    together: dict[str, Rate] = {}
    for term in (ON_DEMAND, *YEARS, "own"):
        each = {pool.name: _rate(pool, term, used[pool.name], scenario, catalogue) for pool in scenario.pools}
        known = {name: rate for name, rate in each.items() if rate is not None}
        if len(known) == len(each):
            hourly = sum(block[name] * rate.usd_per_hour for name, rate in known.items())
            upfront = sum(block[name] * rate.upfront_usd for name, rate in known.items())
            together[term] = Rate(hourly, upfront)
        elif term == ON_DEMAND:
            said = "needs a price by the hour, for what is above the commitment"
            missing = [name for name in each if name not in known]
            raise InputError(scenario.name, [Fault(f"pools.{name}.price", said) for name in missing])
    return together


def _rate(pool: Pool, term: str, utilisation: float, scenario: Scenario, catalogue: Catalogue) -> Rate | None:
    if term == "own":
        own = pool.price if isinstance(pool.price, OwnPrice) else None
        if own is None and pool.name in scenario.costs.own:
            own = OwnPrice(own=scenario.costs.own[pool.name])
        return None if own is None else Rate(own.usd_per_hour_at(utilisation), own.own.purchase)
    if isinstance(pool.price, HourlyPrice):
        return Rate(pool.price.usd_per_hour) if term == ON_DEMAND else None
    if not isinstance(pool.price, OfferPrice):
        return None
    chosen = cheapest_offer(pool.price, term, catalogue)
    if chosen is None:
        return None
    offer, hourly = chosen
    amortised, _ = yearly(offer, hourly, scenario.costs.cost_of_capital)
    upfront = hourly * HOURS_PER_YEAR * YEARS[term] if offer.upfront else 0.0
    return Rate(amortised / HOURS_PER_YEAR, upfront)
