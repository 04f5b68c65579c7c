"""A forecast as tables and sentences for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from capsim.costing.quantities import percent
from capsim.forecasting import Forecast
from capsim.forecasting.forecast import Range

MOST_MONTHS = 14
"""A longer forecast shows every third month."""
BAR = 20


def forecast_text(told: Forecast) -> RenderableType:
    """What comes, when to order, what it costs, and what moves that."""
    return Group(*_parts(told))


def _parts(told: Forecast) -> Iterator[RenderableType]:
    months = len(told.months)
    yield Text.assemble((told.scenario, "bold"), f"  {months} months, {told.futures:,} futures, seed {told.seed}")
    yield Text(f"demand     {told.growth.level_per_s:.4g} requests/s now, {growth_in_words(told)}")
    yield from (Text(line) for line in run_out_in_words(told))
    yield Text(f"cash       {money(told.total_cash_usd)} in {months} months; present value {money(told.npv_usd)}")
    yield Text(f"amortised  {money(told.total_amortised_usd)}")
    yield ""
    yield _months(told)
    yield ""
    yield _tornado(told)
    yield ""
    knots = ", ".join(f"{k.blocks * told.staircase.servers}: {k.load_per_s:.4g}" for k in told.staircase.knots)
    yield Text(f"servers bear (requests/s, simulated)  {knots}", style="dim")
    for price in told.prices:
        hourly = "" if price.usd_per_hour is None else f" ${price.usd_per_hour:,.6g}/h,"
        yield Text(f"price      {price.offer}:{hourly} {price.age}", style="yellow" if price.too_old else "")
    for assumed in told.assumes:
        yield Text(f"assumed    {assumed}", style="dim")
    for warning in told.warnings:
        yield Text.assemble(("warning ", "yellow"), (warning.code, "bold"), f"  {warning.message}")


def growth_in_words(told: Forecast) -> str:
    """The growth and how sure it is."""
    growth = told.growth
    sd = f" ± {percent(growth.drift_sd)}" if growth.drift_sd else ""
    swing = f", months differ by {percent(growth.sigma)}" if growth.sigma else ""
    return f"growing by {percent(growth.per_month)}{sd} a month{swing} ({growth.source})"


def run_out_in_words(told: Forecast) -> Iterator[str]:
    """When today's servers are too few, and when to order."""
    servers = f"today's {told.today} server{'' if told.today == 1 else 's'}"
    if told.run_out_month is None:
        yield f"run out    {servers} suffice for all {len(told.months)} months in nine of ten futures"
        return
    ends = {name: _named(told, month) for name, month in told.run_out_month.items()}
    yield f"run out    of {servers}: {ends['p50']} (80 % range {ends['p10']} to {ends['p90']})"
    if told.order_by_month is not None:
        when = "now" if told.order_by_month == 0 else f"by {_named(told, told.order_by_month)}"
        yield f"order      {when}, to be in time in nine of ten futures"


def _named(told: Forecast, month: int | None) -> str:
    if month is None:
        return f"after month {len(told.months)}"
    if month == 0:
        return "now"
    known = told.months[month - 1].calendar
    return f"month {month}" + (f" ({known})" if known else "")


def _months(told: Forecast) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("month")
    for heading in ("requests/s", "servers", "cash $", "amortised $", "short"):
        table.add_column(heading, justify="right")
    for month in told.months:
        if len(told.months) > MOST_MONTHS and month.month % 3 and month.month != 1:
            continue
        table.add_row(
            month.calendar or str(month.month),
            _shown(month.demand_per_s, ".4g"),
            _shown(month.servers, ",.0f"),
            _shown(month.cash_usd, ",.0f"),
            _shown(month.amortised_usd, ",.0f"),
            percent(month.short) if month.short else "",
        )
    return table


def _shown(values: Range, form: str) -> str:
    """The median and, where it differs, the 80 % range."""
    low, middle, high = (format(values[name], form) for name in ("p10", "p50", "p90"))
    return middle if low == high else f"{middle} [{low}, {high}]"


def _tornado(told: Forecast) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("what moves the present value")
    for heading in ("from", "to", "$ at the low end", "$ at the high end", "of variance"):
        table.add_column(heading, justify="right")
    table.add_column("")
    most = max((abs(s.npv_high_usd - s.npv_low_usd) for s in told.sensitivity), default=1.0) or 1.0
    for each in told.sensitivity:
        swing = abs(each.npv_high_usd - each.npv_low_usd)
        ends = (f"{each.low:.4g}", f"{each.high:.4g}", f"{each.npv_low_usd:,.0f}", f"{each.npv_high_usd:,.0f}")
        table.add_row(each.name, *ends, percent(each.share), "█" * round(BAR * swing / most))
    return table


def money(values: Range) -> str:
    """An amount with its 80 % range."""
    return f"${values['p50']:,.0f} [{values['p10']:,.0f}, {values['p90']:,.0f}]"
