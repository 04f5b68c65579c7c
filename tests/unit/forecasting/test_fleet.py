"""Fleets worked by hand: what is there, what comes, what goes, and what is paid."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from capsim.costing.staircase import Knot, Staircase
from capsim.forecasting.buying import Payment
from capsim.forecasting.fleet import Fleet, Others, Policy

STAIRS = Staircase({"gpu": 2}, 1, 10.0, [Knot(1, 1.0, 10.0, 1), Knot(8, 1.0, 80.0, 1)])
"""A block of two servers bears 10 requests per second."""
RENT = Payment("gpu", "by the hour", 0.0, 100.0, 0, 0.0, 0.0)
OWN = Payment("gpu", "own", 1200.0, 10.0, 3, 300.0, 310.0)


def fleet(payment: Payment, today: int = 1, lead: int = 0, **others: float) -> Fleet:
    policy = Policy(lead, others.pop("growth", 0.0), others.pop("margin", 0.0), int(others.pop("spare", 0)))
    paid = {"fixed": 0.0, "per_request_s": 0.0, "per_block": 0.0, **others}
    return Fleet(STAIRS, today, policy, [payment], Others(**paid))


def told(of: Fleet, demand: list[float], prices: list[float] | None = None) -> dict[str, Any]:
    load = np.array([demand])
    money = of.money(load, load, np.array([prices or [1.0] * len(demand)]))
    return {
        "servers": money.servers[0].tolist(),
        "short": money.short[0].tolist(),
        "cash": money.cash[0].tolist(),
        "amortised": money.amortised[0].tolist(),
    }


def test_what_is_rented_follows_at_once_at_the_price_of_the_month() -> None:
    money = told(fleet(RENT), [5, 25, 12], [1, 0.5, 0.5])
    assert money["servers"] == [2, 6, 4]
    assert money["cash"] == money["amortised"] == [100, 150, 100]


def test_what_is_committed_to_costs_what_it_did_when_it_was_agreed() -> None:
    """One block for three months at the price of the first; then another at half of it."""
    committed = Payment("gpu", "1 year", 0.0, 100.0, 3, 0.0, 0.0)
    money = told(fleet(committed), [5, 5, 5, 5], [1, 0.5, 0.5, 0.5])
    assert money["cash"] == money["amortised"] == [100, 100, 100, 50]


def test_what_is_bought_stays_for_its_life_and_is_replaced() -> None:
    money = told(fleet(OWN), [5, 25, 5, 5, 5, 5])
    # One block, two more in month 2; the first goes after month 3 and is not missed; the others after month 4.
    assert money["servers"] == [2, 6, 6, 4, 2, 2]
    assert money["cash"] == pytest.approx([1210, 2430, 30, 20 - 300, 1210 - 600, 10])
    assert money["amortised"] == pytest.approx([320, 960, 960, 640, 320, 320])


def test_orders_come_after_the_lead_and_look_ahead_by_the_growth() -> None:
    late = told(fleet(OWN, lead=2), [5, 25, 25, 45])
    assert late["servers"] == [2, 2, 2, 6]
    assert late["short"] == [False, True, True, True]
    ahead = told(fleet(OWN, lead=1, growth=float(np.log(2))), [10, 20, 40, 80])
    assert ahead["servers"] == [2, 4, 8, 16]


def test_a_margin_and_a_spare_are_kept() -> None:
    assert told(fleet(OWN, margin=0.5), [9, 9])["servers"] == [4, 4]
    assert told(fleet(RENT, spare=1), [5, 15])["servers"] == [4, 6]


def test_more_is_bought_at_the_start_than_is_there_where_demand_asks_for_it() -> None:
    assert told(fleet(OWN, today=1), [25])["servers"] == [6]
    assert told(fleet(OWN, today=4), [5])["servers"] == [8]


def test_other_lines_follow_requests_and_servers() -> None:
    money = told(fleet(RENT, fixed=7, per_request_s=2, per_block=3), [5, 25])
    assert money["cash"] == [7 + 10 + 3 + 100, 7 + 50 + 9 + 300]


def test_purchases_follow_prices_and_their_share_by_the_month_too() -> None:
    money = told(fleet(OWN), [5, 15], [1, 0.5])
    assert money["cash"] == pytest.approx([1210, 620])
    assert money["amortised"] == pytest.approx([320, 20 + 310 + 155])
