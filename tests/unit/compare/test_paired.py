"""The change from one answer to another that sees the same chance."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import t

from capsim.stats.mean import Mean
from capsim.stats.paired import change, correlation
from capsim.stats.sections import Estimate


def averaged(parts: list[float]) -> Estimate:
    """The average of sections, of which so many others are known that Student's distribution is normal."""
    error = float(np.std(parts, ddof=1)) / math.sqrt(len(parts))
    return Estimate(float(np.mean(parts)), error, 10**6, tuple(parts))


def test_the_difference_of_pairs_has_the_error_of_the_pairs() -> None:
    a, b = averaged([1.0, 2.0, 4.0, 3.0]), averaged([1.5, 2.4, 4.7, 3.4])
    found = change(a, b, a.parts, b.parts)
    # Differences 0.5 0.4 0.7 0.4: mean 0.5, squares around it 0.06.
    half = t.ppf(0.975, 10**6) * math.sqrt(0.06 / 3 / 4)
    assert found.difference.value == pytest.approx(0.5)
    assert found.difference.ci95 == pytest.approx((0.5 - half, 0.5 + half), rel=0.02)
    assert found.relative.value == pytest.approx(0.2)
    assert found.significant


def test_what_has_nothing_in_common_has_both_errors() -> None:
    a, b = averaged([1.0, 3.0, 1.0, 3.0]), averaged([6.0, 6.0, 4.0, 4.0])
    assert correlation(a.parts, b.parts) == 0
    half = t.ppf(0.975, 10**6) * math.sqrt(2 * 4 / 3 / 4)
    assert change(a, b, a.parts, b.parts).difference.ci95 == pytest.approx((3 - half, 3 + half), rel=0.02)


def test_the_same_twice_differs_by_nothing() -> None:
    a = averaged([9.0, 10.0, 11.0])
    found = change(a, a, a.parts, a.parts)
    assert found.difference.ci95 == pytest.approx((0.0, 0.0), abs=1e-12)
    assert found.relative.ci95 == pytest.approx((0.0, 0.0), abs=1e-12)
    assert found.significant is False


def test_a_constant_factor_is_known_exactly() -> None:
    a, b = averaged([9.0, 10.0, 11.0]), averaged([4.5, 5.0, 5.5])
    found = change(a, b, a.parts, b.parts)
    assert found.relative.ci95 == pytest.approx((-0.5, -0.5))
    assert found.significant


def test_nothing_is_known_of_the_change_of_what_is_not_bounded_or_has_no_value() -> None:
    known, open_above = Mean(1.0, 0.05, 10.0, (1.0, 1.1)), Mean(2.0, 0.3, 10.0, (2.0, 2.1))
    found = change(known, open_above, known.parts, open_above.parts)
    assert found.relative.value == pytest.approx(1.0)
    assert found.relative.ci95 is None
    assert found.significant is None
    lost = Mean(math.inf, math.nan, 1.0, (math.inf, math.inf))
    assert change(known, lost, known.parts, lost.parts).difference.value is None


def test_from_zero_there_is_a_difference_and_no_relative_change() -> None:
    a, b = averaged([0.0, 0.0, 0.0]), averaged([0.9, 1.0, 1.1])
    found = change(a, b, a.parts, b.parts)
    assert found.relative.value is None
    assert found.significant


def test_sections_must_be_pairs() -> None:
    a = averaged([1.0, 1.1])
    with pytest.raises(ValueError, match="2 sections of one answer, 1 of the other"):
        change(a, a, a.parts, [1.0])


def test_the_interval_of_the_relative_change_covers() -> None:
    random = np.random.default_rng(5)
    held, answers, sections = 0, 400, 30
    for _ in range(answers):
        common = random.normal(10, 1, sections)
        a, b = (averaged((each + random.normal(0, 0.3, sections)).tolist()) for each in (common, 0.7 * common))
        found = change(a, b, a.parts, b.parts).relative.ci95
        assert found is not None
        held += found[0] <= -0.3 <= found[1]
    # Four standard errors around the 94 % that the normal distribution has of 30 sections.
    assert abs(held / answers - 0.94) < 4 * math.sqrt(0.94 * 0.06 / answers)
