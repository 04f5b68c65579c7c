from __future__ import annotations

import math

import numpy as np
import pytest

from capsim.profiler.intervals import Estimate, quantile


@pytest.mark.parametrize("level", [0.5, 0.99])
def test_intervals_cover_the_quantile_as_often_as_they_say(level: float) -> None:
    rng = np.random.default_rng(1)
    truth = -math.log(1 - level)
    found = [quantile(rng.exponential(size=600).tolist(), level) for _ in range(1000)]
    covered = sum(each.low <= truth <= each.high for each in found) / len(found)
    # At least 95 %, less what a thousand trials leave to chance; not much more either.
    assert 0.935 <= covered <= 0.99


@pytest.mark.parametrize(("count", "known"), [(367, False), (368, True)])
def test_a_p99_has_an_upper_end_from_368_samples_on(count: int, *, known: bool) -> None:
    """The largest of n exceeds p99 with probability 1 - 0.99^n, which is 97.5 % from 368 on."""
    assert (0.99**count <= 0.025) == known
    assert math.isfinite(quantile(list(range(1, count + 1)), 0.99).high) == known


def test_few_samples_have_no_ends() -> None:
    estimate = quantile([3.0], 0.5)
    assert (estimate.value, estimate.low, estimate.high) == (3.0, 0.0, math.inf)
    assert not estimate.within(0.99)


def test_narrow_means_that_both_ends_are_near() -> None:
    assert Estimate(100, 95, 104).within(0.05)
    assert not Estimate(100, 94, 104).within(0.05)
    assert not Estimate(100, 99, 106).within(0.05)
