"""Growth from a history or given, and how often its ranges hold in worlds whose truth is known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from forecast_worlds import WORLDS, covered
from scipy.stats import t as student

from capsim.costing.series import Series
from capsim.forecasting.growth import calendar, chance, from_history, given_growth, per_month


def history(*per_s: float) -> Series:
    return Series("h.csv", "2026-01", np.array(per_s))


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("5 %", 0.05),
        ("5%/month", 0.05),
        ("-2.5 % / month", -0.025),
        ("100 %/year", 2 ** (1 / 12) - 1),
        ("60 %/y", 0.0399),
    ],
)
def test_a_growth_is_by_the_month_or_the_year(text: str, share: float) -> None:
    assert per_month(text) == pytest.approx(share, abs=1e-4)


@pytest.mark.parametrize("text", ["5", "fast", "5 %/week", "-100 %", "1e9 %", "20000 %"])
def test_what_is_no_growth_is_told(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected a growth|must be more than"):
        per_month(text)


def test_a_history_tells_drift_spread_and_the_month_of_today() -> None:
    known = from_history(history(1, 2, 2, 8))
    steps = np.array([math.log(2), 0, math.log(4)])
    assert known.drift == pytest.approx(steps.mean())
    assert known.sigma == pytest.approx(steps.std(ddof=1))
    assert (known.level_per_s, known.differences, known.first) == (8, 3, "2026-04")
    assert calendar(known.first, 9) == "2027-01"


def test_the_unknown_drift_has_the_quantiles_of_student() -> None:
    known = from_history(history(10, 11, 12.5, 13, 14.7, 15, 17))
    drawn = chance(3, 40_000, 1)
    drifts = known.drifts(drawn.drift, known.spreads(drawn.spread))
    expected = known.drift + known.drift_sd * student.ppf([0.1, 0.5, 0.9], 5)
    assert np.quantile(drifts, [0.1, 0.5, 0.9]) == pytest.approx(expected, abs=0.002)


def test_given_growth_is_as_sure_as_it_is_said_to_be() -> None:
    drawn = chance(0, 2000, 12)
    sure = given_growth(10, 0.05, None, None)
    demand = sure.demand(sure.drifts(drawn.drift, sure.spreads(drawn.spread)), sure.spreads(drawn.spread), drawn.shocks)
    assert demand[:, 11] == pytest.approx(10 * 1.05**12)
    unsure = given_growth(10, 0.05, 0.021, None)
    drifts = unsure.drifts(drawn.drift, unsure.spreads(drawn.spread))
    assert drifts.std() == pytest.approx(0.02, rel=0.05)


@pytest.mark.parametrize("months", [6, 12, 24])
def test_the_80_percent_range_holds_in_80_percent_of_worlds(months: int) -> None:
    assert covered(WORLDS["random walk"], months, worlds=1500, futures=400, seed=5) == pytest.approx(0.8, abs=0.03)


def test_without_the_uncertainty_of_growth_it_would_not_hold() -> None:
    assert covered(WORLDS["random walk"], 6, worlds=600, futures=400, seed=5, plugged_in=True) < 0.6


def test_worlds_that_break_the_assumptions_are_told_apart() -> None:
    assert covered(WORLDS["level shift"], 12, worlds=600, futures=400, seed=5) < 0.77
