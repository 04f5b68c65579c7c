"""The catalogue, price books, and what a price of a scenario makes of them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from systems import document, pool, scenario

from capsim.errors import InputError
from capsim.prices import OwnPrice, OwnServer, shipped_offers
from capsim.prices.age import age_days, too_old
from capsim.prices.annuity import usd_per_year
from capsim.prices.book import read_book
from capsim.prices.grid import grid_of
from capsim.prices.power import Watts, watts_of
from capsim.scenario import scenario_from
from capsim.scenario.checks import check

G5 = "aws/g5.xlarge/us-east-1/on-demand"
OWN: dict[str, Any] = {"purchase": 20_000, "life": "4 y"}


def priced(price: Any, folder: str | Path = ".", **changes: Any) -> float:
    """What a server of a pool with this price costs by the hour."""
    asked: Any = scenario(pool(price=price), folder=folder, **changes).pools[0].price
    return float(asked.usd_per_hour)


def faults(price: Any, folder: str | Path = ".", **changes: Any) -> str:
    """What is said against a price."""
    with pytest.raises(InputError) as error:
        scenario(pool(price=price), folder=folder, **changes)
    return str(error.value)


# the catalogue


def test_every_shipped_offer_says_where_its_price_stands() -> None:
    offers = shipped_offers().offers.values()
    assert len(offers) == 185
    for offer in offers:
        assert offer.usd_per_hour > 0
        assert offer.source
        assert offer.licence
        assert date(2024, 1, 1) < offer.source_date < date(2027, 1, 1)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("aws/g5.xlarge/us-east-1/on-demnd", f"did you mean {G5}"),
        ("aws/g5.xlarge", f"did you mean {G5}"),
        ("azure/g5.xlarge/us-east-1/on-demand", f"did you mean {G5}"),
        ("zzz", "capsim prices list shows all"),
    ],
)
def test_an_unknown_offer_is_told_with_the_nearest(name: str, hint: str) -> None:
    with pytest.raises(ValueError, match="there is no offer") as error:
        shipped_offers().offer(name)
    assert hint in str(error.value)


def test_ages_are_judged_by_the_terms() -> None:
    spot = shipped_offers().offer("aws/m5.xlarge/us-east-1/spot")
    listed = shipped_offers().offer(G5)
    assert [too_old(spot, date(2026, 9, day)) for day in (13, 14)] == [False, True]
    assert age_days(listed, date(2026, 7, 25)) == 5
    assert [too_old(listed, day) for day in (date(2027, 1, 16), date(2027, 1, 17))] == [False, True]


def test_an_old_price_is_a_warning_of_the_scenario() -> None:
    spot = scenario(pool(price={"offer": "aws/m5.xlarge/us-east-1/spot"}))
    assert "old_price" in [warning.code for warning in check(spot)]


# power and carbon


@pytest.mark.parametrize(
    ("name", "idle", "busy"),
    [
        (G5, 18 + 4 * 0.74, 153 + 4 * 3.5),
        ("aws/c6i.xlarge/us-east-1/on-demand", 4 * 0.74, 4 * 3.5),
        ("aws/p4d.24xlarge/us-east-1/on-demand", 8 * 46 + 96 * 0.74, 8 * 407 + 96 * 3.5),
    ],
)
def test_a_server_draws_what_its_devices_do(name: str, idle: float, busy: float) -> None:
    watts = watts_of(shipped_offers().offer(name))
    assert isinstance(watts, Watts)
    assert [watts.idle, watts.busy] == pytest.approx([idle, busy])


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("aws/p5.48xlarge/us-east-1/on-demand", "only the rated power"),
        ("oci/VM.GPU.A10.1/us-ashburn-1/on-demand", "nobody published what A10 draws"),
    ],
)
def test_power_that_nobody_published_is_not_made_up(name: str, said: str) -> None:
    assert said in str(watts_of(shipped_offers().offer(name)))


def test_carbon_is_known_by_region_or_country() -> None:
    assert grid_of("us-central1").area == "us-central1"
    assert grid_of("eu-central-1") == grid_of("DEU")
    with pytest.raises(ValueError, match="did you mean us-west-2"):
        grid_of("us-wset-2")


# prices of a scenario


def test_an_offer_costs_its_price_less_the_discount() -> None:
    assert priced({"offer": G5}) == 1.006
    assert priced({"offer": G5, "discount": "10 %"}) == pytest.approx(0.9054)


def test_capital_costs_a_straight_line_or_an_annuity() -> None:
    assert usd_per_year(20_000, 2_000, 4, 0) == 4_500
    # The yearly payments and the salvage are worth the purchase today.
    yearly = usd_per_year(20_000, 2_000, 4, 0.08)
    assert sum(yearly / 1.08**year for year in (1, 2, 3, 4)) + 2_000 / 1.08**4 * 0 == pytest.approx(
        20_000 - 2_000 / 1.08**4
    )


def test_an_own_server_costs_capital_care_and_the_energy_of_its_use() -> None:
    own = OwnServer(
        purchase=17_520, life=4 * 8760, watts_idle=100, watts_busy=300, pue=1.5, usd_per_kwh=0.2, rack=73, support=7.3
    )
    price = OwnPrice(own=own)
    # $0.5 of capital, $0.11 of care, and at half use 200 W × 1.5 at $0.2 per kWh.
    assert price.usd_per_hour_at(0.5) == pytest.approx(0.5 + 0.11 + 0.06)
    assert price.usd_per_hour == price.usd_per_hour_at(1.0)


@pytest.mark.parametrize(
    ("price", "said"),
    [
        ({"offer": G5, "usd_per_hour": 2}, "two prices for one pool: offer and usd_per_hour"),
        ({"usd_per_hor": 2}, "did you mean usd_per_hour?"),
        (3, "expected a mapping with one of offer, usd_per_hour, own, got 3"),
        ({"usd_per_hour": -1}, "must be at least 0"),
        ({"usd_per_hour": 1, "region": "nowhere"}, "no country by its three letters"),
        ({"own": {**OWN, "salvage": -1}}, "must be at least 0"),
        ({"own": {**OWN, "salvage": 20_001}}, "must be at most the purchase"),
        ({"own": {**OWN, "life": 4}}, "expected a length of life with its unit"),
        ({"own": {**OWN, "watts_idle": 5}}, "watts_busy  is missing"),
        ({"own": {**OWN, "watts_idle": 5, "watts_busy": 4}}, "must be at least watts_idle"),
        ({"offer": G5, "discount": "120 %"}, "must be at most 100 %"),
    ],
)
def test_a_wrong_price_is_told(price: Any, said: str) -> None:
    assert said in faults(price)


@pytest.mark.parametrize("price", [{"offer": G5, "discount": "5 %"}, {"own": {**OWN, "cost_of_capital": "8 %"}}])
def test_a_price_survives_a_round_trip(price: Any) -> None:
    first = scenario(
        pool(price=price), costs={"api": {"usd_per_million_requests": 3, "source": "q", "date": "2026-11-01"}}
    )
    again = scenario_from(first.to_document())
    assert again == first


# price books

ROW = f"{G5},0.9,EUR,1.1,2026-11-01,quote 7\n"
HEAD = "offer,price_per_hour,currency,usd_per_currency,date,source\n"


@pytest.mark.parametrize("name", ["prices.csv", "prices.yaml"])
def test_the_book_beside_the_scenario_wins(tmp_path: Path, name: str) -> None:
    member = f"{{offer: {G5}, price_per_hour: 0.9, currency: EUR, usd_per_currency: 1.1, date: 2026-11-01, source: q}}"
    (tmp_path / name).write_text(HEAD + ROW if name.endswith("csv") else f"prices:\n- {member}\n")
    price: Any = scenario(pool(price={"offer": G5}), folder=tmp_path).pools[0].price
    offer = price.offer
    assert offer.usd_per_hour == pytest.approx(0.99)
    assert (offer.book, offer.line, offer.vcpu) == (str(tmp_path / name), 2, 4)


def test_a_named_book_is_the_only_one(tmp_path: Path) -> None:
    (tmp_path / "prices.csv").write_text(HEAD + ROW)
    (tmp_path / "mine.csv").write_text(HEAD + ROW.replace("0.9", "0.5"))
    assert priced({"offer": G5}, tmp_path, prices="mine.csv") == pytest.approx(0.55)


def test_two_books_beside_a_scenario_are_a_fault(tmp_path: Path) -> None:
    for name in ("prices.csv", "prices.yaml"):
        (tmp_path / name).write_text("")
    assert "two price books" in faults({"offer": G5}, tmp_path)


def test_a_book_that_is_not_asked_for_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "prices.csv").write_text("nonsense")
    assert priced({"usd_per_hour": 2}, tmp_path) == 2


def test_two_discounts_are_a_fault(tmp_path: Path) -> None:
    (tmp_path / "prices.csv").write_text(
        f"offer,price_per_hour,currency,date,source,discount\n{G5},1,USD,2026-11-01,q,10 %\n"
    )
    assert priced({"offer": G5}, tmp_path) == 0.9
    assert "has a discount on this offer already" in faults({"offer": G5, "discount": "5 %"}, tmp_path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD + ROW.replace("2026-11-01", ""), "line   2  prices[0].date  is missing"),
        (HEAD + ROW.replace("EUR", ""), "line   2  prices[0].currency  is missing"),
        (HEAD + ROW.replace("EUR", "eur"), "three letters"),
        (HEAD + ROW.replace("1.1", ""), "usd_per_currency  is missing: US dollars for one EUR"),
        (HEAD + ROW.replace("EUR", "USD"), "is 1 for USD, got 1.1"),
        (HEAD + ROW.replace("0.9", "cheap"), "expected a number, got 'cheap'"),
        (HEAD + ROW.replace("0.9", "-1"), "must be at least 0"),
        (HEAD + ROW + ROW, f"two prices for {G5}, here and on line 2"),
        (HEAD + ROW.replace("/on-demand", ""), "expected provider/server/region/term"),
        (HEAD, "must have at least 1 entry"),
        (HEAD.replace("date", "dat") + ROW, "unknown field; did you mean date?"),
    ],
)
def test_a_wrong_book_is_told(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "prices.csv").write_text(text)
    with pytest.raises(InputError) as error:
        read_book(tmp_path / "prices.csv")
    assert said in str(error.value)


def test_faults_of_a_book_are_faults_of_the_scenario_with_its_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "prices.csv").write_text(HEAD + ROW.replace("2026-11-01", ""))
    told = faults({"offer": G5}, tmp_path)
    assert "prices.csv: line 2: prices[0].date is missing" in told


def test_a_price_of_a_scenario_may_be_left_out() -> None:
    assert scenario_from(document(pool())).pools[0].price is None
