"""The bill line by line, each line a product of numbers that are shown."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from capsim.costing.quantities import Origin, Quantities, Quantity, number, percent, usd, word
from capsim.prices import HOURS_PER_MONTH, HOURS_PER_YEAR, OfferPrice, OwnPrice, OwnServer
from capsim.scenario import Pool, Scenario
from capsim.scenario.devices import unpriced_pools
from capsim.stats import Result

BYTES_PER_GB = 1e9


@dataclass(frozen=True)
class Line:
    """A line of the bill.

    Attributes:
        name: what is paid for.
        pool: whose it is; nothing where it is everybody's.
        usd_per_month: the product of the factors (US dollars per month of 730 hours).
        formula: the multiplication as a reader checks it.
        factors: the names of the quantities that are multiplied.
    """

    name: str
    pool: str | None
    usd_per_month: float
    formula: str
    factors: tuple[str, ...]


def line_of(name: str, pool: str | None, *factors: Quantity) -> Line:
    """The line that a product makes."""
    product = math.prod(factor.value or 0.0 for factor in factors)
    return Line(name, pool, product, " × ".join(factor.told for factor in factors), tuple(f.name for f in factors))


def server_lines(scenario: Scenario, result: Result, book: Quantities) -> Iterator[Line]:
    """What the servers of each pool cost, the busy part and the idle part apart."""
    utilisations = {pool.name: pool.utilisation for pool in result.pools}
    for pool in scenario.pools:
        if pool.price is None and pool not in unpriced_pools(scenario):
            continue
        if pool.price is None:
            book.absent(f"{word(pool.name)}_price", "USD/h", f"pool {pool.name} has no price, so it is not counted")
            continue
        yield from _pool_lines(pool, utilisations[pool.name], book)


def _pool_lines(pool: Pool, utilisation: float, book: Quantities) -> Iterator[Line]:
    name, at = word(pool.name), f"pools.{pool.name}"
    servers = book.given(f"{name}_servers", pool.servers, "servers", f"{at}.servers", f"{pool.servers}")
    said = "share of time that its instances were busy"
    busy = book.known(f"{name}_utilisation", utilisation, "share", "simulated", said, f"{percent(utilisation)} busy")
    idle = book.computed(
        f"{name}_idle",
        1 - utilisation,
        "share",
        f"1-{busy.name}",
        "the rest of the time",
        f"{percent(1 - utilisation)} idle",
    )
    each = _compute(pool, book)
    yield line_of(f"{pool.name}: compute busy", pool.name, servers, *each, busy)
    yield line_of(f"{pool.name}: compute idle", pool.name, servers, *each, idle)
    if isinstance(pool.price, OwnPrice):
        yield from _own_lines(pool, pool.price.own, servers, book)


def _compute(pool: Pool, book: Quantities) -> list[Quantity]:
    """What a server costs by the month: its rent, or the capital in it."""
    name, at, price = word(pool.name), f"pools.{pool.name}.price", pool.price
    if isinstance(price, OwnPrice):
        return [capital(name, f"{at}.own", price.own, book)]
    hours = book.known("hours_per_month", HOURS_PER_MONTH, "h", "fixed", "a twelfth of 8,760 h", f"{HOURS_PER_MONTH} h")
    assert price is not None, "asked before"  # noqa: S101 - narrows the type
    if isinstance(price, OfferPrice):
        return [_rent(name, at, price, book), hours]
    cell = f"{name}_usd_per_hour"
    return [book.given(cell, price.usd_per_hour, "USD/h", f"{at}.usd_per_hour", f"{usd(price.usd_per_hour)}/h"), hours]


def _rent(name: str, at: str, price: OfferPrice, book: Quantities) -> Quantity:
    offer, cell = price.offer, f"{name}_usd_per_hour"
    origin: Origin = "price book" if offer.book else "catalogue"
    source = f"{offer.name}, {offer.source}, {offer.source_date.isoformat()}"
    discount = price.discount if price.discount is not None else offer.discount
    if discount is None:
        book.absent(f"{name}_discount", "share", f"no discount is given ({at}.discount)")
        return book.known(cell, price.usd_per_hour, "USD/h", origin, source, f"{usd(price.usd_per_hour)}/h")
    listed = book.known(f"{name}_list_usd_per_hour", offer.list_usd_per_hour, "USD/h", origin, source)
    where = f"{at}.discount" if price.discount is not None else f"{offer.book}, line {offer.line}"
    off = book.given(f"{name}_discount", discount, "share", where)
    told = f"{usd(offer.list_usd_per_hour)}/h less {percent(discount)}"
    return book.computed(cell, price.usd_per_hour, "USD/h", f"{listed.name}*(1-{off.name})", "after the discount", told)


def capital(name: str, at: str, own: OwnServer, book: Quantities) -> Quantity:
    """What the capital in a server costs by the month."""
    years = own.life / HOURS_PER_YEAR
    book.given(f"{name}_purchase", own.purchase, "USD", f"{at}.purchase")
    book.given(f"{name}_life_years", years, "years", f"{at}.life")
    if own.salvage is None:
        book.absent(f"{name}_salvage", "USD", f"no salvage is given ({at}.salvage), so nothing is got back")
    else:
        book.given(f"{name}_salvage", own.salvage, "USD", f"{at}.salvage")
    if own.cost_of_capital is None:
        why = f"no cost of capital is given ({at}.cost_of_capital), so none is counted"
        book.absent(f"{name}_cost_of_capital", "per year", why)
    else:
        book.given(f"{name}_cost_of_capital", own.cost_of_capital, "per year", f"{at}.cost_of_capital")
    p, s, n, r = (f"{name}_{part}" for part in ("purchase", "salvage", "life_years", "cost_of_capital"))
    expression = f"IF({r}=0,({p}-{s})/{n},({p}-{s})*{r}/(1-(1+{r})^-{n})+{s}*{r})/12"
    value = own.capital_usd_per_month
    told = f"{usd(value)}/month ({usd(own.purchase)} over {years:.3g} years"
    told += f", {usd(own.salvage)} back" if own.salvage else ""
    told += f", at {percent(own.cost_of_capital)} a year)" if own.cost_of_capital else ")"
    return book.computed(
        f"{name}_capital_usd_per_month", value, "USD/month", expression, "annuity of the purchase", told
    )


def _own_lines(pool: Pool, own: OwnServer, servers: Quantity, book: Quantities) -> Iterator[Line]:
    name, at = word(pool.name), f"pools.{pool.name}.price.own"
    yield from _energy_line(pool, own, servers, book)
    for part in ("rack", "staff", "support"):
        value = getattr(own, part)
        if value is None:
            book.absent(f"{name}_{part}", "USD/month", f"{at}.{part} is not given, so it is not counted")
            continue
        each = book.given(f"{name}_{part}", value, "USD/month", f"{at}.{part}", f"{usd(value)}/month")
        yield line_of(f"{pool.name}: {part}", pool.name, servers, each)


def _energy_line(pool: Pool, own: OwnServer, servers: Quantity, book: Quantities) -> Iterator[Line]:
    name, at = word(pool.name), f"pools.{pool.name}.price.own"
    kilowatts = next((q for q in book if q.name == f"{name}_kilowatts"), None)
    if kilowatts is None or own.usd_per_kwh is None:
        missing = f"{at}.usd_per_kwh" if own.usd_per_kwh is None else f"{at}.watts_idle and watts_busy"
        book.absent(f"{name}_energy", "USD/month", f"{missing} not given, so its energy is not counted")
        return
    hours = book.known("hours_per_month", HOURS_PER_MONTH, "h", "fixed", "a twelfth of 8,760 h", f"{HOURS_PER_MONTH} h")
    each = book.given(
        f"{name}_usd_per_kwh", own.usd_per_kwh, "USD/kWh", f"{at}.usd_per_kwh", f"{usd(own.usd_per_kwh)}/kWh"
    )
    yield line_of(f"{pool.name}: energy", pool.name, servers, kilowatts, hours, each)


def other_lines(scenario: Scenario, result: Result, book: Quantities) -> Iterator[Line]:
    """What is paid for besides the servers."""
    costs, servers = scenario.costs, sum(pool.servers for pool in scenario.pools)
    yield from _egress(scenario, result, book)
    if costs.storage_gb is not None and costs.storage_usd_per_gb_month is not None:
        size = book.given("storage_gb", costs.storage_gb, "GB", "costs.storage_gb", f"{number(costs.storage_gb)} GB")
        each = _plain(book, "storage_usd_per_gb_month", costs.storage_usd_per_gb_month, "USD/GB/month")
        yield line_of("storage", None, size, each)
    else:
        why = "costs.storage_gb and costs.storage_usd_per_gb_month are not both given, so storage is not counted"
        book.absent("storage", "USD/month", why)
    for part, what in (("licences", "licences"), ("staff", "staff")):
        value = getattr(costs, f"{part}_usd_per_month")
        if value is not None:
            yield line_of(what, None, _plain(book, f"{part}_usd_per_month", value, "USD/month"))
        elif part == "staff" or costs.licences_usd_per_server_month is None:
            book.absent(part, "USD/month", f"costs.{part}_usd_per_month is not given, so {what} are not counted")
    if costs.licences_usd_per_server_month is not None:
        each = _plain(book, "licences_usd_per_server_month", costs.licences_usd_per_server_month, "USD/server/month")
        all_servers = book.given("servers", servers, "servers", "all pools", f"{servers} servers")
        yield line_of("licences by server", None, all_servers, each)


def _plain(book: Quantities, name: str, value: float, unit: str) -> Quantity:
    return book.given(name, value, unit, f"costs.{name}", f"{usd(value)}{unit.removeprefix('USD')}")


def _egress(scenario: Scenario, result: Result, book: Quantities) -> Iterator[Line]:
    each_usd, size = scenario.costs.egress_usd_per_gb, _response_bytes(scenario, result)
    if each_usd is None or not size:
        missing = "costs.egress_usd_per_gb" if each_usd is None else "network.response_size"
        book.absent("egress", "USD/month", f"{missing} is not given, so network egress is not counted")
        return
    throughput = result.throughput_per_s.value or 0.0
    requests = requests_per_month(throughput, book)
    gigabytes = size / BYTES_PER_GB
    each = book.given("response_gb", gigabytes, "GB", "network.response_size", f"{gigabytes:.4g} GB")
    yield line_of("network egress", None, requests, each, _plain(book, "egress_usd_per_gb", each_usd, "USD/GB"))


def _response_bytes(scenario: Scenario, result: Result) -> float:
    """The mean size of an answer, over the classes by how many of each complete."""
    sizes = {each.name: each.response_size for each in scenario.classes}
    sent = [(each.throughput_per_s.value or 0.0, sizes[each.name] or 0) for each in result.classes]
    total = sum(per_s for per_s, _ in sent)
    return sum(per_s * size for per_s, size in sent) / total if total else float(scenario.network.response_size)


def requests_per_month(throughput_per_s: float, book: Quantities) -> Quantity:
    """The completed requests of a month, from the simulated throughput."""
    book.known("throughput_per_s", throughput_per_s, "requests/s", "simulated", "completed requests")
    book.known("hours_per_month", HOURS_PER_MONTH, "h", "fixed", "a twelfth of 8,760 h", f"{HOURS_PER_MONTH} h")
    value = throughput_per_s * 3600 * HOURS_PER_MONTH
    told = f"{number(value)} requests"
    expression = "throughput_per_s*3600*hours_per_month"
    return book.computed("requests_per_month", value, "requests", expression, "completed requests of a month", told)
