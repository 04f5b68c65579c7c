"""`capsim forecast` as a user calls it."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from commanded import capsim

SCENARIO = """\
name: small
workload: {arrivals: {process: poisson, rate: 200 /s}}
pools:
  - name: gpu
    servers: 3
    service: {distribution: exponential, mean: 5 ms}
    price: {usd_per_hour: 1}
objective: {p99: 100 ms}
run: {horizon: 10 s, warmup: 1 s, replications: 2, seed: 1}
"""
HISTORY = "month,requests_per_s\n" + "".join(
    f"2026-{i:02},{100 * 1.04**i * (1 + 0.05 * (i % 3)):.2f}\n" for i in range(1, 9)
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    there = tmp_path_factory.mktemp("forecast")
    (there / "small.yaml").write_text(SCENARIO)
    (there / "history.csv").write_text(HISTORY)
    return there


def test_a_history_is_forecast_with_what_scripts_rely_on(folder: Path) -> None:
    words = ("small.yaml", "--history", "history.csv", "--months", "12", "--output", "months.csv", "--json")
    done = capsim(folder, "forecast", *words)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert [month["month"] for month in answer["months"]] == list(range(1, 13))
    assert answer["months"][0]["calendar"] == "2026-09"
    for name in ("demand_per_s", "servers", "cash_usd", "amortised_usd"):
        low, middle, high = (answer["months"][11][name][level] for level in ("p10", "p50", "p90"))
        assert low <= middle <= high
    assert {"npv_usd", "sensitivity", "order_by_month", "run_out_month"} <= answer.keys()
    rows = list(csv.DictReader(io.StringIO((folder / "months.csv").read_text())))
    assert float(rows[11]["servers_p50"]) == answer["months"][11]["servers"]["p50"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "needs --growth SHARE or --history FILE"),
        (("--growth", "5 %", "--history", "history.csv"), "take one of both"),
        (("--growth", "quick"), "expected a growth such as '5 %/month'"),
        (("--growth", "5 %", "--months", "0"), "--months"),
        (("--growth", "5 %", "--growth-sd", "-2 %"), "must not be negative"),
        (("--history", "small.yaml"), "has 1 problem"),
        (("--history", "none.csv"), "no such file"),
        (("--growth", "5 %", "--output", "x.doc"), "expected a name ending in"),
        (("--growth", "5 %", "--output", "history.csv", "--set", "objective=null"), "exists already"),
        (("--growth", "5 %", "--set", "objective=null"), "is a question of latency"),
    ],
)
def test_bad_input_exits_with_2(folder: Path, words: tuple[str, ...], said: str) -> None:
    done = capsim(folder, "forecast", "small.yaml", *words)
    assert done.returncode == 2
    assert said in " ".join(done.stderr.replace("│", " ").split())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HISTORY.replace("2026-05", "2026-03"), "runs backwards: 2026-03 after 2026-04"),
        ("\n".join(line for line in HISTORY.splitlines() if "2026-05" not in line), "has a gap: 2026-06 after 2026-04"),
        ("\n".join(HISTORY.splitlines()[:4]), "is too short: 3 months, and at least 4 are needed"),
        (HISTORY.replace("2026-05,", "2026-05,0#").replace("0#", "0 "), "expected a number"),
    ],
)
def test_a_wrong_history_is_told_with_its_line(folder: Path, text: str, said: str) -> None:
    (folder / "wrong.csv").write_text(text)
    done = capsim(folder, "forecast", "small.yaml", "--history", "wrong.csv")
    assert done.returncode == 2
    assert said in done.stderr
