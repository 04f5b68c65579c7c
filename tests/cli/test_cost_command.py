"""`capsim cost` as a user calls it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from commanded import capsim

SCENARIO = """\
name: small
workload: {arrivals: {process: poisson, rate: 200 /s}}
pools:
  - name: gpu
    servers: 2
    service: {distribution: exponential, mean: 5 ms}
    price: {offer: aws/g5.xlarge/us-east-1/on-demand}
network: {response_size: 10 kB}
objective: {p99: 100 ms}
costs: {egress_usd_per_gb: 0.09}
run: {horizon: 20 s, warmup: 1 s, replications: 3, seed: 1}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "small.yaml").write_text(SCENARIO)
    (tmp_path / "more.yaml").write_text(SCENARIO.replace("servers: 2", "servers: 3"))
    return tmp_path


def test_json_has_what_scripts_rely_on(folder: Path) -> None:
    done = capsim(folder, "cost", "small.yaml", "--json")
    answer = json.loads(done.stdout)
    assert done.returncode == 0
    hourly = answer["usd_per_hour"]
    assert answer["usd_per_month"] == pytest.approx(hourly * 730)
    assert answer["usd_per_year"] == pytest.approx(hourly * 8760)
    assert sum(line["usd_per_month"] for line in answer["lines"]) == pytest.approx(answer["usd_per_month"])
    assert all({"name", "usd_per_month", "formula"} <= line.keys() for line in answer["lines"])
    assert all({"term", "usd_per_year", "break_even_utilisation"} <= term.keys() for term in answer["terms"])
    assert all({"offer", "source", "date"} <= price.keys() for price in answer["prices"])
    assert {"energy", "carbon", "assumptions", "usd_per_million_within_objective"} <= answer.keys()
    run = json.loads(capsim(folder, "run", "small.yaml", "--json").stdout)
    servers = [line["usd_per_month"] for line in answer["lines"] if line["pool"]]
    assert sum(servers) == pytest.approx(run["cost"]["usd_per_month"])


def test_the_text_shows_the_multiplication_the_terms_and_the_dates(folder: Path) -> None:
    said = capsim(folder, "cost", "small.yaml").stdout
    for part in (
        "× $1.006/h × 730 h ×",
        "on-demand (as now)",
        "2026-07-20",
        "kWh/month",
        "kg CO2/month",
        "is not given",
    ):
        assert part in " ".join(said.split())


def test_scenarios_are_compared_with_the_reasons(folder: Path) -> None:
    said = " ".join(capsim(folder, "cost", "small.yaml", "more.yaml").stdout.split())
    assert "/month against small.yaml: load +" in said
    answer = json.loads(capsim(folder, "cost", "small.yaml", "more.yaml", "--json").stdout)
    because = answer["differences"][0]["because"]
    assert because["use"] == pytest.approx(734.38, rel=0.01)
    assert because["price"] == pytest.approx(0, abs=1e-6)


def test_files_are_written_and_never_over_what_is_there(folder: Path) -> None:
    words = ("cost", "small.yaml", "--output", "cost.csv", "--focus", "focus.csv")
    assert capsim(folder, *words).returncode == 0
    assert (folder / "cost.csv").read_text().splitlines()[1].startswith("small,gpu: compute busy,gpu,")
    again = capsim(folder, *words)
    assert again.returncode == 2
    assert "exists already" in again.stderr
    assert capsim(folder, *words, "--force").returncode == 0
    assert capsim(folder, "cost", "small.yaml", "--output", "small.yaml", "--force").returncode == 2


def test_a_bill_is_explained(folder: Path) -> None:
    (folder / "bill.csv").write_text("month,usd,server_hours,requests\n2026-10,1600,1500,500000000\n")
    done = capsim(folder, "cost", "small.yaml", "--against", "bill.csv")
    assert "paid $1,600.00, predicted" in done.stdout
    answer = json.loads(capsim(folder, "cost", "small.yaml", "--against", "bill.csv", "--json").stdout)["against"]
    parts = answer["because"]
    assert parts["load"] + parts["use"] + parts["price"] == pytest.approx(answer["difference_usd"])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("small.yaml", "--set", "pools.gpu.price={offer: aws/g5.xlrge/us-east-1/on-demand}"), "did you mean"),
        (("small.yaml", "--set", "pools.gpu.price=null"), "an offer of capsim prices list"),
        (("small.yaml", "--output", "cost.doc"), "expected a name ending in"),
        (("small.yaml", "more.yaml", "--output", "both.xlsx"), "is for one scenario"),
        (("small.yaml", "--against", "nothing.csv"), "no such file"),
        (("small.yaml", "--set", "costs.egress_usd_per_gb=-1"), "must be at least 0"),
    ],
)
def test_bad_input_exits_with_2(folder: Path, words: tuple[str, ...], said: str) -> None:
    done = capsim(folder, "cost", *words)
    assert done.returncode == 2
    assert said in " ".join(done.stderr.replace("│", " ").split())


def test_hours_get_the_cheapest_mix_of_terms(folder: Path) -> None:
    rows = "".join(f"{hour},{150 + 250 * (hour % 24 > 8)}\n" for hour in range(48))
    (folder / "hours.csv").write_text(f"hour,requests_per_s\n{rows}")
    answer = json.loads(capsim(folder, "cost", "small.yaml", "--demand", "hours.csv", "--json").stdout)
    told = answer["demand"]
    assert told["mix"]["hours"] == 48
    assert told["mix"]["usd_per_year"] <= told["mix"]["on_demand_usd_per_year"] <= told["mix"]["peak_usd_per_year"]
    assert [layer["term"] for layer in told["mix"]["layers"]] == ["3 years", "on-demand"]
    assert capsim(folder, "cost", "small.yaml", "--demand", "curve").returncode == 2
