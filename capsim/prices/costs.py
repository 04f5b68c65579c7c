"""What is paid for besides servers, and what the servers could be replaced by: the section `costs` of a scenario."""

from __future__ import annotations

import datetime
from typing import Annotated

from pydantic import BeforeValidator, Field

from capsim.parameters import Number, Section, parameters
from capsim.prices.book import to_day
from capsim.prices.price import OwnServer, Usd
from capsim.units import Share

Text = Annotated[str, Field(min_length=1, max_length=1000)]


@parameters
class ApiPrice:
    """A service that answers the same requests at a price per call."""

    usd_per_million_requests: Annotated[Number, Field(gt=0, le=1e12)]
    """US dollars per million requests."""
    source: Text
    """Where the price stands."""
    date: Annotated[datetime.date, BeforeValidator(to_day)]
    """The day of the price."""


class Costs(Section):
    """What is paid for besides the servers. What is not given is not counted, and the answer says so."""

    egress_usd_per_gb: Usd | None = None
    """US dollars per GB (10^9 bytes) that leaves for clients: the response size of each answer."""
    storage_gb: Annotated[Number, Field(ge=0, le=1e12)] | None = None
    """Gigabytes kept: models, logs, data."""
    storage_usd_per_gb_month: Usd | None = None
    """US dollars per GB and month."""
    licences_usd_per_server_month: Usd | None = None
    """US dollars per server and month for software."""
    licences_usd_per_month: Usd | None = None
    """US dollars per month for software, however many servers."""
    staff_usd_per_month: Usd | None = None
    """US dollars per month for those who run the service."""
    cost_of_capital: Share | None = None
    """What money paid at the start would have earned per year."""
    api: ApiPrice | None = None
    """The same answers bought by the call, to compare with."""
    own: Annotated[dict[str, OwnServer], Field(max_length=1000)] = Field(default_factory=dict)
    """Pool to a server that could be bought for it, to compare with."""
