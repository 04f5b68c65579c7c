"""`capsim prices` as a user calls it."""

from __future__ import annotations

import json
import sys
import types
from pathlib import Path

import pytest
from commanded import Done, capsim

G5 = "aws/g5.xlarge/us-east-1/on-demand"
ADD = ("prices", "add", "--price-per-hour", "0.9", "--currency", "USD", "--source", "quote 7", "--date")


def add(folder: Path, offer: str, *words: str) -> Done:
    return capsim(folder, *ADD, "2026-11-20", offer, *words)


def test_list_narrows_by_words_terms_and_accelerators(tmp_path: Path) -> None:
    done = capsim(
        tmp_path, "prices", "list", "--provider", "aws", "--accelerator", "a10g", "--term", "on-demand", "--json"
    )
    offers = json.loads(done.stdout)["offers"]
    assert [offer["offer"] for offer in offers] == [G5]
    assert {"source", "date", "licence", "usd_per_hour", "age_days", "too_old"} <= offers[0].keys()
    assert G5 in capsim(tmp_path, "prices", "list", "g5.xlarge").stdout
    assert "no such offers" in capsim(tmp_path, "prices", "list", "teapot").stdout


def test_show_tells_price_source_power_and_other_terms(tmp_path: Path) -> None:
    said = capsim(tmp_path, "prices", "show", G5).stdout
    for part in ("$1.006/h, $734.38/month, $8,813/year", "2026-07-20", "Apache-2.0", "W idle", "g CO2 per kWh", "3y"):
        assert part in said
    data = json.loads(capsim(tmp_path, "prices", "show", G5, "--json").stdout)
    assert data["other_terms"][0]["commitment"] == "3 years"
    wrong = capsim(tmp_path, "prices", "show", "aws/g5.xlarge/us-east-1/ondemand")
    assert wrong.returncode == 2
    assert f"did you mean {G5}" in wrong.stderr


@pytest.mark.parametrize("book", ["prices.csv", "prices.yaml"])
def test_add_writes_a_price_that_scenarios_then_use(tmp_path: Path, book: str) -> None:
    assert add(tmp_path, G5, "--book", book).returncode == 0
    assert add(tmp_path, "me/box/-/on-demand", "--book", book, "--discount", "10 %").returncode == 0
    before = (tmp_path / book).read_bytes()
    again = add(tmp_path, G5, "--book", book)
    assert again.returncode == 2
    assert "has a price already, on line 2" in again.stderr
    assert (tmp_path / book).read_bytes() == before
    listed = json.loads(capsim(tmp_path, "prices", "list", "--book", book, "--json", "me/box").stdout)["offers"]
    assert listed[0]["usd_per_hour"] == pytest.approx(0.81)
    checked = capsim(tmp_path, "prices", "check", book)
    assert "2 offers, none is wrong" in checked.stdout


def test_add_keeps_what_stands_there_and_refuses_a_wrong_price(tmp_path: Path) -> None:
    (tmp_path / "prices.yaml").write_text(
        f"# ours\nprices:\n- offer: {G5}\n  price_per_hour: 1\n  currency: USD\n"
        "  date: 2026-11-01\n  source: q   # by mail\n"
    )
    assert add(tmp_path, "a/b/c/d", "--book", "prices.yaml").returncode == 0
    text = (tmp_path / "prices.yaml").read_text()
    assert text.startswith("# ours\n")
    assert "# by mail" in text
    wrong = capsim(tmp_path, *ADD, "yesterday", "x/y/z/t")
    assert wrong.returncode == 2
    assert "expected a date" in wrong.stderr
    assert not (tmp_path / "prices.csv").exists()


def test_check_finds_old_prices_in_a_scenario(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(
        "name: s\nworkload: {arrivals: {process: poisson, rate: 1 /s}}\npools:\n- {name: a, servers: 1, "
        "service: {distribution: constant, mean: 1 ms}, price: {offer: aws/m5.xlarge/us-east-1/spot}}\n"
    )
    done = capsim(tmp_path, "prices", "check", "s.yaml")
    assert done.returncode == 1
    assert "too old for a spot price" in " ".join(done.stdout.split())
    assert json.loads(capsim(tmp_path, "prices", "check", "s.yaml", "--json").stdout)["too_old"] == 1


def test_live_prices_say_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gpuhunt", None)
    done = capsim(tmp_path, "prices", "list", "--live")
    assert done.returncode == 2
    assert "capsim[live]" in done.stderr


def test_live_prices_are_dated_today_or_say_that_nobody_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = types.SimpleNamespace(
        provider="aws",
        instance_name="g5.xlarge",
        location="us-east-1",
        price=1.1,
        cpu=4,
        memory=16.0,
        gpu_count=1,
        gpu_name="A10G",
        spot=True,
    )
    fake = types.ModuleType("gpuhunt")
    fake.GPUHuntError = type("GPUHuntError", (Exception,), {})  # type: ignore[attr-defined]
    fake.query = lambda **_: [item]  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "gpuhunt", fake)
    offers = json.loads(capsim(tmp_path, "prices", "list", "--live", "--json").stdout)["offers"]
    assert [(offer["offer"], offer["age_days"]) for offer in offers] == [("aws/g5.xlarge/us-east-1/spot", 0)]

    def offline(**_: object) -> None:
        raise fake.GPUHuntError("Failed to load catalogs of all providers")

    fake.query = offline  # type: ignore[attr-defined]
    done = capsim(tmp_path, "prices", "list", "--live")
    assert done.returncode == 2
    assert "Live prices cannot be had" in done.stderr
