"""A forecast as a workbook: the months with everything at its middle as live formulas, the ranges beside them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from capsim._version import VERSION
from capsim.documents.output import written_whole
from capsim.export.month_formulas import Months
from capsim.export.workbook import PLAIN, SHARE, USD, USD_EXACT, Sheet, closed, opened
from capsim.forecasting import Forecast

RANGES = ("demand_per_s", "servers", "cash_usd", "amortised_usd")
LEVELS = ("p10", "p50", "p90")


def write_forecast_workbook(forecast: Forecast, path: Path, option: str) -> None:
    """Write a forecast as an .xlsx file with the sheets Months, Assumptions, Staircase, Ranges, Sensitivity, Sources.

    Raises:
        InputError: it cannot be written, and what was there stays as it was.
    """
    with written_whole(path, option) as unfinished:
        book = opened(unfinished)
        months = Sheet(book, "Months", (8, 10, *[14] * 40))
        _assumptions(Sheet(book, "Assumptions", (36, 16, 22, 70)), forecast)
        stairs = _staircase(Sheet(book, "Staircase", (10, 18, 40)), forecast)
        _months(months, forecast, stairs, book)
        _ranges(Sheet(book, "Ranges", (8, 10, *[14] * 13)), forecast, book)
        _sensitivity(Sheet(book, "Sensitivity", (26, 12, 12, 18, 18, 12, 12, 50)), forecast)
        _sources(Sheet(book, "Sources", (44, 14, 14, 70)), forecast)
        closed(book, path, option)


def _assumptions(sheet: Sheet, told: Forecast) -> None:
    sheet.heading("name", "value", "unit", "what it is")
    sheet.freeze(1)
    policy, others, growth = told.policy, told.others, told.growth
    rows: list[tuple[str, float, str, str]] = [
        ("demand_now_per_s", growth.level_per_s, "requests/s", f"demand now ({growth.source})"),
        ("growth_per_month", growth.per_month, "per month", "growth of the median"),
        ("peak", told.peak, "ratio", "the busiest hour over the mean of a month"),
        ("lead_months", policy.lead_months, "months", "from an order to the servers, where they are bought"),
        ("margin", policy.margin, "share", "more demand than expected that orders provide for"),
        ("spare_blocks", policy.spare, "blocks", "kept beyond what is needed"),
        ("today_blocks", told.staircase.given, "blocks", "servers of the scenario"),
        ("price_change_per_year", told.price_change, "per year", "of servers"),
        ("cost_of_capital", told.cost_of_capital, "per year", "by which cash is discounted"),
        ("fixed_usd_per_month", others.fixed, "USD/month", "whatever comes"),
        ("usd_per_request_per_s", others.per_request_s, "USD/month", "for each request per second of demand"),
        ("usd_per_block_month", others.per_block, "USD/month", "for each block of servers, besides those below"),
    ]
    for i, pool in enumerate(told.pools, start=1):
        what = f"pool {pool.pool}, {pool.kind}, {told.staircase.block[pool.pool]} servers in a block"
        rows += [
            (f"pool_{i}_servers", told.staircase.block[pool.pool], "servers/block", what),
            (f"pool_{i}_upfront_usd", pool.upfront_usd, "USD/block", f"{what}: paid when they come"),
            (f"pool_{i}_usd_per_month", pool.usd_per_month, "USD/block/month", f"{what}: paid while they are there"),
            (f"pool_{i}_life_months", pool.life_months, "months", f"{what}: 0 where they may go each month"),
            (f"pool_{i}_salvage_usd", pool.salvage_usd, "USD/block", f"{what}: got back at the end"),
            (
                f"pool_{i}_capital_usd",
                pool.capital_usd_per_month,
                "USD/block/month",
                f"{what}: of what was paid up front",
            ),
        ]
    for name, value, unit, what in rows:
        shown = SHARE if unit in {"per month", "per year", "share"} else USD_EXACT if unit.startswith("USD") else PLAIN
        sheet.name_cell(name, sheet.line(name, value, unit, what, shown=(PLAIN, shown)), 1)
    sheet.skip()
    for assumed in told.assumes:
        sheet.line("assumed", None, None, assumed)


def _staircase(sheet: Sheet, told: Forecast) -> str:
    """The load that each number of blocks bears; gives the range of loads."""
    stairs = told.staircase
    simulated = {knot.blocks: f"simulated, {knot.simulations} runs" for knot in stairs.knots}
    sheet.heading("blocks", "requests/s", "")
    sheet.freeze(1)
    last = stairs.knots[-1].blocks
    most = 0.0
    for blocks in range(1, last + 1):
        most = max(most, float(stairs.bears_per_s(blocks)))
        sheet.line(blocks, most, simulated.get(blocks, "interpolated"))
    sheet.skip()
    row = sheet.line("each more", stairs.knots[-1].load_per_s / last, "requests/s for each block beyond")
    sheet.name_cell("load_per_more_block", row, 1)
    return f"Staircase!$B$2:$B${last + 1}"


def _months(sheet: Sheet, told: Forecast, stairs: str, book: Any) -> None:
    """The months with everything at its middle, as formulas of the assumptions."""
    sheet.heading(*Months.headings(len(told.pools)))
    sheet.freeze(1)
    formulas = Months(told, stairs)
    for month in range(1, len(told.expected) + 1):
        sheet.line(month, told.months[month - 1].calendar, *formulas.cells(month), shown=formulas.shown)
    last = len(told.expected) + 1
    cash, amortised, discounted = (formulas.column(name) for name in ("cash", "amortised", "discounted"))
    sheet.skip()
    for name, column, value in (
        ("total_cash_usd", cash, sum(month.cash_usd for month in told.expected)),
        ("total_amortised_usd", amortised, sum(month.amortised_usd for month in told.expected)),
        ("npv_usd", discounted, formulas.npv_usd),
    ):
        row = sheet.line(name, None, (f"SUM({column}2:{column}{last})", value), shown=(PLAIN, PLAIN, USD), bold=True)
        sheet.name_cell(name, row, 2)
    chart = book.add_chart({"type": "column"})
    for column, name in ((cash, "cash"), (amortised, "amortised")):
        at = {"categories": f"=Months!$A$2:$A${last}", "values": f"=Months!${column}$2:${column}${last}"}
        chart.add_series({"name": name, **at})
    chart.set_title({"name": "USD by the month, everything at its middle"})
    sheet.chart(chart, f"A{sheet.row + 3}")


def _ranges(sheet: Sheet, told: Forecast, book: Any) -> None:
    """What the futures say: percentiles, as values."""
    sheet.heading("month", "", *(f"{name} {level}" for name in RANGES for level in LEVELS), "short")
    sheet.freeze(1)
    money = (USD,) * 6
    for month in told.months:
        values = [getattr(month, name)[level] for name in RANGES for level in LEVELS]
        sheet.line(
            month.month,
            month.calendar,
            *values,
            month.short,
            shown=(PLAIN, PLAIN, *("0.00",) * 3, *("0",) * 3, *money, SHARE),
        )
    chart = book.add_chart({"type": "line"})
    for column, level in zip("CDE", LEVELS, strict=True):
        at = {"categories": f"=Ranges!$A$2:$A${sheet.row}", "values": f"=Ranges!${column}$2:${column}${sheet.row}"}
        chart.add_series({"name": level, **at})
    chart.set_title({"name": "Demand, requests per second"})
    sheet.chart(chart, f"A{sheet.row + 3}")


def _sensitivity(sheet: Sheet, told: Forecast) -> None:
    heads = (
        "low",
        "high",
        "present value, low",
        "present value, high",
        "share",
        "share total",
        "where the range is from",
    )
    sheet.heading("assumption", *heads)
    for each in told.sensitivity:
        numbers = (each.low, each.high, each.npv_low_usd, each.npv_high_usd, each.share, each.share_total)
        sheet.line(each.name, *numbers, each.basis, shown=(PLAIN, PLAIN, PLAIN, USD, USD, SHARE, SHARE))


def _sources(sheet: Sheet, told: Forecast) -> None:
    sheet.heading("price", "USD/h", "date", "source")
    for price in told.prices:
        told_of = f"{price.source} ({price.age})"
        sheet.line(price.offer, price.usd_per_hour, price.date or "not given", told_of, shown=(PLAIN, USD_EXACT))
    sheet.skip()
    sheet.line("written by", f"capsim {VERSION}, {told.futures} futures, seed {told.seed}")
