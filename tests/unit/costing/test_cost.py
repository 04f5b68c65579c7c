"""The bill line by line, units, terms, energy and carbon, reckoned by hand."""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from costed import G5, OWN, answered, costed, half_used
from systems import pool, scenario

from capsim.costing import Cost, cost
from capsim.costing.difference import Spent, because, of_a_month
from capsim.costing.paid import against
from capsim.errors import InputError
from capsim.prices import shipped_offers
from capsim.prices.book import read_book
from capsim.simulation import simulate


def lines(of: Cost) -> dict[str, float]:
    return {line.name: line.usd_per_month for line in of.lines}


def term(of: Cost, name: str) -> Any:
    return next(each for each in of.terms if each.term == name)


def absent(of: Cost) -> str:
    return "; ".join(quantity.source for quantity in of.absent)


# the bill


def test_the_servers_are_split_into_busy_and_idle() -> None:
    told = costed({"usd_per_hour": 1.5})
    assert lines(told) == pytest.approx({"gpu: compute busy": 1095, "gpu: compute idle": 1095})
    assert told.lines[0].formula == "2 × $1.5/h × 730 h × 50 % busy"
    assert (told.usd_per_hour, told.usd_per_month, told.usd_per_year) == pytest.approx((3, 2190, 26_280))


def test_every_line_is_the_product_of_its_factors() -> None:
    told = costed(
        {"own": OWN},
        costs={
            "egress_usd_per_gb": 0.09,
            "storage_gb": 5,
            "storage_usd_per_gb_month": 0.02,
            "licences_usd_per_server_month": 7,
            "staff_usd_per_month": 100,
        },
        network={"response_size": "100 kB"},
    )
    values = {quantity.name: quantity.value for quantity in told.assumptions}
    for line in told.lines:
        assert math.prod(values[name] or 0.0 for name in line.factors) == pytest.approx(line.usd_per_month)
    assert sum(lines(told).values()) == pytest.approx(told.usd_per_month)
    # $14,016 over 48 months; 200 W × 1.5 on average, at $0.2 per kWh; 26.28 million requests of 100 kB.
    assert lines(told) == pytest.approx(
        {
            "gpu: compute busy": 292,
            "gpu: compute idle": 292,
            "gpu: energy": 2 * 0.3 * 730 * 0.2,
            "gpu: rack": 160,
            "network egress": 26.28e6 * 1e-4 * 0.09,
            "storage": 0.1,
            "licences by server": 14,
            "staff": 100,
        }
    )


def test_units_are_by_the_requests_the_objective_and_the_items() -> None:
    told = costed({"usd_per_hour": 1.8}, items=4, objective={"p99": "1 s"})
    assert told.usd_per_million_requests == pytest.approx(100)
    assert told.usd_per_million_requests_ci95 == pytest.approx((80, 125))
    assert told.usd_per_million_items == pytest.approx(25)
    assert told.usd_per_million_within_objective == pytest.approx(100)


def test_the_share_within_the_objective_is_counted() -> None:
    busy = scenario(
        pool(service={"distribution": "exponential", "mean": "10 ms"}, price={"usd_per_hour": 1}),
        arrivals={"process": "poisson", "rate": "50 /s"},
        run={"horizon": "400 s", "warmup": "10 s", "seed": 3},
        objective={"p50": "5 ms", "p90": "30 ms"},
    )
    told = cost(busy, simulate(busy))
    # M/M/1 at half load: the latency is exponential with a mean of 20 ms.
    assert told.within_objective == pytest.approx(1 - math.exp(-1.5), abs=0.03)
    assert told.limit_s == 0.03
    each, within = told.usd_per_million_requests or 0.0, told.within_objective or 1.0
    assert told.usd_per_million_within_objective == pytest.approx(each / within)
    [only] = told.classes
    assert (only.share, only.usd_per_month) == pytest.approx((1, 730))


def test_what_is_absent_is_said() -> None:
    told = absent(costed({"own": {"purchase": 1000, "life": "2 y"}}))
    for part in (
        "salvage",
        "cost_of_capital",
        "usd_per_kwh",
        "rack",
        "staff",
        "support",
        "egress",
        "storage",
        "licences",
    ):
        assert part in told
    assert "no discount is given" in absent(costed({"offer": G5}))


def test_a_pool_without_a_price_is_not_counted_and_one_with_is_needed() -> None:
    both = scenario(pool("a", price={"usd_per_hour": 1}), pool("b"), route=[{"pools": ["a", "b"]}])
    told = cost(both, simulate(both, "simpy"))
    assert told.usd_per_hour == pytest.approx(1)
    assert "pool b has no price" in absent(told)
    none = scenario(pool())
    with pytest.raises(InputError, match="an offer of capsim prices list"):
        cost(none, simulate(none, "simpy"))


# terms


def test_terms_are_compared_with_their_break_even() -> None:
    told = costed({"offer": G5}, costs={"cost_of_capital": "8 %", "own": {"gpu": OWN}})
    assert term(told, "on-demand").usd_per_year == pytest.approx(2 * 1.006 * 8760)
    assert term(told, "on-demand").given
    three = term(told, "3 years")
    # 24 % of 3 years paid at the start: the annuity of 8 % over 3 years costs 16.4 % more than its effective rate.
    assert three.usd_per_year == pytest.approx(2 * 0.378273 * 8760 * 1.16410, rel=1e-4)
    assert three.break_even_utilisation == pytest.approx(0.378273 * 1.1641 / 1.006, rel=1e-4)
    assert term(told, "1 year").usd_per_year is None
    assert "no 1 year offer" in term(told, "1 year").notes[0]
    own = term(told, "own")
    assert own.usd_per_year == pytest.approx(12 * 2 * (292 + 0.3 * 730 * 0.2 + 80))
    assert own.break_even_utilisation == pytest.approx(own.usd_per_year / (2 * 1.006 * 8760))


