from __future__ import annotations

import math

import numpy as np
import pytest

from capsim.stats.paired import change


def test_the_difference_has_the_paired_student_interval() -> None:
    a, b = [1.0, 2.0, 4.0, 3.0], [1.5, 2.4, 4.7, 3.4]
    found = change(2.5, 3.0, a, b)
    # Differences 0.5 0.4 0.7 0.4: mean 0.5, squares around it 0.06, t of 3 degrees of freedom 3.182446.
    half = 3.182446 * math.sqrt(0.06 / 3 / 4)
    assert found.difference.value == 0.5
    assert found.difference.ci95 == pytest.approx((0.5 - half, 0.5 + half), rel=1e-6)
    assert found.relative.value == pytest.approx(0.2)
    assert found.significant


def test_the_same_twice_differs_by_nothing() -> None:
    found = change(2.0, 2.0, [1.0, 2.0, 3.0], [1.0, 2.0, 3.0])
    assert found.difference.ci95 == (0.0, 0.0)
    assert found.relative.ci95 == (0.0, 0.0)
    assert found.significant is False


def test_a_constant_factor_is_known_exactly() -> None:
    found = change(2.0, 1.0, [1.0, 2.0, 3.0], [0.5, 1.0, 1.5])
    assert found.relative.ci95 == pytest.approx((-0.5, -0.5))
    assert found.significant


def test_nothing_is_known_of_the_error_of_two_sections_or_of_no_value() -> None:
    assert change(1.0, 2.0, [1.0, 1.0], [2.0, 2.0]).significant is None
    assert change(None, 2.0, [], []).difference.value is None


def test_from_zero_there_is_a_difference_and_no_relative_change() -> None:
    found = change(0.0, 1.0, [0.0, 0.0, 0.0], [0.9, 1.0, 1.1])
    assert found.relative.value is None
    assert found.significant


def test_sections_must_be_pairs() -> None:
    with pytest.raises(ValueError, match="shorter"):
        change(1.0, 1.0, [1.0, 1.0, 1.0], [1.0])


def test_the_interval_of_the_relative_change_covers() -> None:
    random = np.random.default_rng(5)
    held = 0
    for _ in range(2000):
        common = random.normal(10, 1, 8)
        a, b = common + random.normal(0, 0.3, 8), 0.7 * common + random.normal(0, 0.3, 8)
        found = change(float(a.mean()), float(b.mean()), a.tolist(), b.tolist()).relative.ci95
        assert found is not None
        held += found[0] <= -0.3 <= found[1]
    # Five standard errors around 95 %.
    assert abs(held / 2000 - 0.95) < 5 * math.sqrt(0.95 * 0.05 / 2000)
