"""From what is not known to what is paid: one function of arrays, a row a future."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from capsim.forecasting.fleet import Fleet, Money
from capsim.forecasting.growth import Growth

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Inputs:
    """What a future is made of, an entry each.

    Attributes:
        drift: of the logarithm of demand, by the month.
        sigma: of its change from month to month.
        shocks: standard normal, future × month.
        peak: the busiest hour over the mean of a month.
        capacity: what servers bear over what the staircase says.
        price: of servers over those of today.
        price_change: of servers, by the year, as a fraction.
        discount: cost of capital by the year, as a fraction.
    """

    drift: Floats
    sigma: Floats
    shocks: Floats
    peak: Floats
    capacity: Floats
    price: Floats
    price_change: Floats
    discount: Floats


@dataclass(frozen=True)
class Future:
    """What comes of inputs.

    Attributes:
        demand_per_s: mean requests per second, future × month.
        money: servers and money.
        npv_usd: the cash of all months, discounted to today, one a future.
    """

    demand_per_s: Floats
    money: Money
    npv_usd: Floats


def futures(growth: Growth, fleet: Fleet, inputs: Inputs) -> Future:
    """Every future: demand, servers, cash and its present value."""
    demand = growth.demand(inputs.drift, inputs.sigma, inputs.shocks)
    years = np.arange(1, demand.shape[1] + 1) / 12
    # The first month pays the prices of today.
    prices = inputs.price[:, None] * (1 + inputs.price_change[:, None]) ** (years - years[0])
    told = fleet.money(demand, demand * (inputs.peak / inputs.capacity)[:, None], prices)
    npv = (told.cash * (1 + inputs.discount[:, None]) ** -years).sum(axis=1)
    return Future(demand, told, npv)