def test_spot_is_an_unpriced_risk() -> None:
    told = costed({"offer": "gcp/g2-standard-4/us-central1/on-demand"})
    assert term(told, "spot").usd_per_year == pytest.approx(2 * 0.397336 * 8760)
    assert "a risk that has no price here" in " ".join(term(told, "spot").notes)


def test_a_price_per_call_breaks_even_at_a_share_of_the_capacity() -> None:
    api = {"usd_per_million_requests": 50, "source": "a page", "date": "2026-11-01"}
    told = costed({"usd_per_hour": 0.9}, costs={"api": api})
    by_call = term(told, "price per call")
    assert by_call.usd_per_year == pytest.approx(10 * 3600 * 8760 / 1e6 * 50)
    # 20 requests per second at most: $3.6 per hour by the call, $1.8 by the server.
    assert by_call.break_even_utilisation == pytest.approx(0.5)
    assert term(told, "as given").usd_per_year == pytest.approx(1.8 * 8760)


def test_the_price_book_has_the_other_terms_too(tmp_path: Path) -> None:
    name = G5.replace("on-demand", "reserved-1y")
    (tmp_path / "prices.csv").write_text(f"offer,price_per_hour,currency,date,source\n{name},0.5,USD,2026-11-01,q\n")
    known = shipped_offers().with_book(read_book(tmp_path / "prices.csv"), "prices.csv")
    given = half_used({"offer": G5})
    told = cost(given, answered(given), known)
    assert term(told, "1 year").break_even_utilisation == pytest.approx(0.5 / 1.006)


# energy, carbon, dates


def test_energy_goes_between_idle_and_busy_by_use() -> None:
    told = costed({"offer": G5, "pue": 1.2})
    watts = (18 + 4 * 0.74 + 153 + 4 * 3.5) / 2
    kwh = 2 * watts * 1.2 / 1000 * 730
    assert told.energy.kwh_per_month == pytest.approx(kwh)
    assert told.carbon.kg_per_month == pytest.approx(kwh * 369.473 / 1000)
    assert told.carbon.g_per_million_requests == pytest.approx(kwh * 369.473 / 26.28)


def test_power_and_place_that_nobody_gave_are_unknown() -> None:
    told = costed({"usd_per_hour": 1})
    assert told.energy.kwh_per_month is None
    assert "watts_idle and watts_busy are not given" in told.energy.unknown["gpu"]
    placed = costed({"usd_per_hour": 1, "watts_idle": 10, "watts_busy": 20})
    assert "no region is given" in placed.carbon.unknown["gpu"]
    assert placed.energy.kwh_per_month == pytest.approx(2 * 0.015 * 730)


def test_every_price_has_its_date_and_age() -> None:
    given = half_used({"offer": G5})
    told = cost(given, answered(given), on=date(2027, 2, 1))
    assert [(price.date, price.too_old) for price in told.prices] == [("2026-07-20", True)]
    assert "196 days old: too old for a list price" in told.prices[0].age
    assert costed({"usd_per_hour": 1}).prices[0].date is None


# differences


def test_a_difference_is_divided_into_load_use_and_price() -> None:
    told = because(Spent(100, 10, 1000), Spent(240, 16, 2000))
    assert (told.load, told.use, told.price, told.unexplained) == (100, -40, 80, 0)
    without = because(Spent(100, 10, 1000), Spent(240, None, 2000))
    assert (without.load, without.use, without.price, without.unexplained) == (100, None, None, 40)


def test_two_costs_differ_by_their_servers_and_their_other_lines() -> None:
    first, second = costed({"usd_per_hour": 1}), costed({"usd_per_hour": 1.5}, costs={"staff_usd_per_month": 10})
    told = because(of_a_month(first), of_a_month(second))
    assert (told.load, told.use, told.price, told.other) == pytest.approx((0, 0, 730, 10))


BILL = "month,usd,server_hours,requests\n2026-09,2000,1500,\n2026-10,1000,700,60000000\n"


def test_a_bill_is_compared_for_its_own_hours(tmp_path: Path) -> None:
    (tmp_path / "bill.csv").write_text(BILL)
    told = against(costed({"usd_per_hour": 1}), tmp_path / "bill.csv")
    assert (told.months, told.hours, told.usd, told.predicted_usd) == (["2026-09", "2026-10"], 1464, 3000, 2928)
    parts = (told.because.load, told.because.use, told.because.price)
    assert sum(part for part in parts if part is not None) == pytest.approx(72)


def test_a_bill_in_focus_columns_is_read(tmp_path: Path) -> None:
    (tmp_path / "focus.csv").write_text(
        "ChargePeriodStart,BilledCost,Other\n2026-10-01T00:00:00Z,5,x\n2026-10-02,6,y\n"
    )
    told = against(costed({"usd_per_hour": 1}), tmp_path / "focus.csv")
    assert (told.months, told.usd, told.because.price) == (["2026-10"], 11, None)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("month,cost\n2026-01,3\n", "usd  is missing"),
        ("month,usd\n", "has no rows"),
        ("month,usd\nJanuary,3\n", "line   2  month  expected a month such as 2026-10"),
        ("month,usd\n2026-01,a lot\n", "line   2  usd  expected a number"),
        ("month,usd,requests\n2026-01,1,-5\n", "requests  must be at least 0"),
    ],
)
def test_a_wrong_bill_is_told(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "bill.csv").write_text(text)
    with pytest.raises(InputError) as error:
        against(costed({"usd_per_hour": 1}), tmp_path / "bill.csv")
    assert said in str(error.value)
