"""The forecast of a scenario: demand, servers and money of thousands of futures, told by percentiles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from capsim.costing.cost import Cost, DatedPrice
from capsim.costing.staircase import Staircase
from capsim.errors import CodedWarning
from capsim.forecasting.buying import Payment, payments
from capsim.forecasting.fleet import Fleet, Others, Policy
from capsim.forecasting.growth import Chance, Growth, calendar, chance
from capsim.forecasting.model import Future, Inputs, futures
from capsim.forecasting.sensitivity import Sensitivity, sensitivities
from capsim.scenario import Scenario
from capsim.stats import Result

SCHEMA = "capsim.forecast/1"
PERCENTILES = {"p10": 0.1, "p50": 0.5, "p90": 0.9}

Floats = NDArray[np.float64]
Range = dict[str, float]


@dataclass(frozen=True)
class Asked:
    """What the forecast goes by, besides the scenario.

    Attributes:
        months: how many.
        growth: of demand.
        peak: the busiest hour over the mean of a month; nothing: nobody said, and it is taken for 1.
        lead_months: from an order to the servers, of those that are bought or committed to.
        margin: more demand than expected that orders provide for, as a fraction.
        spare: blocks kept beyond what is needed.
        price_change: of servers by the year, as a fraction; nothing: they stay.
        futures: how many.
        seed: of chance.
    """

    months: int
    growth: Growth
    peak: float | None = None
    lead_months: int = 0
    margin: float = 0.0
    spare: int = 0
    price_change: float | None = None
    futures: int = 4000
    seed: int = 0


@dataclass(frozen=True)
class Month:
    """A month of the forecast: percentiles over all futures.

    Attributes:
        month: counted from 1.
        calendar: which it is, as `2026-12`; nothing where nobody says when the first is.
        demand_per_s: mean requests per second.
        servers: that are there.
        cash_usd: paid in the month.
        amortised_usd: the month's share of what its servers cost.
        short: share of the futures in which fewer servers are there than needed.
    """

    month: int
    calendar: str | None
    demand_per_s: Range
    servers: Range
    cash_usd: Range
    amortised_usd: Range
    short: float


@dataclass(frozen=True)
class Expected:
    """A month of the one future in which everything is at its middle.

    Attributes:
        month: counted from 1.
        demand_per_s: mean requests per second.
        servers: that are there.
        cash_usd: paid in the month.
        amortised_usd: the month's share of what its servers cost.
    """

    month: int
    demand_per_s: float
    servers: int
    cash_usd: float
    amortised_usd: float


@dataclass(frozen=True)
class Forecast:
    """What comes, and what it costs.

    Attributes:
        scenario: its name.
        months: one after the other.
        expected: the same with everything at its middle.
        run_out_month: the first month in which today's servers are too few, by percentile, nothing where that is
            beyond the last; 0 is now. Nothing at all where they suffice in nine of ten futures.
        order_by_month: the month in which to order so that in nine of ten futures servers come in time; 0 is now.
        npv_usd: all cash, discounted to today.
        total_cash_usd: all cash.
        total_amortised_usd: all months' shares.
        sensitivity: which assumption moves the net present value.
        growth: of demand.
        staircase: what servers bear, as it was simulated.
        policy: how the fleet follows demand.
        pools: how the servers of a block are paid for.
        others: what else is paid by the month.
        peak: the busiest hour over the mean of a month.
        price_change: of servers by the year, as a fraction.
        cost_of_capital: by the year, as a fraction.
        today: servers in the scenario.
        prices: what it rests on.
        assumes: what is taken for granted, and what is absent.
        warnings: what is doubtful about the scenario's own answer.
        futures: how many.
        seed: of chance.
    """

    scenario: str
    months: Sequence[Month]
    expected: Sequence[Expected]
    run_out_month: Mapping[str, int | None] | None
    order_by_month: int | None
    npv_usd: Range
    total_cash_usd: Range
    total_amortised_usd: Range
    sensitivity: Sequence[Sensitivity]
    growth: Growth
    staircase: Staircase
    policy: Policy
    pools: Sequence[Payment]
    others: Others
    peak: float
    price_change: float
    cost_of_capital: float
    today: int
    prices: Sequence[DatedPrice]
    assumes: Sequence[str]
    warnings: Sequence[CodedWarning]
    futures: int
    seed: int

    @property
    def fleet(self) -> Fleet:
        """How the servers follow demand."""
        return Fleet(self.staircase, self.staircase.given, self.policy, self.pools, self.others)

    def to_dict(self) -> dict[str, Any]:
        """What `capsim forecast --json` prints."""
        told = asdict(self)
        told["growth"]["per_month"] = self.growth.per_month
        return {"schema": SCHEMA, **told}


def forecast(scenario: Scenario, result: Result, cost: Cost, stairs: Staircase, asked: Asked) -> Forecast:
    """What comes of a scenario.

    Args:
        scenario: with a price for every pool.
        result: its answer, for the use of its servers.
        cost: what it costs now, for what is paid besides servers.
        stairs: how much load its servers bear.
        asked: growth, months, and how the fleet follows.

    Raises:
        InputError: a pool has no price.
    """
    policy = Policy(asked.lead_months, asked.growth.drift, asked.margin, asked.spare)
    pools = payments(scenario, result, dict(stairs.block))
    fleet = Fleet(stairs, stairs.given, policy, pools, _others(cost, stairs))
    drawn = chance(asked.seed, asked.futures, asked.months)
    told = futures(asked.growth, fleet, _inputs(scenario, asked, drawn))
    run_out = _run_out(told, fleet, asked)
    middle = _inputs(scenario, asked, _middle(asked.months))
    return Forecast(
        scenario=scenario.name,
        months=_months(told, asked),
        expected=_expected(futures(asked.growth, fleet, middle)),
        run_out_month=run_out,
        order_by_month=_order_by(run_out, asked.lead_months),
        npv_usd=_range(told.npv_usd),
        total_cash_usd=_range(told.money.cash.sum(axis=1)),
        total_amortised_usd=_range(told.money.amortised.sum(axis=1)),
        sensitivity=sensitivities(asked.growth, fleet, middle, drawn.shocks),
        growth=asked.growth,
        staircase=stairs,
        policy=policy,
        pools=pools,
        others=fleet.others,
        peak=asked.peak or 1.0,
        price_change=asked.price_change or 0.0,
        cost_of_capital=scenario.costs.cost_of_capital or 0.0,
        today=stairs.given * stairs.servers,
        prices=cost.prices,
        assumes=[*_assumed(scenario, asked, fleet), *(quantity.source for quantity in cost.absent)],
        warnings=cost.warnings,
        futures=asked.futures,
        seed=asked.seed,
    )


def _inputs(scenario: Scenario, asked: Asked, drawn: Chance) -> Inputs:
    count, growth = len(drawn.spread), asked.growth
    sigma = growth.spreads(drawn.spread)
    ones = np.ones(count)
    return Inputs(
        drift=growth.drifts(drawn.drift, sigma),
        sigma=sigma,
        shocks=drawn.shocks,
        peak=ones * (asked.peak or 1.0),
        capacity=ones,
        price=ones,
        price_change=ones * (asked.price_change or 0.0),
        discount=ones * (scenario.costs.cost_of_capital or 0.0),
    )


def _middle(months: int) -> Chance:
    return Chance(np.array([0.5]), np.array([0.5]), np.zeros((1, months)))


def _others(cost: Cost, stairs: Staircase) -> Others:
    """The lines that are nobody's servers: those that follow requests, those that follow servers, and the rest."""
    lines = {line.name: line.usd_per_month for line in cost.lines if line.pool is None}
    egress, licences = lines.pop("network egress", 0.0), lines.pop("licences by server", 0.0)
    each = egress / cost.throughput_per_s if cost.throughput_per_s else 0.0
    return Others(sum(lines.values()), each, licences / stairs.given)


