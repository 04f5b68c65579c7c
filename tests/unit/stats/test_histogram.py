"""The histogram counts every value once, whether it knows values or a tally of them."""

from __future__ import annotations

import numpy as np
import pytest

from capsim.stats.histogram import BINS, histogram
from capsim.stats.sample import Sample


def test_bins_and_tail_hold_every_value() -> None:
    values = np.random.default_rng(1).exponential(0.1, 50_000)
    found = histogram(Sample.of(values))
    assert found is not None
    assert len(found.shares) == BINS
    assert sum(found.shares) + found.beyond == pytest.approx(1)
    assert found.beyond == pytest.approx(0.001)
    assert found.most == values.max()
    inside, _ = np.histogram(values, found.edges)
    assert inside / len(values) == pytest.approx(found.shares, abs=1 / len(values) + 1e-12)


def test_a_tally_gives_the_histogram_of_its_values() -> None:
    alone = Sample.of(np.repeat([1.0, 2.0, 4.0], [5, 3, 2]))
    counted = Sample(np.array([1.0, 2.0, 4.0]), np.array([5, 3, 2]))
    assert histogram(alone) == histogram(counted)


@pytest.mark.parametrize("count", [1, 3])
def test_equal_values_stand_in_one_bin(count: int) -> None:
    found = histogram(Sample.of(np.full(count, 0.02)))
    assert found is not None
    assert found.shares == (1.0,)
    assert found.edges[0] <= 0.02 <= found.edges[-1]


def test_without_values_there_is_none() -> None:
    assert histogram(Sample.of(np.array([]))) is None
