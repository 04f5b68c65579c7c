"""Why two costs differ: more load, more servers for it, dearer servers."""

from __future__ import annotations

from dataclasses import dataclass, replace

from capsim.costing.cost import Cost
from capsim.prices import HOURS_PER_MONTH


@dataclass(frozen=True)
class Spent:
    """What was spent in some time, and on what.

    Attributes:
        usd: US dollars for servers; for all of a bill whose lines nobody told apart.
        server_hours: hours of servers that were paid for; nothing where nobody knows.
        requests: completed requests; nothing where nobody knows.
        other_usd: US dollars for anything but servers, where it is told apart.
    """

    usd: float
    server_hours: float | None
    requests: float | None
    other_usd: float = 0.0


@dataclass(frozen=True)
class Because:
    """A difference in US dollars, divided by what it comes from.

    The product usd = requests × hours per request × usd per hour is changed one factor after the other, in this order
    (chain substitution), so that the parts sum to the difference.

    Attributes:
        load: more requests at the hours that each took before.
        use: more hours for each request: servers less used.
        price: each hour dearer, all that is not told apart in it.
        other: anything but servers.
        unexplained: what is left where requests or hours are not known.
    """

    load: float | None
    use: float | None
    price: float | None
    other: float
    unexplained: float


def because(before: Spent, after: Spent) -> Because:
    """What makes the difference between two spendings."""
    difference = after.usd - before.usd
    load, hours_after = None, None
    if before.requests and after.requests is not None and before.server_hours:
        hours_after = after.requests * before.server_hours / before.requests
        load = (hours_after - before.server_hours) * before.usd / before.server_hours
    use = price = None
    if before.server_hours and after.server_hours:
        each = before.usd / before.server_hours
        price = after.usd - after.server_hours * each
        use = None if hours_after is None else (after.server_hours - hours_after) * each
    told = sum(part for part in (load, use, price) if part is not None)
    other = after.other_usd - before.other_usd
    return Because(load, use, price, other, 0.0 if None not in (load, use, price) else difference - told)


def of_a_month(cost: Cost) -> Spent:
    """What a cost spends in a month of 730 hours."""
    together, servers = over(cost, HOURS_PER_MONTH), sum(line.usd_per_month for line in cost.lines if line.pool)
    return replace(together, usd=servers, other_usd=together.usd - servers)


def over(cost: Cost, hours: float) -> Spent:
    """What a cost spends in some hours."""
    requests = None if cost.throughput_per_s is None else cost.throughput_per_s * 3600 * hours
    return Spent(cost.usd_per_hour * hours, cost.servers * hours, requests)
