"""The forecast as a whole: percentiles, when servers run out, what moves the total."""

from __future__ import annotations

import io
import json
import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from costed import G5, OWN, answered, half_used
from rich.console import Console

from capsim.costing import cost
from capsim.costing.staircase import Knot, Staircase
from capsim.errors import InputError
from capsim.forecasting import Forecast, forecast, given_growth
from capsim.forecasting.buying import payments
from capsim.forecasting.forecast import Asked
from capsim.report.forecast import forecast_text

STAIRS = Staircase({"gpu": 1}, 2, 10.0, [Knot(1, 0.6, 6.0, 7), Knot(4, 0.75, 30.0, 7), Knot(16, 0.9, 144.0, 7)])


def told(price: Any = None, asked: dict[str, Any] | None = None, **changes: Any) -> Forecast:
    """A forecast of two servers that bear 13.5 requests per second, under 10 that grow by 5 % a month."""
    given = half_used(price or {"usd_per_hour": 1.0}, **changes)
    answer = answered(given)
    settings: dict[str, Any] = {"months": 24, "growth": given_growth(10, 0.05, None, None), "futures": 400}
    return forecast(given, answer, cost(given, answer), STAIRS, Asked(**{**settings, **(asked or {})}))


UNSURE = {"growth": given_growth(10, 0.05, 0.02, 0.1)}


def test_without_uncertainty_all_futures_are_the_expected_one() -> None:
    of = told()
    for month, expected in zip(of.months, of.expected, strict=True):
        assert month.demand_per_s["p10"] == pytest.approx(10 * 1.05**month.month)
        assert set(month.servers.values()) == {expected.servers}
        assert month.cash_usd["p90"] == pytest.approx(expected.servers * 730) == pytest.approx(expected.cash_usd)
    assert of.npv_usd["p50"] == pytest.approx(sum(month.cash_usd for month in of.expected))


def test_todays_servers_run_out_when_demand_passes_what_they_bear() -> None:
    # 2 servers bear 2 × 0.675 × 10 = 13.5 requests per second: 10 × 1.05^7 = 14.07.
    of = told()
    assert of.run_out_month == {"p10": 7, "p50": 7, "p90": 7}
    assert told(asked={"lead_months": 3}).order_by_month == 4
    assert told(asked={"peak": 1.5}).run_out_month == {"p10": 0, "p50": 0, "p90": 0}
    calm = told(asked={"growth": given_growth(10, 0.0, None, None)})
    assert (calm.run_out_month, calm.order_by_month) == (None, None)


def test_a_run_out_beyond_the_last_month_is_nothing() -> None:
    of = told(asked={**UNSURE, "months": 8})
    assert of.run_out_month is not None
    assert (of.run_out_month["p10"] or 0) < 7
    assert of.run_out_month["p90"] is None


def test_ranges_widen_and_the_same_seed_gives_the_same() -> None:
    of, again, other = told(asked=UNSURE), told(asked=UNSURE), told(asked={**UNSURE, "seed": 1})
    assert of.to_dict() == again.to_dict() != other.to_dict()
    widths = [of.months[i].demand_per_s["p90"] / of.months[i].demand_per_s["p10"] for i in (0, 5, 11, 23)]
    assert widths == sorted(widths)
    assert of.npv_usd["p10"] < of.npv_usd["p50"] < of.npv_usd["p90"]


def test_present_value_discounts_each_month() -> None:
    of = told(costs={"cost_of_capital": "12 %"})
    worth = sum(month.cash_usd / 1.12 ** (month.month / 12) for month in of.expected)
    assert of.npv_usd["p50"] == pytest.approx(worth)
    assert of.total_cash_usd["p50"] == pytest.approx(sum(month.cash_usd for month in of.expected))


def test_cash_and_amortised_are_different_columns() -> None:
    of = told({"own": OWN}, {"growth": given_growth(10, 0.0, None, None), "months": 48})
    first, later = of.expected[0], of.expected[1]
    assert first.cash_usd == pytest.approx(2 * 14_016 + later.cash_usd)
    assert first.amortised_usd == later.amortised_usd == pytest.approx(2 * (292 + 80 + 0.3 * 730 * 0.2))
    # Over the whole life both say the same.
    assert of.total_cash_usd["p50"] == pytest.approx(of.total_amortised_usd["p50"])


