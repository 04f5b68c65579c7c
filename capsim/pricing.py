"""What servers cost by the hour, and what that makes by the month and by the request."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from capsim.parameters import Number, parameters

HOURS_PER_MONTH = 730
"""A twelfth of a year of 8,760 hours."""


@parameters
class Price:
    """The price of one server."""

    usd_per_hour: Annotated[Number, Field(ge=0, le=1e6)]
    """US dollars per server and hour."""


@parameters
class Spend:
    """What a configuration costs."""

    usd_per_hour: float
    """US dollars per hour."""
    usd_per_month: float
    """US dollars per month of 730 hours."""
    usd_per_million_requests: float | None
    """US dollars per million completed requests at the throughput of the run; nothing without completions."""


def spend(usd_per_hour: float, throughput_per_s: float) -> Spend:
    """The cost of running at `usd_per_hour` while `throughput_per_s` requests are completed."""
    million = usd_per_hour / (throughput_per_s * 3600) * 1e6 if throughput_per_s > 0 else None
    return Spend(
        usd_per_hour=usd_per_hour,
        usd_per_month=usd_per_hour * HOURS_PER_MONTH,
        usd_per_million_requests=million,
    )
