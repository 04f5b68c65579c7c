"""The months of a forecast as formulas of named cells, each with the value that the program has for it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from capsim.export.workbook import PLAIN, USD
from capsim.forecasting import Forecast
from capsim.forecasting.fleet import alive, gone

COMMON = ("demand", "busiest", "needed", "wanted", "price")
OF_A_POOL = ("bought", "gone", "there", "worth")
TOTALS = ("servers", "cash", "amortised", "discounted")
HEADS = {
    "demand": "requests/s",
    "busiest": "busiest hour",
    "needed": "blocks needed",
    "wanted": "blocks ordered for",
    "price": "price index",
    "servers": "servers",
    "cash": "cash USD",
    "amortised": "amortised USD",
    "discounted": "discounted USD",
}
FIRST = 2
"""Columns before the formulas: the month and the calendar month."""

Values = dict[str, NDArray[np.float64]]
Cell = tuple[str, float]


class Months:
    """The formulas of each month; month m stands in row m + 1, below the headings."""

    def __init__(self, told: Forecast, stairs: str) -> None:
        """Reckon the values.

        Args:
            told: the forecast.
            stairs: the range of cells with the load that each number of blocks bears.
        """
        self._told, self._stairs = told, stairs
        self._names = [*COMMON, *(f"{part} {i}" for i in range(1, len(told.pools) + 1) for part in OF_A_POOL), *TOTALS]
        self._values = _values(told)
        self.shown = (
            PLAIN,
            PLAIN,
            *(USD if name in TOTALS[1:] else "0.00##" if name in COMMON else PLAIN for name in self._names),
        )

    @staticmethod
    def headings(pools: int) -> list[str]:
        """The words above the columns."""
        parts = [f"pool {i} {part}" for i in range(1, pools + 1) for part in OF_A_POOL]
        return ["month", "", *(HEADS[name] for name in COMMON), *parts, *(HEADS[name] for name in TOTALS)]

    @property
    def npv_usd(self) -> float:
        """The cash of all months, discounted."""
        return float(self._values["discounted"].sum())

    def column(self, name: str) -> str:
        """The letter of a column."""
        from xlsxwriter.utility import xl_col_to_name

        return str(xl_col_to_name(FIRST + self._names.index(name)))

    def cells(self, month: int) -> list[Cell]:
        """The formulas of a month with their values."""
        formulas = [*self._common(month), *self._of_pools(month), *self._totals(month)]
        return [
            (formula, float(self._values[name][month - 1])) for formula, name in zip(formulas, self._names, strict=True)
        ]

    def _at(self, name: str, month: int) -> str:
        return f"{self.column(name)}{month + 1}"

    def _blocks(self, load: str) -> str:
        """The fewest blocks that bear a load."""
        last = f"MAX({self._stairs})"
        return f"IF({load}<={last},SUMPRODUCT(--({self._stairs}<{load}))+1,ROUNDUP({load}/load_per_more_block,0))"

    def _common(self, month: int) -> list[str]:
        busiest = self.column("busiest")
        seen = f"INDEX(${busiest}$2:${busiest}${month + 1},MAX(1,A{month + 1}-lead_months))"
        ordered = f"({seen}*(1+growth_per_month)^lead_months*(1+margin))"
        return [
            f"demand_now_per_s*(1+growth_per_month)^A{month + 1}",
            f"{self._at('demand', month)}*peak",
            f"{self._blocks(self._at('busiest', month))}+spare_blocks",
            f"{self._blocks(ordered)}+spare_blocks",
            f"(1+price_change_per_year)^((A{month + 1}-1)/12)",
        ]

    def _of_pools(self, month: int) -> list[str]:
        return [formula for i in range(1, len(self._told.pools) + 1) for formula in self._of_pool(i, month)]

    def _of_pool(self, pool: int, month: int) -> list[str]:
        life, now = f"pool_{pool}_life_months", f"A{month + 1}"
        bought, away = (self._at(f"{part} {pool}", month) for part in ("bought", "gone"))
        wanted, needed, price = (self._at(name, month) for name in ("wanted", "needed", "price"))
        if month == 1:
            first = f"IF({life}=0,0,IF(lead_months=0,MAX({wanted},today_blocks),today_blocks))"
            return [first, "0", f"IF({life}=0,{needed},{bought})", f"{bought}*{price}"]
        before, worth = self._at(f"there {pool}", month - 1), self._at(f"worth {pool}", month - 1)
        earlier, prices = (f"${c}$2:${c}${month}" for c in (self.column(f"bought {pool}"), self.column("price")))
        ends = f"AND({life}>0,{now}>{life})"
        paid = f"INDEX({earlier},{now}-{life})*INDEX({prices},{now}-{life})"
        return [
            f"IF({life}=0,0,IF({now}-1>=MIN(lead_months,{life}),MAX({wanted}-({before}-{away}),0),0))",
            f"IF({ends},INDEX({earlier},{now}-{life}),0)",
            f"IF({life}=0,{needed},{before}-{away}+{bought})",
            f"{worth}+{bought}*{price}-IF({ends},{paid},0)",
        ]

    def _totals(self, month: int) -> list[str]:
        demand, needed, price = (self._at(name, month) for name in ("demand", "needed", "price"))
        other = f"fixed_usd_per_month+usd_per_request_per_s*{demand}+usd_per_block_month*{needed}"
        servers, cash, amortised = [], [other], [other]
        for i, pool in enumerate(self._told.pools, start=1):
            bought, away, there, worth = (self._at(f"{part} {i}", month) for part in OF_A_POOL)
            running = f"{there}*pool_{i}_usd_per_month" + ("" if pool.kind == "own" else f"*{price}")
            servers.append(f"{there}*pool_{i}_servers")
            cash.append(f"{running}+{bought}*{price}*pool_{i}_upfront_usd-{away}*pool_{i}_salvage_usd")
            amortised.append(f"{running}+{worth}*pool_{i}_capital_usd")
        discounted = f"{self._at('cash', month)}/(1+cost_of_capital)^(A{month + 1}/12)"
        return ["+".join(servers), "+".join(cash), "+".join(amortised), discounted]


def _values(told: Forecast) -> Values:
    """What the program has for each column, one a month."""
    fleet, months = told.fleet, np.arange(1, len(told.expected) + 1)
    demand = np.array([[month.demand_per_s for month in told.expected]])
    busiest = demand * told.peak
    prices = (1 + told.price_change) ** ((months - 1) / 12)
    needed = fleet.stairs.blocks_for(busiest) + fleet.policy.spare
    cash = np.array([month.cash_usd for month in told.expected])
    values: Values = {
        "demand": demand[0],
        "busiest": busiest[0],
        "needed": needed[0].astype(np.float64),
        "wanted": fleet.wanted(busiest)[0].astype(np.float64),
        "price": np.asarray(prices),
        "servers": np.array([float(month.servers) for month in told.expected]),
        "cash": cash,
        "amortised": np.array([month.amortised_usd for month in told.expected]),
        "discounted": cash / (1 + told.cost_of_capital) ** (months / 12),
    }
    for i, pool in enumerate(told.pools, start=1):
        bought = fleet.bought(needed, busiest, pool.life_months)
        there = needed if pool.life_months == 0 else alive(bought, pool.life_months)
        values[f"bought {i}"], values[f"there {i}"] = bought[0].astype(np.float64), there[0].astype(np.float64)
        values[f"gone {i}"] = gone(bought, pool.life_months)[0].astype(np.float64)
        values[f"worth {i}"] = np.asarray(alive(bought * prices, pool.life_months)[0])
    return values
