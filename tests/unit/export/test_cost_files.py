"""A cost written as a workbook, CSV, JSON and FOCUS, and read again."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from costed import G5, OWN, answered, costed, half_used
from recalculated import changed_and_recalculated, named_values

from capsim.costing import Cost, cost
from capsim.errors import InputError, MissingExtraError
from capsim.export.bill import check_ending, write_costs
from capsim.export.focus import write_focus
from capsim.prices import shipped_offers

COSTS = {"egress_usd_per_gb": 0.09, "staff_usd_per_month": 100, "cost_of_capital": "8 %"}


def changed(price: Any, **changes: Any) -> Cost:
    """The cost with other prices and the same answer."""
    given = half_used(price, **changes)
    return cost(given, answered(given))


def read_rows(file: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.read_text())))


def bill_of(told: Cost) -> dict[str, float | None]:
    return {"usd_per_month": told.usd_per_month, "usd_per_million_requests": told.usd_per_million_requests}


def test_every_formula_is_written_with_its_value(tmp_path: Path) -> None:
    told = costed({"own": OWN}, costs=COSTS, network={"response_size": "100 kB"}, objective={"p99": "1 s"})
    write_costs([told], tmp_path / "cost.xlsx")
    values = named_values(tmp_path / "cost.xlsx")
    assert {name: values[name] for name in bill_of(told)} == pytest.approx(bill_of(told))
    for quantity in told.assumptions:
        assert values[quantity.name] == (None if quantity.value is None else pytest.approx(quantity.value))
    formulas = openpyxl.load_workbook(tmp_path / "cost.xlsx")
    assert str(formulas["Bill"]["B3"].value).startswith("=gpu_servers*")
    assert [sheet.title for sheet in formulas] == ["Bill", "Assumptions", "Terms", "Sources"]


@pytest.mark.slow
def test_a_changed_assumption_recalculates_to_what_the_program_says(tmp_path: Path) -> None:
    settings: dict[str, Any] = {"network": {"response_size": "100 kB"}, "objective": {"p99": "1 s"}}
    write_costs([costed({"own": OWN}, costs=COSTS, **settings)], tmp_path / "cost.xlsx")
    values = changed_and_recalculated(
        tmp_path / "cost.xlsx",
        {
            "gpu_purchase": 20_000,
            "gpu_salvage": 2_000,
            "gpu_cost_of_capital": 0.08,
            "gpu_pue": 1.1,
            "egress_usd_per_gb": 0.2,
        },
    )
    own = {**OWN, "purchase": 20_000, "salvage": 2_000, "cost_of_capital": "8 %", "pue": 1.1}
    expected = bill_of(changed({"own": own}, costs={**COSTS, "egress_usd_per_gb": 0.2}, **settings))
    assert {name: values[name] for name in expected} == pytest.approx(expected)


@pytest.mark.slow
def test_a_changed_discount_recalculates_to_what_the_program_says(tmp_path: Path) -> None:
    write_costs([costed({"offer": G5, "discount": "10 %"})], tmp_path / "cost.xlsx")
    values = changed_and_recalculated(tmp_path / "cost.xlsx", {"gpu_discount": 0.25, "gpu_servers": 2})
    expected = bill_of(changed({"offer": G5, "discount": "25 %"}))
    assert {name: values[name] for name in expected} == pytest.approx(expected)


def test_a_workbook_that_cannot_be_written_leaves_the_old_one_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import capsim.export.cost_workbook as module

    there = tmp_path / "cost.xlsx"
    there.write_bytes(b"old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "closed", full)
    with pytest.raises(InputError, match="cannot be written"):
        write_costs([costed({"usd_per_hour": 1})], there)
    assert there.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["cost.xlsx"]


def test_a_workbook_needs_its_extra_before_the_work_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    with pytest.raises(MissingExtraError, match="xlsx"):
        check_ending(Path("cost.xlsx"), "--output")
    with pytest.raises(InputError, match=r"ending in \.csv, \.json or \.xlsx"):
        check_ending(Path("cost.pdf"), "--output")


def test_csv_and_json_hold_the_lines(tmp_path: Path) -> None:
    told = costed({"usd_per_hour": 1.5})
    write_costs([told], tmp_path / "cost.csv")
    write_costs([told], tmp_path / "cost.json")
    rows = read_rows(tmp_path / "cost.csv")
    assert [float(row["usd_per_month"]) for row in rows] == pytest.approx([1095, 1095])
    assert json.loads((tmp_path / "cost.json").read_text())["usd_per_hour"] == pytest.approx(3)


def test_focus_tells_list_contracted_and_what_is_only_predicted(tmp_path: Path) -> None:
    given = half_used({"offer": G5, "discount": "10 %"}, costs={"staff_usd_per_month": 100})
    told = cost(given, answered(given), shipped_offers())
    write_focus(told, given, tmp_path / "focus.csv", [("2027-01-01T00:00:00Z", "2027-02-01T00:00:00Z")])
    rows = read_rows(tmp_path / "focus.csv")
    assert sum(float(row["BilledCost"]) for row in rows) == pytest.approx(told.usd_per_month, abs=1e-4)
    first = rows[0]
    assert float(first["ListCost"]) == pytest.approx(730 * 1.006, abs=1e-4)
    assert float(first["PricingQuantity"]) == pytest.approx(730)
    assert (first["ServiceProviderName"], first["SkuId"], first["PricingCategory"]) == ("aws", "g5.xlarge", "Standard")
    assert all(row["x_Forecast"] == "true" for row in rows)
