"""Tests of whether two series differ, and the intervals of ratios."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest
from recordings import weather
from scipy.stats import brunnermunzel, fisher_exact, mannwhitneyu, norm

from capsim.profile import difference
from capsim.profile.difference import holm, ratio, slower_share, tail_p, typical_p
from capsim.profile.quantiles import Quantile, quantile


def test_independent_samples_are_tested_as_scipy_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(difference, "effective_samples", len)
    chance = np.random.default_rng(1)
    a, b = np.round(chance.normal(10, 1, 60), 1), np.round(chance.normal(10.3, 2, 45), 1)
    assert typical_p(a, b) == pytest.approx(brunnermunzel(a, b).pvalue)
    assert slower_share(a, b) == pytest.approx(mannwhitneyu(b, a).statistic / (60 * 45))


def test_the_tail_is_tested_by_where_the_slowest_lie(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(difference, "effective_samples", len)
    a, b = np.arange(1.0, 501.0), np.concatenate([np.arange(1.0, 481.0), np.arange(1000.0, 1020.0)])
    assert tail_p(a, b, 0.99) == pytest.approx(fisher_exact(np.array([[0, 500], [10, 490]])).pvalue)


def test_series_that_lie_apart_are_as_improbable_as_their_number_allows() -> None:
    found = typical_p(np.linspace(1, 2, 10), np.linspace(3, 4, 10))
    assert found == pytest.approx(2 / 184_756)
    assert typical_p(np.ones(10), np.ones(10)) == 1
    assert typical_p(np.ones(4), np.full(4, 2.0)) is None


@pytest.mark.parametrize("memory", [0.0, 0.5, 0.8])
def test_false_alarms_are_rare_whether_or_not_samples_resemble_each_other(memory: float) -> None:
    chance = np.random.default_rng(2)
    found = [typical_p(weather(chance, 400, memory), weather(chance, 400, memory)) for _ in range(300)]
    assert sum(p is not None and p < 0.05 for p in found) / len(found) < 0.09


def test_taken_for_independent_they_are_not_rare(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(difference, "effective_samples", len)
    chance = np.random.default_rng(2)
    found = [typical_p(weather(chance, 400, 0.8), weather(chance, 400, 0.8)) for _ in range(300)]
    assert sum(p is not None and p < 0.05 for p in found) / len(found) > 0.3


def test_a_real_difference_is_found() -> None:
    chance = np.random.default_rng(3)
    found = [typical_p(weather(chance, 400, 0.5), weather(chance, 400, 0.5) + 0.5) for _ in range(100)]
    assert sum(p is not None and p < 0.05 for p in found) >= 90


def test_intervals_of_ratios_cover() -> None:
    chance, median = np.random.default_rng(4), float(norm.ppf(0.5))
    truth = (12 + median) / (10 + median)
    found = [
        ratio(quantile(10 + weather(chance, 300, 0.5), 0.5), quantile(12 + weather(chance, 300, 0.5), 0.5))
        for _ in range(300)
    ]
    assert sum(each.low <= truth <= each.high for each in found) / 300 >= 0.92


def test_an_open_end_of_either_opens_the_ratio() -> None:
    closed, open_ended = Quantile(10, 9, 11, 100), Quantile(20, 18, inf, 100)
    assert ratio(closed, closed).value == 1
    assert ratio(closed, open_ended).high == inf
    assert ratio(closed, open_ended).low > 1
    assert ratio(open_ended, closed).low == 0
    assert ratio(open_ended, closed).high < 1
    assert ratio(open_ended, closed).to_dict()["ci95"][0] is None


def test_an_interval_without_error_on_one_side_is_that_of_the_other() -> None:
    exact, found = Quantile(10, 10, 10, 100), Quantile(20, 16, 25, 100)
    told = ratio(exact, found)
    assert (told.low, told.value, told.high) == pytest.approx((1.6, 2, 2.5))


def test_holm_corrects_for_the_number_of_tests() -> None:
    """The textbook's step-down: 4 · 0.005, 3 · 0.01, 2 · 0.03, then no less than the one before."""
    assert holm([0.01, 0.04, None, 0.03, 0.005]) == pytest.approx([0.03, 0.06, None, 0.06, 0.02])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