def test_commitments_are_paid_as_they_are_sold() -> None:
    given = half_used({"offer": G5.replace("on-demand", "reserved-3y-all-upfront")})
    [paid] = payments(given, answered(given), {"gpu": 1})
    assert (paid.kind, paid.life_months) == ("3 years, all upfront", 36)
    assert paid.upfront_usd == pytest.approx(0.378273 * 8760 * 3)
    assert paid.capital_usd_per_month == pytest.approx(0.378273 * 730)
    given = half_used({"offer": "gcp/a2-highgpu-1g/us-central1/committed-1y"})
    [paid] = payments(given, answered(given), {"gpu": 1})
    assert (paid.kind, paid.life_months, paid.upfront_usd) == ("1 year", 12, 0)


def test_prices_that_fall_lower_what_is_paid_later() -> None:
    of, falling = told(), told(asked={"price_change": -0.5})
    assert falling.expected[0].cash_usd == of.expected[0].cash_usd
    assert falling.expected[12].cash_usd == pytest.approx(of.expected[12].cash_usd / 2)


def test_what_moves_the_total_comes_first_and_shares_are_shares() -> None:
    of = told(asked={**UNSURE, "months": 36}, costs={"cost_of_capital": "8 %"})
    names = [each.name for each in of.sensitivity]
    assert names[0] == "growth"
    assert {"month to month", "capacity of servers", "price of servers", "peak over mean", "cost of capital"} <= {
        *names
    }
    by_name = {each.name: each for each in of.sensitivity}
    # A price a tenth higher costs a tenth more.
    price = by_name["price of servers"]
    assert (price.low, price.high) == pytest.approx((0.9, 1.1))
    assert price.npv_high_usd / price.npv_low_usd == pytest.approx(1.1 / 0.9)
    assert by_name["capacity of servers"].npv_high_usd < by_name["capacity of servers"].npv_low_usd
    assert all(0 <= each.share <= 1 and each.share <= each.share_total + 0.1 for each in of.sensitivity)
    assert sum(each.share for each in of.sensitivity) == pytest.approx(1, abs=0.15)


def test_what_is_taken_for_granted_is_said() -> None:
    said = " ".join(told().assumes)
    for part in ("--growth-sd", "--volatility", "--peak", "--price-change", "cost_of_capital"):
        assert part in said
    assert "replaced at the end of their life" in " ".join(told({"own": OWN}).assumes)


def test_every_pool_needs_a_price() -> None:
    given = half_used({"usd_per_hour": 1})
    bare = given.model_copy(update={"pools": [given.pools[0].model_copy(update={"price": None})]})
    with pytest.raises(InputError, match="is needed to say what the servers cost"):
        payments(bare, answered(given), {"gpu": 1})


def test_thousands_of_futures_take_less_than_a_second() -> None:
    told(asked={**UNSURE, "months": 36, "futures": 4000})
    began = time.process_time()
    told(asked={**UNSURE, "months": 36, "futures": 4000})
    assert time.process_time() - began < 1.0


def test_the_text_and_the_json_tell_the_same() -> None:
    of = told(asked={"growth": replace(given_growth(10, 0.05, 0.02, 0.1), first="2026-11")})
    console = Console(width=160, file=io.StringIO())
    console.print(forecast_text(of))
    said: str = console.file.getvalue()  # type: ignore[attr-defined]
    for part in ("run out    of today's 2 servers: month", "(2027-", "present value $", "what moves the present value"):
        assert part in said
    data = json.loads(json.dumps(of.to_dict(), allow_nan=False))
    assert data["months"][0]["calendar"] == "2026-12"
    assert {"demand_per_s", "servers", "cash_usd", "amortised_usd"} <= data["months"][0].keys()
    assert data["growth"]["per_month"] == pytest.approx(0.05)
    assert np.isfinite(data["npv_usd"]["p90"])
