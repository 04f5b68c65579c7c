"""The same servers bought otherwise: on demand, spot, for one year or three, owned, or their answers by the call."""

from __future__ import annotations

from dataclasses import dataclass

from capsim.costing.quantities import percent, usd
from capsim.prices import HOURS_PER_YEAR, Catalogue, Offer, OfferPrice, OwnPrice
from capsim.prices.annuity import usd_per_year
from capsim.scenario import Pool, Scenario
from capsim.scenario.demand import capacity_per_s
from capsim.stats import Result

COMMITMENTS = ("on-demand", "spot", "1 year", "3 years")
YEARS = {"1 year": 1, "3 years": 3}


@dataclass(frozen=True)
class Term:
    """A way to pay for the servers.

    Attributes:
        term: in words.
        usd_per_year: of all servers that have a price; nothing where nobody offers it.
        break_even_utilisation: of a commitment, the share of hours in which its servers must be needed to cost less
            than on demand; of a price per call, the share of their capacity from which the servers as given cost less.
        given: the servers are paid for in this way now.
        notes: what the number leaves out.
        offers: what it rests on.
    """

    term: str
    usd_per_year: float | None
    break_even_utilisation: float | None
    given: bool
    notes: tuple[str, ...]
    offers: tuple[str, ...] = ()


def terms(scenario: Scenario, result: Result, catalogue: Catalogue) -> list[Term]:
    """Every way to pay for the servers that prices are known of, and what is missing for the others."""
    utilisations = {pool.name: pool.utilisation for pool in result.pools}
    rented = [_committed(scenario, commitment, catalogue) for commitment in COMMITMENTS]
    on_demand = rented[0].usd_per_year
    compared = [_with_break_even(term, on_demand) for term in (*rented, _owned(scenario, utilisations))]
    now = _as_given(scenario, utilisations)
    if not any(term.given for term in compared):
        compared.insert(0, Term("as given", now, None, True, ()))
    return [*compared, _by_the_call(scenario, result, now)]


def _as_given(scenario: Scenario, utilisations: dict[str, float]) -> float:
    """What the servers cost by the year as they are paid for now."""
    hourly = (
        pool.servers * pool.price.usd_per_hour_at(utilisations[pool.name])
        for pool in scenario.pools
        if pool.price is not None
    )
    return float(sum(hourly)) * HOURS_PER_YEAR


def _priced(scenario: Scenario) -> list[Pool]:
    return [pool for pool in scenario.pools if pool.price is not None]


def _committed(scenario: Scenario, commitment: str, catalogue: Catalogue) -> Term:
    total, notes, offers = 0.0, [], []
    missing = False
    given = [isinstance(p.price, OfferPrice) and p.price.offer.commitment == commitment for p in _priced(scenario)]
    for pool in _priced(scenario):
        if not isinstance(pool.price, OfferPrice):
            notes.append(f"pool {pool.name} names no offer, so that its other terms are not known")
            missing = True
            continue
        chosen = cheapest_offer(pool.price, commitment, catalogue)
        if chosen is None:
            at = "/".join(pool.price.offer.name.split("/")[:3])
            notes.append(f"no {commitment} offer of {at} is known")
            missing = True
            continue
        offer, hourly = chosen
        a_year, said = yearly(offer, hourly, scenario.costs.cost_of_capital)
        total += pool.servers * a_year
        notes += said
        offers.append(offer.name)
    if commitment == "spot" and offers:
        notes.append("interruptions are not simulated: a risk that has no price here")
    return Term(commitment, None if missing else total, None, bool(given) and all(given), tuple(notes), tuple(offers))


def cheapest_offer(price: OfferPrice, commitment: str, catalogue: Catalogue) -> tuple[Offer, float] | None:
    """The cheapest offer of the same server on these terms, and what it costs by the hour."""
    if price.offer.commitment == commitment:
        return price.offer, price.usd_per_hour
    others = [offer for offer in catalogue.siblings(price.offer) if offer.commitment == commitment]
    cheapest = min(others, key=lambda offer: offer.usd_per_hour, default=None)
    return None if cheapest is None else (cheapest, cheapest.usd_per_hour)


def yearly(offer: Offer, usd_per_hour: float, cost_of_capital: float | None) -> tuple[float, list[str]]:
    """What a server costs by the year, with what the money paid at the start would have earned."""
    plain = usd_per_hour * HOURS_PER_YEAR
    if not offer.upfront:
        return plain, []
    years = YEARS[offer.commitment]
    if cost_of_capital is None:
        return plain, [f"{usd(plain * years)} a server is paid at the start; costs.cost_of_capital is not given"]
    with_capital = usd_per_year(plain * years, 0.0, years, cost_of_capital)
    more = percent(with_capital / plain - 1)
    return with_capital, [f"{usd(plain * years)} a server is paid at the start: {more} more than its effective rate"]


def _owned(scenario: Scenario, utilisations: dict[str, float]) -> Term:
    total, notes, missing, given = 0.0, [], False, []
    for pool in _priced(scenario):
        owned = isinstance(pool.price, OwnPrice)
        given.append(owned)
        price = pool.price if owned else None
        if price is None and pool.name in scenario.costs.own:
            price = OwnPrice(own=scenario.costs.own[pool.name])
        if price is None:
            notes.append(f"costs.own.{pool.name} is not given: no server to buy is known")
            missing = True
            continue
        total += pool.servers * price.usd_per_hour_at(utilisations[pool.name]) * HOURS_PER_YEAR
    return Term("own", None if missing else total, None, bool(given) and all(given), tuple(notes))


def _with_break_even(term: Term, on_demand: float | None) -> Term:
    if term.usd_per_year is None or not on_demand or term.term in {"on-demand", "spot"}:
        return term
    return Term(term.term, term.usd_per_year, term.usd_per_year / on_demand, term.given, term.notes, term.offers)


def _by_the_call(scenario: Scenario, result: Result, as_given: float) -> Term:
    api = scenario.costs.api
    if api is None:
        return Term("price per call", None, None, False, ("costs.api is not given",))
    per_year = (result.throughput_per_s.value or 0.0) * 3600 * HOURS_PER_YEAR
    capacity = capacity_per_s(scenario)
    at_most = None if capacity is None else capacity * 3600 * HOURS_PER_YEAR * api.usd_per_million_requests / 1e6
    notes = [f"{usd(api.usd_per_million_requests)} per million requests, {api.source}, {api.date.isoformat()}"]
    if at_most is None:
        notes.append("the capacity of the servers is not known, so neither is the use at which they cost less")
    elif as_given > at_most:
        notes.append("cheaper than these servers at any use")
    return Term(
        "price per call",
        per_year / 1e6 * api.usd_per_million_requests,
        as_given / at_most if at_most else None,
        False,
        tuple(notes),
    )
