"""Offers as tables, sentences and JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from capsim.prices import HOURS_PER_MONTH, HOURS_PER_YEAR, Offer
from capsim.prices.age import age_days, in_words, too_old
from capsim.prices.grid import grid_of
from capsim.prices.power import watts_of

SCHEMA = "capsim.prices/1"
WIDE = 120


def offer_data(offer: Offer, on: date) -> dict[str, Any]:
    """An offer as plain data."""
    return {
        "offer": offer.name,
        "usd_per_hour": offer.usd_per_hour,
        "list_usd_per_hour": offer.list_usd_per_hour,
        "discount": offer.discount,
        "currency": offer.currency,
        "usd_per_currency": offer.usd_per_currency,
        "commitment": offer.commitment,
        "accelerator": offer.accelerator or None,
        "accelerator_count": offer.accelerator_count,
        "vcpu": offer.vcpu,
        "memory_gib": offer.memory_gib,
        "source": offer.source,
        "date": offer.source_date.isoformat(),
        "age_days": age_days(offer, on),
        "too_old": too_old(offer, on),
        "licence": offer.licence,
        "book": offer.book,
    }


def offers_json(offers: Sequence[Offer], on: date) -> dict[str, Any]:
    """What `capsim prices list --json` prints."""
    return {"schema": SCHEMA, "offers": [offer_data(offer, on) for offer in offers]}


def offer_json(offer: Offer, siblings: Sequence[Offer], on: date) -> dict[str, Any]:
    """What `capsim prices show --json` prints."""
    return {**offers_json([offer], on), "other_terms": [offer_data(each, on) for each in siblings]}


def offers_table(offers: Sequence[Offer], on: date, width: int) -> RenderableType:
    """A line for each offer, with as much of it as fits into `width` letters."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("offer", no_wrap=True)
    headings = ("$/h", "date", "accelerator", "vCPU", "GiB") if width >= WIDE else ("$/h", "date")
    for heading in headings:
        table.add_column(heading, justify="right" if heading in {"$/h", "vCPU", "GiB"} else "left", no_wrap=True)
    for offer in offers:
        cells = (
            f"{offer.usd_per_hour:,.4g}",
            f"{offer.source_date.isoformat()}{' old' if too_old(offer, on) else ''}",
            hardware(offer),
            "" if offer.vcpu is None else f"{offer.vcpu:g}",
            "" if offer.memory_gib is None else f"{offer.memory_gib:g}",
        )
        table.add_row(offer.name, *cells[: len(headings)])
    return table


def hardware(offer: Offer) -> str:
    """What it computes with."""
    if not offer.accelerator:
        return ""
    return offer.accelerator if offer.accelerator_count <= 1 else f"{offer.accelerator_count} × {offer.accelerator}"


def offer_text(offer: Offer, siblings: Sequence[Offer], on: date) -> RenderableType:
    """All that is known of an offer."""
    return Group(*_known(offer, siblings, on))


def _known(offer: Offer, siblings: Sequence[Offer], on: date) -> Iterator[RenderableType]:
    price, head = offer.usd_per_hour, hardware(offer) or "CPU"
    yield Text.assemble((offer.name, "bold"), f"  {head}")
    yield Text(f"price    ${price:,.4g}/h, ${price * HOURS_PER_MONTH:,.2f}/month, ${price * HOURS_PER_YEAR:,.0f}/year")
    yield from (Text(f"         {told}") for told in _terms(offer))
    yield Text(f"date     {in_words(offer, on)}", style="yellow" if too_old(offer, on) else "")
    yield Text(f"source   {offer.source} ({offer.licence})")
    if offer.book:
        yield Text(f"book     {offer.book}, line {offer.line}: it wins over the catalogue")
    watts = watts_of(offer)
    told = watts if isinstance(watts, str) else f"{watts.idle:.4g} W idle, {watts.busy:.4g} W busy: {watts.source}"
    yield Text(f"power    {told}")
    yield Text(f"carbon   {_carbon(offer)}")
    for other in siblings:
        share = f"{other.usd_per_hour / price:.0%}".replace("%", " %") if price else "–"
        yield Text(
            f"also     {other.name}  ${other.usd_per_hour:,.4g}/h, {share} of it, {other.source_date.isoformat()}"
        )


def _terms(offer: Offer) -> Iterator[str]:
    if offer.discount:
        yield f"${offer.list_usd_per_hour:,.4g}/h less {offer.discount:.4g}".replace("less 0.", "less a discount of 0.")
    if offer.currency != "USD":
        yield f"quoted in {offer.currency}, at {offer.usd_per_currency:g} USD each, as the price book says"
    if offer.upfront:
        yield "all of it is paid at the start: the price by the hour leaves out what that money would have earned"


def _carbon(offer: Offer) -> str:
    if not offer.region:
        return "unknown, as the offer names no region"
    try:
        grid = grid_of(offer.region)
    except ValueError as error:
        return f"unknown: {error}"
    return f"{grid.g_co2_per_kwh:g} g CO2 per kWh in {grid.area}, average of {grid.year} ({grid.source})"


def check_text(offers: Sequence[Offer], on: date, what: str) -> RenderableType:
    """Which prices are too old, and when they were seen."""
    old = [offer for offer in offers if too_old(offer, on)]
    lines = [Text(f"{what}: {len(offers)} offer{'' if len(offers) == 1 else 's'}, none is wrong.")]
    counts = Counter(offer.commitment for offer in old)
    for commitment, count in counts.items():
        kept = [offer for offer in old if offer.commitment == commitment]
        first, last = min(each.source_date for each in kept), max(each.source_date for each in kept)
        span = first.isoformat() if first == last else f"{first.isoformat()} to {last.isoformat()}"
        lines.append(Text(f"{count} too old ({commitment}), of {span}:", style="yellow"))
        lines += [Text(f"  {offer.name}  {in_words(offer, on)}") for offer in kept[:20]]
        if len(kept) > 20:
            lines.append(Text(f"  and {len(kept) - 20} more"))
    if not old:
        lines.append(Text("No price is too old for its terms."))
    return Group(*lines)
