"""More or fewer requests of a recorded sequence: bursts grow, and chance stays chance."""

from __future__ import annotations

import numpy as np
import pytest

from capsim.workload.multiplied import multiplied


@pytest.mark.parametrize(("factor", "many"), [(1.04, 104), (1.05, 105), (1, 100), (0.5, 50), (13, 1300), (0.001, 1)])
def test_a_burst_has_as_many_more(factor: float, many: int) -> None:
    assert multiplied(np.zeros(100), factor)[0].tolist() == [0.0] * many


def test_the_same_sequence_with_a_factor_of_one() -> None:
    times = np.sort(np.random.default_rng(1).uniform(0, 9, 1000))
    assert np.array_equal(multiplied(times, 1.0)[0], times)


@pytest.mark.parametrize("width", [0.0, 0.01])
@pytest.mark.parametrize("factor", [0.5, 1.5, 3.0])
def test_each_of_many_bursts_grows_and_nothing_comes_between(width: float, factor: float) -> None:
    inside = np.sort(np.random.default_rng(2).uniform(0, width, (20, 40)))
    times = (10.0 * np.arange(20)[:, None] + inside).ravel()
    found, _ = multiplied(times, factor)
    assert np.unique(found // 10, return_counts=True)[1].tolist() == [40 * factor] * 20
    assert (found % 10).max() <= width


@pytest.mark.parametrize("factor", [0.3, 1.2, 2.0])
def test_a_poisson_process_stays_one(factor: float) -> None:
    times = np.cumsum(np.random.default_rng(3).exponential(1.0, 20_000))
    found, _ = multiplied(times, factor)
    gaps = np.diff(found)
    assert len(found) == 20_000 * factor
    assert gaps.min() >= 0
    assert gaps.mean() == pytest.approx(1 / factor, rel=0.02)
    assert gaps.std() / gaps.mean() == pytest.approx(1, abs=0.08)


def test_the_rate_keeps_its_shape() -> None:
    times = np.concatenate([np.linspace(0, 100, 200, endpoint=False), np.linspace(100, 200, 2000)])
    found, _ = multiplied(times, 1.5)
    assert np.count_nonzero(found < 100) == pytest.approx(300, abs=20)


@pytest.mark.parametrize("times", [[3.0], [3.0, 3.0], [1.0, 2.0]])
def test_short_sequences(times: list[float]) -> None:
    assert len(multiplied(np.array(times), 2.5)[0]) == int(len(times) * 2.5)
    assert len(multiplied(np.array(times), 0.1)[0]) == 1


@pytest.mark.parametrize("factor", [0.4, 1.0, 1.7])
def test_each_request_is_or_is_like_a_recorded_one_around_it(factor: float) -> None:
    times = np.cumsum(np.random.default_rng(5).exponential(1.0, 5000))
    instants, places = multiplied(times, factor)
    if factor <= 1:
        assert np.array_equal(instants, times[places])
        assert (np.diff(places) > 0).all()
    else:
        assert set(places.tolist()) == set(range(5000))
        assert np.abs(np.searchsorted(times, instants, side="right") - 1 - places).max() < 30
        assert np.bincount(places).max() < 10
