"""Few quantiles and a mean become a quantile function that has both."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capsim.profile.curve import CELLS, GRID, Known, curve_of, curve_of_samples, deviation_of, mean_of


def at(curve: np.ndarray, level: float) -> float:
    """The value at a grid point."""
    return float(curve[round(level * CELLS)])


KNOWN = [
    Known({0: 9.0, 0.5: 10.0, 1: 500.0}, 15.0, 49.0, 100),
    Known({0: 1.0, 0.5: 2.3, 1: 25.0}, 2.0, 1.8, 300),
    Known({0: 1.06, 0.5: 2.24, 1: 24.36}, 1.91, None, 5000),
    Known({0: 9.0, 0.5: 10.0, 1: 5000.0}, 10.1, 16.0, 100_000),
    Known({0.5: 1.04, 0.9: 1.08, 0.95: 1.09, 0.99: 1.12}, 1.04),
    Known({0.5: 10.0, 0.99: 12.0}, 10.8),
    Known({0.5: 10.0, 0.9: 30.0, 0.99: 50.0}, 14.0),
    Known({0.5: 10.0, 0.9: 30.0, 0.99: 50.0}, 40.0),
    Known({0.5: 10.0}, 13.0),
    Known({0.5: 10.0}, 7.0),
    Known({0: 10.0, 0.5: 10.0, 0.99: 10.0, 1: 10.0}, 10.0),
]


@pytest.mark.parametrize("known", KNOWN, ids=str)
def test_the_mean_of_the_source_is_kept_and_its_quantiles_too(known: Known) -> None:
    curve = curve_of(known)
    assert (np.diff(curve) >= 0).all()
    assert mean_of(curve) == pytest.approx(known.mean, rel=1e-3)
    for level, value in known.quantiles.items():
        if level < 1:
            assert at(curve, level) == pytest.approx(value)
    assert curve[-1] <= known.quantiles.get(1, np.inf)


def test_the_maximum_stands_beyond_its_share_alone() -> None:
    """99 of 100 spans took 10 ms, the first 500: the mean is 15, and p99 is of the 99."""
    curve = curve_of(KNOWN[0])
    assert at(curve, 0.99) < 20
    assert at(curve, 0.995) == 500
    assert deviation_of(curve) == pytest.approx(49, rel=0.1)


def test_the_largest_of_many_is_less_than_a_cell() -> None:
    """One of 100,000 took 5 s: a straight line of a thousandth of the levels up to it would add 2.5 ms to the mean."""
    assert at(curve_of(KNOWN[3]), 0.99) < 11


def test_the_deviation_is_kept_beside_the_mean() -> None:
    assert deviation_of(curve_of(KNOWN[1])) == pytest.approx(1.8, rel=0.1)
    assert deviation_of(curve_of(Known({0: 1.0, 0.5: 2.3, 1: 25.0}, 2.0, None, 300))) < 1.5


def test_without_a_mean_lines_are_straight() -> None:
    known = Known({0: 4.0, 0.5: 5.0, 0.9: 9.0, 0.99: 18.0, 1: 20.0}, samples=500)
    assert curve_of(known) == pytest.approx(np.interp(GRID, [0, 0.5, 0.9, 0.99, 1], [4, 5, 9, 18, 20]))


def test_without_a_mean_a_far_maximum_is_an_exponential_tail() -> None:
    """From the median on: 10 + s · ln(0.5 / (1 - u)), which is 110 at 1 - 1/1000; a straight line would mean 35."""
    curve = curve_of(Known({0.5: 10.0, 1: 110.0}))
    assert at(curve, 0.9) == pytest.approx(10 + 100 * np.log(5) / np.log(500))
    assert mean_of(curve) == pytest.approx(10 + 0.5 * 100 / np.log(500), rel=0.01)


@given(st.integers(0, 10_000), st.floats(0.05, 1.5), st.sampled_from([60, 300, 4000]), st.booleans())
def test_statistics_of_samples_give_their_mean_back(seed: int, sigma: float, count: int, maximum: bool) -> None:
    samples = np.random.default_rng(seed).lognormal(2, sigma, count)
    levels = [0.0, 0.5, 1.0] if maximum else [0.5, 0.9, 0.95, 0.99]
    quantiles = dict(zip(levels, np.quantile(samples, levels, method="inverted_cdf").tolist(), strict=True))
    curve = curve_of(Known(quantiles, float(samples.mean()), float(samples.std()) if maximum else None, count))
    assert (np.diff(curve) >= -1e-9).all()
    assert mean_of(curve) == pytest.approx(samples.mean(), rel=2e-3)


@pytest.mark.parametrize(("count", "far"), [(10, 100.0), (100, 500.0), (700, 900.0), (50_000, 20_000.0)])
def test_one_far_sample_keeps_the_mean_of_all(count: int, far: float) -> None:
    """Nine spans of 10 ms and one of 100 have a mean of 19 ms; straight lines between them would make it 15."""
    samples = np.append(np.full(count - 1, 10.0), far)
    curve = curve_of_samples(samples)
    assert (np.diff(curve) >= 0).all()
    assert mean_of(curve) == pytest.approx(samples.mean(), rel=0.02)
    assert at(curve, 0.5) == 10


def test_samples_without_one_are_joined_by_straight_lines() -> None:
    samples = np.random.default_rng(1).lognormal(2, 0.3, 200)
    assert curve_of_samples(samples).tolist() == np.quantile(samples, GRID).tolist()
