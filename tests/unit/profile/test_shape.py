"""The knee and the affine law."""

from __future__ import annotations

import pytest

from capsim.profile.shape import affine_law, knee

SIZES = (1, 2, 4, 8, 16, 32, 64)


def of_law(per_batch_ms: float, per_item_ms: float) -> tuple[dict[int, float], dict[int, float]]:
    """Throughput and latency of a device that keeps to a law."""
    latency = {size: per_batch_ms + per_item_ms * size for size in SIZES}
    return {size: size / latency[size] * 1e3 for size in SIZES}, latency


def test_the_knee_is_the_smallest_batch_with_most_of_the_throughput() -> None:
    """9 + b: 64 / 73 is the highest, 90 % of it is 0.789; 32 / 41 = 0.780 is less."""
    found = knee(*of_law(9, 1))
    assert found is not None
    assert (found.batch_size, found.reached) == (64, False)
    found = knee(*of_law(4, 1))
    assert found is not None
    assert (found.batch_size, found.reached) == (32, True)


def test_the_balance_is_where_an_item_takes_as_long_as_a_batch() -> None:
    """b / (α + βb)² is highest at α / β."""
    found = knee(*of_law(8, 1))
    assert found is not None
    assert found.balanced == 8


def test_where_batching_brings_nothing_the_knee_is_the_first_size() -> None:
    found = knee(*of_law(0, 5))
    assert found is not None
    assert (found.batch_size, found.reached, found.balanced) == (1, True, 1)


def test_a_plateau_before_a_rise_is_no_knee() -> None:
    """From 2 to 4 nothing is won, but 8 brings half as much again."""
    found = knee({1: 100, 2: 150, 4: 150, 8: 225}, {1: 10, 2: 13.3, 4: 26.7, 8: 35.6})
    assert found is not None
    assert found.batch_size == 8


def test_a_single_batch_size_has_neither() -> None:
    assert knee({4: 100.0}, {4: 40.0}) is None
    assert affine_law({4: 40.0, 8: 80.0}) is None


def test_the_law_is_found_again() -> None:
    law = affine_law({size: 3 + 0.5 * size for size in SIZES})
    assert law is not None
    assert (law.per_batch_ms, law.per_item_ms) == pytest.approx((3, 0.5))
    assert law.worst == pytest.approx(0, abs=1e-9)


def test_residuals_are_relative_and_the_worst_is_told() -> None:
    """Ten times the size counts no more: the law passes 1, 10 and 1000 items to the same relative error."""
    law = affine_law({1: 10, 10: 130, 1000: 10_000})
    assert law is not None
    assert law.worst_batch_size == 10
    assert 0.1 < law.worst < 0.25
    residual = 130 / (law.per_batch_ms + 10 * law.per_item_ms) - 1
    assert law.worst == pytest.approx(residual)
