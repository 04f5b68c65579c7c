"""What somebody sells: a kind of server, in a region, on terms, at a dated price."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

Commitment = Literal["on-demand", "spot", "1 year", "3 years"]

ANYWHERE = "-"
"""Stands for the region of an offer that has none."""


@dataclass(frozen=True)
class Offer:
    """A dated price of one server.

    Attributes:
        provider: who sells it.
        sku: what the provider calls this kind of server.
        region: where; empty where the provider does not say.
        term: on what terms, in the provider's words.
        list_usd_per_hour: US dollars per server and hour, before the discount.
        source: where the price stands.
        source_date: the day on which it stood there.
        licence: on what terms the table that it comes from may be used.
        accelerator: what it computes with; empty for a CPU server.
        accelerator_count: how many of them.
        vcpu: processors that its users see; nothing where that is unknown.
        memory_gib: main memory (GiB).
        discount: what is taken off the price, as a fraction; nothing where none was negotiated.
        currency: what it was quoted in.
        usd_per_currency: the stated rate, by which the price became dollars.
        book: the user's price book that it stands in; nothing for the catalogue.
        line: where it stands there.
    """

    provider: str
    sku: str
    region: str
    term: str
    list_usd_per_hour: float
    source: str
    source_date: date
    licence: str
    accelerator: str = ""
    accelerator_count: int = 0
    vcpu: float | None = None
    memory_gib: float | None = None
    discount: float | None = None
    currency: str = "USD"
    usd_per_currency: float = 1.0
    book: str | None = None
    line: int | None = None

    @property
    def name(self) -> str:
        """What a scenario calls it: `aws/g5.xlarge/us-east-1/on-demand`."""
        return "/".join((self.provider, self.sku, self.region or ANYWHERE, self.term))

    @property
    def usd_per_hour(self) -> float:
        """US dollars per server and hour, after the discount."""
        return self.list_usd_per_hour * (1 - (self.discount or 0.0))

    @property
    def commitment(self) -> Commitment:
        """How long the buyer is bound."""
        return commitment_of(self.term)

    @property
    def upfront(self) -> bool:
        """Whether all of it is paid at the start, so that the price by the hour is an effective one."""
        return "all-upfront" in self.term


def commitment_of(term: str) -> Commitment:
    """What a provider's word for its terms binds the buyer to."""
    if "spot" in term or "preemptible" in term:
        return "spot"
    if "3y" in term:
        return "3 years"
    return "1 year" if "1y" in term else "on-demand"