def _range(values: NDArray[Any]) -> Range:
    return {name: float(np.quantile(values, level)) for name, level in PERCENTILES.items()}


def _months(told: Future, asked: Asked) -> list[Month]:
    money = told.money
    return [
        Month(
            month=i + 1,
            calendar=calendar(asked.growth.first, i + 1),
            demand_per_s=_range(told.demand_per_s[:, i]),
            servers={name: round(value) for name, value in _range(money.servers[:, i]).items()},
            cash_usd=_range(money.cash[:, i]),
            amortised_usd=_range(money.amortised[:, i]),
            short=float(money.short[:, i].mean()),
        )
        for i in range(asked.months)
    ]


def _expected(told: Future) -> list[Expected]:
    money = told.money
    rows = zip(told.demand_per_s[0], money.servers[0], money.cash[0], money.amortised[0], strict=True)
    return [Expected(i, float(d), int(n), float(c), float(a)) for i, (d, n, c, a) in enumerate(rows, start=1)]


def _run_out(told: Future, fleet: Fleet, asked: Asked) -> dict[str, int | None] | None:
    """The first month, from 0 for now, in which demand needs more than today's servers."""
    now = np.full((asked.futures, 1), asked.growth.level_per_s)
    demand = np.concatenate([now, told.demand_per_s], axis=1) * (asked.peak or 1.0)
    short = fleet.stairs.blocks_for(demand) + fleet.policy.spare > fleet.today
    first = np.where(short.any(axis=1), short.argmax(axis=1), asked.months + 1)
    months = {name: int(np.quantile(first, level, method="lower")) for name, level in PERCENTILES.items()}
    if months["p10"] > asked.months:
        return None
    return {name: month if month <= asked.months else None for name, month in months.items()}


def _order_by(run_out: Mapping[str, int | None] | None, lead: int) -> int | None:
    first = None if run_out is None else run_out["p10"]
    return None if first is None else max(0, first - lead)


def _assumed(scenario: Scenario, asked: Asked, fleet: Fleet) -> list[str]:
    growth = asked.growth
    told = []
    if growth.differences is None:
        if not growth.drift_sd:
            told.append("growth is taken for known: say how sure it is with --growth-sd")
        if not growth.sigma:
            told.append("every month grows alike: say how much months differ with --volatility")
    else:
        told.append("growth goes on as in the history: no level shifts, no saturation, no seasons")
    if asked.peak is None:
        told.append("the busiest hour is like the mean of the month: say otherwise with --peak")
    if asked.price_change is None:
        told.append("prices stay as they are: say otherwise with --price-change")
    if scenario.costs.cost_of_capital is None:
        told.append("costs.cost_of_capital is not given, so cash is not discounted")
    if any(pool.life_months for pool in fleet.pools):
        told.append("the scenario's servers are bought in month 1 and replaced at the end of their life")
        if not asked.lead_months:
            told.append("ordered servers are there at once: say otherwise with --lead")
    told.append("servers beyond the last knot are used as much as there")
    if any(pool.kind == "own" for pool in fleet.pools):
        told.append("servers draw the power that they draw at the use of today")
    return told
