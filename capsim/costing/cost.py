"""The cost of a scenario, from its answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from capsim.costing.bill import Line, other_lines, requests_per_month, server_lines
from capsim.costing.energy import Carbon, Energy, energy_and_carbon
from capsim.costing.quantities import Quantities, Quantity
from capsim.costing.terms import Term, terms
from capsim.costing.within import ClassCost, by_class, limit_s, share_within
from capsim.errors import CodedWarning, Fault, InputError
from capsim.prices import HOURS_PER_MONTH, Catalogue, OfferPrice, per_million, shipped_offers
from capsim.prices.age import in_words, today, too_old
from capsim.scenario import Scenario
from capsim.stats import Result

SCHEMA = "capsim.cost/1"
Range = tuple[float, float]


@dataclass(frozen=True)
class DatedPrice:
    """A price that the cost rests on.

    Attributes:
        offer: its name; where a price was typed, the path of it.
        usd_per_hour: US dollars per server and hour; nothing for a price per call.
        source: where it stands.
        date: the day of it; nothing where nobody said.
        age: in words.
        too_old: whether it is older than prices of its terms keep.
    """

    offer: str
    usd_per_hour: float | None
    source: str
    date: str | None
    age: str
    too_old: bool


@dataclass(frozen=True)
class Cost:
    """What a scenario costs.

    Attributes:
        scenario: its name.
        servers: how many have a price.
        usd_per_hour: US dollars per hour, all lines together.
        usd_per_month: per month of 730 hours.
        usd_per_year: per year of 8,760 hours.
        usd_per_million_requests: per million completed requests; nothing where none completed.
        usd_per_million_requests_ci95: the same at the ends of the throughput's 95 % interval.
        usd_per_million_within_objective: per million requests that were answered within it; nothing without one.
        usd_per_million_items: per million items of completed requests.
        within_objective: share of completed requests that were answered within it.
        limit_s: the latency that stands for (s).
        throughput_per_s: completed requests.
        verdict: stable or saturated; what a saturated system costs by the request says little.
        lines: the bill.
        terms: the servers paid for otherwise.
        classes: what each class of requests has of the servers.
        energy: what they draw.
        carbon: what that stands for.
        prices: what prices it rests on.
        assumptions: every number behind it, and what is absent.
        warnings: what is doubtful.
    """

    scenario: str
    servers: int
    usd_per_hour: float
    usd_per_month: float
    usd_per_year: float
    usd_per_million_requests: float | None
    usd_per_million_requests_ci95: Range | None
    usd_per_million_within_objective: float | None
    usd_per_million_items: float | None
    within_objective: float | None
    limit_s: float | None
    throughput_per_s: float | None
    verdict: str
    lines: Sequence[Line]
    terms: Sequence[Term]
    classes: Sequence[ClassCost]
    energy: Energy
    carbon: Carbon
    prices: Sequence[DatedPrice]
    assumptions: Sequence[Quantity]
    warnings: Sequence[CodedWarning] = field(default=())

    def to_dict(self) -> dict[str, Any]:
        """What `capsim cost --json` prints."""
        return {"schema": SCHEMA, **asdict(self)}

    @property
    def absent(self) -> list[Quantity]:
        """What nobody said, so that it is not counted."""
        return [quantity for quantity in self.assumptions if quantity.origin == "absent"]


def cost(scenario: Scenario, result: Result, catalogue: Catalogue | None = None, on: date | None = None) -> Cost:
    """What a scenario costs at the throughput and the use that its answer has.

    Args:
        scenario: with prices.
        result: its answer.
        catalogue: offers to compare with; those that come with capsim unless given.
        on: the day by which ages of prices are counted; today unless given.

    Raises:
        InputError: no pool has a price.
    """
    if all(pool.price is None for pool in scenario.pools):
        said = "is needed: price: {usd_per_hour: 1.2}, or an offer of capsim prices list"
        raise InputError(scenario.name, [Fault(f"pools.{pool.name}.price", said) for pool in scenario.pools])
    book, day = Quantities(), on or today()
    throughput, items = result.throughput_per_s.value, result.items_per_request
    requests_per_month(throughput or 0.0, book)
    energy, carbon = energy_and_carbon(scenario, result, book)
    lines = [*server_lines(scenario, result, book), *other_lines(scenario, result, book)]
    usd_per_month = sum(line.usd_per_month for line in lines)
    hourly, within = usd_per_month / HOURS_PER_MONTH, share_within(result)
    each = per_million(hourly, throughput or 0.0)
    return Cost(
        scenario=scenario.name,
        servers=sum(pool.servers for pool in scenario.pools if pool.price is not None),
        usd_per_hour=hourly,
        usd_per_month=usd_per_month,
        usd_per_year=usd_per_month * 12,
        usd_per_million_requests=each,
        usd_per_million_requests_ci95=_range(hourly, result),
        usd_per_million_within_objective=None if each is None or not within else each / within,
        usd_per_million_items=None if each is None else each / items,
        within_objective=within,
        limit_s=limit_s(result),
        throughput_per_s=throughput,
        verdict=result.verdict,
        lines=lines,
        terms=terms(scenario, result, catalogue or shipped_offers()),
        classes=by_class(result, lines),
        energy=energy,
        carbon=carbon,
        prices=_prices(scenario, day),
        assumptions=[*book],
        warnings=result.warnings,
    )


def _range(usd_per_hour: float, result: Result) -> Range | None:
    """The price per million at the ends of the throughput's interval, the lower price first."""
    ends = result.throughput_per_s.ci95
    if ends is None or ends[0] <= 0:
        return None
    low, high = per_million(usd_per_hour, ends[1]), per_million(usd_per_hour, ends[0])
    return None if low is None or high is None else (low, high)


def _prices(scenario: Scenario, on: date) -> list[DatedPrice]:
    dated: dict[str, DatedPrice] = {}
    for pool in scenario.pools:
        if isinstance(pool.price, OfferPrice):
            offer = pool.price.offer
            source = f"{offer.book}, line {offer.line}: {offer.source}" if offer.book else offer.source
            told, old = in_words(offer, on), too_old(offer, on)
            dated[offer.name] = DatedPrice(
                offer.name, pool.price.usd_per_hour, source, offer.source_date.isoformat(), told, old
            )
        elif pool.price is not None:
            path = f"pools.{pool.name}.price"
            hourly = pool.price.usd_per_hour
            dated[path] = DatedPrice(path, hourly, "the scenario", None, "nobody said of which day", False)
    api = scenario.costs.api
    if api is not None:
        days = (on - api.date).days
        dated["costs.api"] = DatedPrice(
            "costs.api", None, api.source, api.date.isoformat(), f"{days} days old", days > 180
        )
    return [*dated.values()]
