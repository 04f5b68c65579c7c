"""A forecast written as a workbook and read again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest
from costed import OWN, answered, half_used
from recalculated import changed_and_recalculated, named_values

from capsim.costing import cost
from capsim.costing.staircase import Knot, Staircase
from capsim.export.months import write_forecast
from capsim.forecasting import Forecast, forecast, given_growth
from capsim.forecasting.forecast import Asked

STAIRS = Staircase({"gpu": 1}, 2, 10.0, [Knot(1, 0.6, 6.0, 7), Knot(4, 0.75, 30.0, 7), Knot(8, 0.9, 72.0, 7)])
TOTALS = ("npv_usd", "total_cash_usd", "total_amortised_usd")


def told(price: Any, growth: float, **asked: Any) -> Forecast:
    given = half_used(price, costs={"cost_of_capital": "8 %", "staff_usd_per_month": 50})
    answer = answered(given)
    settings = {"months": 40, "growth": given_growth(10, growth, None, None), "futures": 100, **asked}
    return forecast(given, answer, cost(given, answer), STAIRS, Asked(**settings))


def totals(of: Forecast) -> dict[str, float]:
    """Of the expected future, which is that of all where nothing is unsure."""
    return {name: getattr(of, name)["p50"] for name in TOTALS}


@pytest.mark.parametrize("price", [{"usd_per_hour": 1}, {"own": {**OWN, "life": "1 y", "salvage": 2000}}])
def test_every_formula_is_written_with_its_value(tmp_path: Path, price: Any) -> None:
    of = told(price, 0.04, lead_months=2, price_change=-0.1)
    write_forecast(of, tmp_path / "f.xlsx")
    values = named_values(tmp_path / "f.xlsx")
    assert {name: values[name] for name in TOTALS} == pytest.approx(totals(of))
    shown = openpyxl.load_workbook(tmp_path / "f.xlsx", data_only=True)["Months"]
    formulas = openpyxl.load_workbook(tmp_path / "f.xlsx")["Months"]
    assert str(formulas["C2"].value).startswith("=demand_now_per_s*")
    for row, month in zip(shown.iter_rows(min_row=2, max_row=41, values_only=True), of.expected, strict=True):
        assert row[2] == pytest.approx(month.demand_per_s)
        assert month.servers in row


@pytest.mark.slow
@pytest.mark.parametrize("price", [{"usd_per_hour": 1}, {"own": {**OWN, "life": "1 y", "salvage": 2000}}])
def test_changed_assumptions_recalculate_to_what_the_program_says(tmp_path: Path, price: Any) -> None:
    write_forecast(told(price, 0.02), tmp_path / "f.xlsx")
    changes = {
        "growth_per_month": 0.06,
        "peak": 1.4,
        "lead_months": 3,
        "margin": 0.1,
        "spare_blocks": 1,
        "price_change_per_year": -0.2,
    }
    values = changed_and_recalculated(tmp_path / "f.xlsx", changes)
    expected = totals(told(price, 0.06, peak=1.4, lead_months=3, margin=0.1, spare=1, price_change=-0.2))
    assert {name: values[name] for name in TOTALS} == pytest.approx(expected)
