"""What a price by the hour makes by the month, the year and the request."""

from __future__ import annotations

from capsim.parameters import parameters

HOURS_PER_MONTH = 730
"""A twelfth of a year of 8,760 hours."""
HOURS_PER_YEAR = 8760
SECONDS_PER_HOUR = 3600


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
    return Spend(
        usd_per_hour=usd_per_hour,
        usd_per_month=usd_per_hour * HOURS_PER_MONTH,
        usd_per_million_requests=per_million(usd_per_hour, throughput_per_s),
    )


def per_million(usd_per_hour: float, per_s: float) -> float | None:
    """US dollars per million of what comes `per_s` times a second; nothing where it never comes."""
    return usd_per_hour / (per_s * SECONDS_PER_HOUR) * 1e6 if per_s > 0 else None
