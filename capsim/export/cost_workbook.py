"""A cost as a workbook: every assumption a named cell, every amount a formula of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from capsim._version import VERSION
from capsim.costing import Cost, Line, Quantity
from capsim.documents.output import written_whole
from capsim.export.workbook import PLAIN, SHARE, USD, USD_EXACT, Sheet, closed, opened
from capsim.prices import HOURS_PER_MONTH


def write_cost_workbook(cost: Cost, path: Path, option: str) -> None:
    """Write a cost as an .xlsx file with the sheets Bill, Assumptions, Terms and Sources.

    Raises:
        InputError: it cannot be written, and what was there stays as it was.
    """
    with written_whole(path, option) as unfinished:
        book = opened(unfinished)
        bill = Sheet(book, "Bill", (34, 14, 14, 60))
        assumptions = Sheet(book, "Assumptions", (32, 16, 18, 12, 70))
        _assumptions(assumptions, cost)
        _bill(bill, cost, book)
        _terms(Sheet(book, "Terms", (22, 16, 24, 70)), cost)
        _sources(Sheet(book, "Sources", (44, 14, 14, 70)), cost)
        closed(book, path, option)


def _assumptions(sheet: Sheet, cost: Cost) -> None:
    sheet.heading("name", "value", "unit", "origin", "source")
    sheet.freeze(1)
    for quantity in cost.assumptions:
        shown = (PLAIN, _shown(quantity))
        row = sheet.line(quantity.name, _value(quantity), quantity.unit, quantity.origin, quantity.source, shown=shown)
        sheet.name_cell(quantity.name, row, 1)


def _value(quantity: Quantity) -> object:
    """A number, or the formula of what is computed. What is absent is an empty cell, which counts as 0."""
    if quantity.expression is not None and quantity.value is not None:
        return quantity.expression, quantity.value
    return quantity.value


def _shown(quantity: Quantity) -> str:
    return SHARE if quantity.unit in {"share", "per year"} else USD_EXACT if quantity.unit.startswith("USD") else PLAIN


def _bill(sheet: Sheet, cost: Cost, book: Any) -> None:
    sheet.line(f"{cost.scenario}: what it costs", bold=True)
    sheet.heading("line", "USD/month", "USD/year", "how")
    money = (PLAIN, USD, USD)
    first = sheet.row
    for line in cost.lines:
        monthly = _product(line)
        sheet.line(
            line.name,
            (monthly, line.usd_per_month),
            (f"B{sheet.row + 1}*12", line.usd_per_month * 12),
            line.formula,
            shown=money,
        )
    last = sheet.row
    total = f"SUM(B{first + 1}:B{last})"
    row = sheet.line(
        "together",
        (total, cost.usd_per_month),
        (f"SUM(C{first + 1}:C{last})", cost.usd_per_year),
        shown=money,
        bold=True,
    )
    sheet.name_cell("usd_per_month", row, 1)
    sheet.name_cell("usd_per_year", row, 2)
    sheet.skip()
    row = sheet.line("USD per hour", (f"usd_per_month/{HOURS_PER_MONTH}", cost.usd_per_hour), shown=(PLAIN, USD_EXACT))
    sheet.name_cell("usd_per_hour", row, 1)
    if cost.usd_per_million_requests is not None:
        each = ("usd_per_month/requests_per_month*1000000", cost.usd_per_million_requests)
        row = sheet.line("USD per million requests", each, shown=(PLAIN, USD_EXACT))
        sheet.name_cell("usd_per_million_requests", row, 1)
    if cost.usd_per_million_within_objective is not None and cost.within_objective is not None:
        row = sheet.line("share within the objective", cost.within_objective, shown=(PLAIN, "0.00%"))
        sheet.name_cell("within_objective", row, 1)
        within = ("usd_per_million_requests/within_objective", cost.usd_per_million_within_objective)
        sheet.line("USD per million within the objective", within, shown=(PLAIN, USD_EXACT))
    _chart(sheet, book, first, last)


def _product(line: Line) -> str:
    return "*".join(line.factors)


def _chart(sheet: Sheet, book: Any, first: int, last: int) -> None:
    chart = book.add_chart({"type": "bar"})
    where = [sheet.name, first, 1, last - 1, 1]
    chart.add_series({"name": "USD/month", "categories": [sheet.name, first, 0, last - 1, 0], "values": where})
    chart.set_title({"name": "The bill by the month"})
    chart.set_legend({"none": True})
    chart.set_y_axis({"reverse": True})
    sheet.chart(chart, f"A{sheet.row + 3}")


def _terms(sheet: Sheet, cost: Cost) -> None:
    sheet.heading("the servers, paid", "USD/year", "break-even utilisation", "notes")
    for term in cost.terms:
        name = f"{term.term}{' (as now)' if term.given else ''}"
        notes = "; ".join((*term.offers, *term.notes))
        sheet.line(name, term.usd_per_year, term.break_even_utilisation, notes, shown=(PLAIN, USD, SHARE))


def _sources(sheet: Sheet, cost: Cost) -> None:
    sheet.heading("price", "USD/h", "date", "source")
    for price in cost.prices:
        sheet.line(
            price.offer,
            price.usd_per_hour,
            price.date or "not given",
            f"{price.source} ({price.age})",
            shown=(PLAIN, USD_EXACT),
        )
    sheet.skip()
    for warning in cost.warnings:
        sheet.line(f"warning {warning.code}", None, None, warning.message)
    sheet.line("written by", f"capsim {VERSION}")
