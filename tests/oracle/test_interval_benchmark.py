"""The table of docs/explanation/intervals.md, made anew and held to what it promises."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "intervals.py"


@pytest.fixture(scope="module")
def table() -> dict[str, Any]:
    command = [sys.executable, str(BENCHMARK), "--json", "--seeds", "400", "--workers", "2"]
    made = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(made.stdout)
    return found


@pytest.mark.slow
def test_intervals_of_95_percent_cover_in_90_to_98_percent(table: dict[str, Any]) -> None:
    found = {
        (row["case"], row["load"], name): share
        for row in table["cases"]
        for name, share in row.get("coverage", {}).items()
    }
    assert len(found) == 12
    assert {key: share for key, share in found.items() if not 0.9 <= share <= 0.98} == {}


@pytest.mark.slow
def test_so_do_those_of_differences(table: dict[str, Any]) -> None:
    shares = [share for row in table["differences"] for share in row["coverage"].values()]
    assert len(shares) == 4
    assert all(0.9 <= share <= 0.98 for share in shares), shares


@pytest.mark.slow
def test_only_overloaded_systems_are_said_to_be_saturated(table: dict[str, Any]) -> None:
    for row in table["cases"]:
        if row["load"] < 1:
            assert row["saturated"] <= 0.01, row
    shares = {row["load"]: row["saturated"] for row in table["cases"]}
    assert shares[1.05] >= 0.8
    assert shares[1.1] >= 0.98


@pytest.mark.slow
def test_objectives_hold_as_often_as_their_probability_says(table: dict[str, Any]) -> None:
    for row in table["calibration"]:
        assert row["answers"] >= 50
        assert abs(row["held"] - row["said"]) <= 0.08, row
