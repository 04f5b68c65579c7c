"""Intervals of measured quantiles."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest
from recordings import weather
from scipy.stats import binom, norm

from capsim.profile import quantiles
from capsim.profile.quantiles import fewest_samples, quantile


def test_the_interval_of_independent_samples_lies_between_two_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """The 40th and the 61st of 100 hold the median with 96.5 % (a textbook table); one closer does not do."""
    monkeypatch.setattr(quantiles, "effective_samples", len)
    found = quantile(np.arange(1.0, 101.0), 0.5)
    assert (found.low, found.high) == (40, 61)
    assert binom.cdf(60, 100, 0.5) - binom.cdf(39, 100, 0.5) >= 0.95
    assert binom.cdf(39, 100, 0.5) <= 0.025 < binom.cdf(40, 100, 0.5)


def test_200_samples_know_no_upper_end_of_p99() -> None:
    samples = np.random.default_rng(1).permutation(np.arange(1.0, 201.0))
    found = quantile(samples, 0.99)
    assert found.high == inf
    assert 0 < found.low < found.value
    assert found.to_dict()["ci95"] == [found.low, None]


def test_how_many_samples_an_upper_end_takes() -> None:
    """All below p99 with 0.99^n: 2.5 % is reached at 368."""
    assert fewest_samples(0.99) == 368
    assert 0.99**368 <= 0.025 < 0.99**367
    assert fewest_samples(0.5) == 6


@pytest.mark.parametrize(("memory", "level"), [(0.0, 0.5), (0.0, 0.95), (0.5, 0.5), (0.8, 0.5), (0.8, 0.95)])
def test_intervals_cover_whether_or_not_samples_resemble_each_other(memory: float, level: float) -> None:
    chance, truth = np.random.default_rng(3), float(norm.ppf(level))
    found = [quantile(10 + weather(chance, 400, memory), level) for _ in range(300)]
    covered = sum(interval.low <= 10 + truth <= interval.high for interval in found) / len(found)
    assert covered >= 0.92


def test_taken_for_independent_they_would_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quantiles, "effective_samples", len)
    chance = np.random.default_rng(3)
    found = [quantile(10 + weather(chance, 400, 0.8), 0.5) for _ in range(300)]
    assert sum(interval.low <= 10 <= interval.high for interval in found) / len(found) < 0.7
