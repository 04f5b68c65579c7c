"""Some rows of the table of docs/explanation/intervals.md, made anew and held to what it promises."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "intervals.py"
ROWS = r"^M/M/1 at 0.5, 60 s|^M/M/1 at 0.7, 60 s|^M/M/1 at 0.8, 20 s, replications 20|^change: M/M/1 at 0.5|^overload"
LEAST, MOST = 0.92, 0.98


@pytest.fixture(scope="module")
def table() -> dict[str, Any]:
    command = [sys.executable, str(BENCHMARK), "--json", "--seeds", "400", "--rows", ROWS]
    made = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(made.stdout)
    return found


@pytest.mark.slow
def test_intervals_of_95_percent_cover_where_nothing_is_warned_of(table: dict[str, Any]) -> None:
    assert len(table["cases"]) == 4
    assert len(table["differences"]) == 1
    for row in [*table["cases"], *table["differences"]]:
        for name in ("mean", "p99"):
            if row[name]["unwarned"] >= 100:
                # Two standard errors of a coverage that so many answers tell.
                noise = 2 * (LEAST * (1 - LEAST) / row[name]["unwarned"]) ** 0.5
                assert LEAST - noise <= row[name]["covered"] <= MOST + noise, (row["case"], name)


@pytest.mark.slow
def test_warnings_are_for_runs_that_are_too_short(table: dict[str, Any]) -> None:
    warned = {row["case"]: row["warned"] for row in table["cases"]}
    assert warned["M/M/1 at 0.5, 60 s, replications 5"] == 0
    assert warned["M/M/1 at 0.7, 60 s, replications 1"] > 0.8


@pytest.mark.slow
def test_intervals_are_not_wide(table: dict[str, Any]) -> None:
    widths = {row["case"]: row["p99"]["half_width"] for row in table["cases"]}
    assert widths["M/M/1 at 0.5, 60 s, replications 5"] < 0.1
    assert widths["M/M/1 at 0.8, 20 s, replications 20"] < 0.25


@pytest.mark.slow
def test_only_overloaded_systems_are_said_to_be_saturated(table: dict[str, Any]) -> None:
    assert all(row["saturated"] <= 0.01 for row in table["cases"])
    assert table["overloads"]["1.05"] >= 0.8
    assert table["overloads"]["1.1"] >= 0.98
    assert set(table["overloads_by_formula"].values()) == {0}


@pytest.mark.slow
def test_objectives_hold_as_often_as_their_probability_says(table: dict[str, Any]) -> None:
    for row in table["probabilities"]["unwarned"]:
        assert row["answers"] >= 50
        assert abs(row["held"] - row["said"]) <= 0.08, row
