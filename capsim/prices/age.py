"""How old a price may be before it is doubted: a spot price for days, a list price for months."""

from __future__ import annotations

from datetime import UTC, date, datetime

from capsim.prices.offer import Offer

MOST_DAYS = {"spot": 7, "on-demand": 180, "1 year": 180, "3 years": 180}


def today() -> date:
    """The day by which ages are counted (UTC)."""
    return datetime.now(UTC).date()


def age_days(offer: Offer, on: date) -> int:
    """How many days before `on` the price stood where it was found."""
    return (on - offer.source_date).days


def too_old(offer: Offer, on: date) -> bool:
    """Whether a price is older than prices of its terms keep."""
    return age_days(offer, on) > MOST_DAYS[offer.commitment]


def in_words(offer: Offer, on: date) -> str:
    """The date of a price and its age: `2026-07-20, 130 days old`, and what that means where it is too old."""
    days = age_days(offer, on)
    told = f"{offer.source_date.isoformat()}, {days} day{'' if days == 1 else 's'} old"
    if not too_old(offer, on):
        return told
    kind = "spot" if offer.commitment == "spot" else "list"
    return f"{told}: too old for a {kind} price, which keeps for {MOST_DAYS[offer.commitment]} days"
