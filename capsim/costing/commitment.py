"""Which servers to commit to and which to take by the hour: each layer of servers on the terms that cost it least.

The r-th server is needed in a share of all hours. On demand it costs that share of its price, committed it costs all
of its price. Layer by layer the cheaper is taken, which is the cheapest mix there is, as layers don't touch each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from capsim.prices import HOURS_PER_YEAR

ON_DEMAND = "on-demand"
Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Layer:
    """Servers that are paid for on the same terms.

    Attributes:
        term: in words.
        blocks: how many blocks; on demand, the most at a time.
        usd_per_year: what they cost by the year, amortised.
        upfront_usd: what of it is paid at the start, for the whole term.
    """

    term: str
    blocks: int
    usd_per_year: float
    upfront_usd: float


@dataclass(frozen=True)
class Mix:
    """The cheapest mix of terms for a demand.

    Attributes:
        layers: committed ones first.
        usd_per_year: together, amortised.
        on_demand_usd_per_year: the same demand, all of it by the hour.
        peak_usd_per_year: the same, with the servers of the busiest hour on demand all the time.
        upfront_usd: cash at the start.
        coverage: share of the hours of servers needed that commitments cover.
        utilisation: share of the committed hours of servers that are needed.
        regret_usd_per_year: what the mix costs more than the best one, should the load be half of this.
        hours: how many were looked at.
        most_blocks: needed in the busiest hour.
        mean_blocks: needed on average.
    """

    layers: Sequence[Layer]
    usd_per_year: float
    on_demand_usd_per_year: float
    peak_usd_per_year: float
    upfront_usd: float
    coverage: float
    utilisation: float | None
    regret_usd_per_year: float
    hours: int
    most_blocks: int
    mean_blocks: float


@dataclass(frozen=True)
class Rate:
    """What a block costs on some terms.

    Attributes:
        usd_per_hour: amortised.
        upfront_usd: paid at the start for the whole term.
    """

    usd_per_hour: float
    upfront_usd: float = 0.0


def mix(needed: Counts, halved: Counts, rates: Mapping[str, Rate]) -> Mix:
    """The cheapest mix for the blocks that each hour needs.

    Args:
        needed: blocks by hour.
        halved: blocks by hour should the load be half.
        rates: term to what a block costs; `on-demand` is needed.
    """
    committed = _committed(needed, rates)
    layers = [*_layers(committed, rates), _on_demand(needed, len(committed), rates)]
    total = _cost(needed, committed, rates)
    hours, reserved = len(needed), len(committed)
    covered = int(np.minimum(needed, reserved).sum())
    hourly = rates[ON_DEMAND].usd_per_hour
    return Mix(
        layers=layers,
        usd_per_year=total,
        on_demand_usd_per_year=float(needed.mean()) * hourly * HOURS_PER_YEAR,
        peak_usd_per_year=float(needed.max()) * hourly * HOURS_PER_YEAR,
        upfront_usd=sum(layer.upfront_usd for layer in layers),
        coverage=covered / int(needed.sum()),
        utilisation=covered / (reserved * hours) if reserved else None,
        regret_usd_per_year=_cost(halved, committed, rates) - _cost(halved, _committed(halved, rates), rates),
        hours=hours,
        most_blocks=int(needed.max()),
        mean_blocks=float(needed.mean()),
    )


def _committed(needed: Counts, rates: Mapping[str, Rate]) -> list[str]:
    """The term of each layer that is committed to, from the lowest."""
    hourly = rates[ON_DEMAND].usd_per_hour
    others = {term: rate.usd_per_hour for term, rate in rates.items() if term != ON_DEMAND}
    if not others:
        return []
    cheapest = min(others, key=lambda term: others[term])
    shares = _shares(needed)
    return [cheapest for share in shares if others[cheapest] <= share * hourly]


def _shares(needed: Counts) -> list[float]:
    """The share of hours in which the first, the second … block is needed."""
    counts = np.bincount(needed, minlength=int(needed.max()) + 1)
    at_least = np.cumsum(counts[::-1])[::-1][1:]
    return [float(count) / len(needed) for count in at_least]


def _cost(needed: Counts, committed: Sequence[str], rates: Mapping[str, Rate]) -> float:
    """What a demand costs by the year with these commitments and the rest by the hour."""
    fixed = sum(rates[term].usd_per_hour for term in committed)
    above = float(np.maximum(needed - len(committed), 0).mean())
    return (fixed + above * rates[ON_DEMAND].usd_per_hour) * HOURS_PER_YEAR


def _layers(committed: Sequence[str], rates: Mapping[str, Rate]) -> list[Layer]:
    counts = {term: committed.count(term) for term in dict.fromkeys(committed)}
    return [
        Layer(term, count, count * rates[term].usd_per_hour * HOURS_PER_YEAR, count * rates[term].upfront_usd)
        for term, count in counts.items()
    ]


def _on_demand(needed: Counts, committed: int, rates: Mapping[str, Rate]) -> Layer:
    above = np.maximum(needed - committed, 0)
    usd = float(above.mean()) * rates[ON_DEMAND].usd_per_hour * HOURS_PER_YEAR
    return Layer(ON_DEMAND, int(above.max()), usd, 0.0)
