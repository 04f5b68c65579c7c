"""A predicted bill in the columns of FOCUS 1.4, the open format of cloud bills."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from capsim._version import VERSION
from capsim.costing import Cost, Line
from capsim.documents.output import written_whole
from capsim.prices import AnyPrice, OfferPrice, OwnPrice
from capsim.scenario import Scenario

FOCUS_VERSION = "1.4"
COLUMNS = (
    "BillingCurrency",
    "BilledCost",
    "EffectiveCost",
    "ContractedCost",
    "ListCost",
    "ChargeCategory",
    "ChargeDescription",
    "ChargeFrequency",
    "ChargePeriodStart",
    "ChargePeriodEnd",
    "PricingCategory",
    "PricingQuantity",
    "PricingUnit",
    "ListUnitPrice",
    "ContractedUnitPrice",
    "CommitmentDiscountCategory",
    "CommitmentDiscountType",
    "ServiceProviderName",
    "ServiceName",
    "ServiceCategory",
    "RegionId",
    "SkuId",
    "x_Forecast",
    "x_Scenario",
    "x_Pool",
    "x_Formula",
    "x_PriceDate",
    "x_PriceSource",
    "x_Version",
    "x_FocusVersion",
)
INSTANT = "%Y-%m-%dT%H:%M:%SZ"
PRICING = {"on-demand": "Standard", "spot": "Dynamic", "1 year": "Committed", "3 years": "Committed"}


def write_focus(cost: Cost, scenario: Scenario, file: Path, months: Sequence[tuple[str, str]]) -> None:
    """Write the predicted lines of some months, a row each.

    Args:
        cost: the prediction.
        scenario: what it is of.
        file: a .csv.
        months: start and end of each, ISO 8601 in UTC.

    Raises:
        InputError: it cannot be written.
    """
    with written_whole(file, "--focus") as unfinished, unfinished.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
        writer.writeheader()
        for start, end in months:
            writer.writerows(_rows(cost, scenario, start, end))


def _rows(cost: Cost, scenario: Scenario, start: str, end: str) -> Iterator[dict[str, Any]]:
    prices: dict[str | None, AnyPrice | None] = {pool.name: pool.price for pool in scenario.pools}
    for line in cost.lines:
        amount = round(line.usd_per_month, 6)
        yield {
            "BillingCurrency": "USD",
            "BilledCost": amount,
            "EffectiveCost": amount,
            "ContractedCost": amount,
            "ChargeCategory": "Usage",
            "ChargeDescription": line.name,
            "ChargeFrequency": "Usage-Based",
            "ChargePeriodStart": start,
            "ChargePeriodEnd": end,
            "ServiceName": scenario.name,
            "ServiceCategory": "AI and Machine Learning",
            "x_Forecast": "true",
            "x_Scenario": scenario.name,
            "x_Pool": line.pool or "",
            "x_Formula": line.formula,
            "x_Version": f"capsim {VERSION}",
            "x_FocusVersion": FOCUS_VERSION,
            **_priced(line, prices.get(line.pool)),
        }


def _priced(line: Line, price: AnyPrice | None) -> dict[str, Any]:
    """What the price of the line's servers adds."""
    if isinstance(price, OwnPrice):
        return {"ListCost": round(line.usd_per_month, 6), "PricingCategory": "Other", "ServiceProviderName": "own"}
    if price is None:
        return {"ListCost": round(line.usd_per_month, 6), "PricingCategory": "Standard"}
    hours = round(line.usd_per_month / price.usd_per_hour, 6) if price.usd_per_hour else 0.0
    told: dict[str, Any] = {
        "PricingCategory": "Standard",
        "PricingQuantity": hours,
        "PricingUnit": "Hours",
        "ListUnitPrice": price.usd_per_hour,
        "ContractedUnitPrice": price.usd_per_hour,
        "ListCost": round(line.usd_per_month, 6),
    }
    if not isinstance(price, OfferPrice):
        return told
    offer = price.offer
    committed = offer.commitment in {"1 year", "3 years"}
    return {
        **told,
        "PricingCategory": PRICING[offer.commitment],
        "ListUnitPrice": offer.list_usd_per_hour,
        "ListCost": round(hours * offer.list_usd_per_hour, 6),
        "CommitmentDiscountCategory": "Usage" if committed else "",
        "CommitmentDiscountType": offer.term if committed else "",
        "ServiceProviderName": offer.provider,
        "RegionId": offer.region,
        "SkuId": offer.sku,
        "x_PriceDate": offer.source_date.isoformat(),
        "x_PriceSource": offer.source,
    }


def next_month() -> tuple[str, str]:
    """Start and end of the month that begins next, in UTC."""
    now = datetime.now(UTC)
    start = datetime(now.year + now.month // 12, now.month % 12 + 1, 1, tzinfo=UTC)
    end = datetime(start.year + start.month // 12, start.month % 12 + 1, 1, tzinfo=UTC)
    return start.strftime(INSTANT), end.strftime(INSTANT)
