"""Values of which only the distribution matters."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capsim.stats.sample import Sample

LEVELS = (0, 0.01, 0.3, 0.5, 0.9, 0.99, 0.999, 1)


@pytest.mark.parametrize(("p", "value"), [(0.001, 1), (0.2, 1), (0.21, 2), (0.5, 3), (0.8, 4), (0.99, 5)])
def test_a_quantile_is_the_smallest_value_that_its_share_does_not_exceed(p: float, value: float) -> None:
    assert Sample.of(np.array([5.0, 3.0, 1.0, 2.0, 4.0])).quantile(p) == value


def test_the_highest_percentiles_of_few_values_are_the_largest() -> None:
    hundred = Sample.of(np.arange(1.0, 101.0))
    assert [hundred.quantile(p) for p in (0.5, 0.9, 0.95, 0.99, 0.999)] == [50, 90, 95, 99, 100]


def test_nothing_has_no_mean_and_no_quantile() -> None:
    nothing = Sample.of(np.array([]))
    assert math.isnan(nothing.mean)
    assert math.isnan(nothing.quantile(0.5))


def test_a_request_that_did_not_complete_makes_the_mean_infinite_and_the_median_not() -> None:
    found = Sample.of(np.array([1.0, 2.0, math.inf]))
    assert found.mean == math.inf
    assert found.quantile(0.5) == 2
    assert found.quantile(0.99) == math.inf
    assert found.finite.mean == 1.5


def test_joined_samples_are_those_of_all_values() -> None:
    chance = np.random.default_rng(2)
    parts = [chance.exponential(1, size) for size in (10, 1, 300)]
    joined, whole = Sample.joined([Sample.of(part) for part in parts]), Sample.of(np.concatenate(parts))
    assert [joined.quantile(p) for p in LEVELS] == [whole.quantile(p) for p in LEVELS]
    assert joined.share_above(1.0) == np.mean(np.concatenate(parts) > 1.0)


@given(
    values=st.lists(st.floats(0, 1e6) | st.just(math.inf), min_size=1, max_size=200),
    p=st.floats(0, 1),
    target=st.floats(0, 1e7),
)
def test_nothing_is_lost_by_not_sorting(values: list[float], p: float, target: float) -> None:
    found, rising = Sample.of(np.array(values)), sorted(values)
    assert found.quantile(p) == rising[max(0, math.ceil(len(rising) * p - 1))]
    assert found.share_above(target) == pytest.approx(sum(value > target for value in rising) / len(rising))


@given(values=st.lists(st.floats(1e-9, 1e3), min_size=1, max_size=50), p=st.floats(0, 1))
def test_a_histogram_says_the_same_as_its_values(values: list[float], p: float) -> None:
    distinct, counts = np.unique(np.array(values), return_counts=True)
    alone, counted = Sample.of(np.array(values)), Sample(distinct, counts)
    assert counted.quantile(p) == alone.quantile(p)
    assert counted.share_above(values[0]) == pytest.approx(alone.share_above(values[0]))
    assert Sample.joined([counted, counted]).mean == pytest.approx(alone.mean)


@given(values=st.lists(st.floats(1e-9, 1e3), min_size=1, max_size=200))
def test_quantiles_of_many_probabilities_are_in_the_right_bucket(values: list[float]) -> None:
    found, ps = Sample.of(np.array(values)), np.linspace(0, 1, 21)
    exact = [found.quantile(p) for p in ps.tolist()]
    assert found.about(ps) == pytest.approx(exact, rel=1 / 128)
    distinct, counts = np.unique(np.array(values), return_counts=True)
    assert Sample(distinct, counts).about(ps) == pytest.approx(exact, rel=1 / 128)
