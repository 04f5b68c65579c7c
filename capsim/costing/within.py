"""How many of the requests are answered within the objective, and what each class has of the cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from capsim.costing.bill import Line
from capsim.prices import per_million
from capsim.prices.spend import HOURS_PER_MONTH
from capsim.stats import Result


@dataclass(frozen=True)
class ClassCost:
    """What the requests of a class cost.

    Attributes:
        name: of the class.
        share: of the servers, by the time that it had of their instances; nothing where nobody used any.
        usd_per_month: its share of all lines of the servers.
        idle_usd_per_month: what of that is for servers that wait, shared by use.
        usd_per_million_requests: by million of its completed requests.
        usd_per_million_within_objective: by million of those within its deadline or objective.
    """

    name: str
    share: float | None
    usd_per_month: float | None
    idle_usd_per_month: float | None
    usd_per_million_requests: float | None
    usd_per_million_within_objective: float | None


def limit_s(result: Result) -> float | None:
    """The latency that a request is to keep below (s); nothing where there is none, or classes have their own."""
    limits = {each.goodput_within_s for each in result.classes}
    return limits.pop() if len(limits) == 1 else None


def share_within(result: Result) -> float | None:
    """The share of completed requests that are answered within their limit; nothing where that is not known."""
    goodput, throughput = result.goodput_per_s, result.throughput_per_s.value
    if goodput is None or goodput.value is None or not throughput:
        return None
    return min(goodput.value / throughput, 1.0)


def by_class(result: Result, lines: Sequence[Line]) -> list[ClassCost]:
    """What each class of requests has of the servers' cost."""
    servers = sum(line.usd_per_month for line in lines if line.pool is not None)
    idle = sum(line.usd_per_month for line in lines if line.pool is not None and line.name.endswith("idle"))
    told = []
    for each in result.classes:
        share = each.cost_share
        usd = None if share is None else share * servers
        goodput = None if each.goodput_per_s is None else each.goodput_per_s.value
        told.append(
            ClassCost(
                each.name,
                share,
                usd,
                None if share is None else share * idle,
                _each(usd, each.throughput_per_s.value),
                _each(usd, goodput),
            )
        )
    return told


def _each(usd_per_month: float | None, per_s: float | None) -> float | None:
    return None if usd_per_month is None or per_s is None else per_million(usd_per_month / HOURS_PER_MONTH, per_s)
