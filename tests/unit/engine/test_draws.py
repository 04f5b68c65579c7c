"""What is drawn in compiled code is what numpy draws, to the last bit."""

from __future__ import annotations

import numpy as np
import pytest

from capsim.engine.compiled import draws
from capsim.random import Stream
from capsim.workload import arrivals


def test_uniforms_are_those_of_the_stream() -> None:
    assert np.array_equal(draws.QuickStream(7).uniforms(3, 5000), Stream(7).uniforms(3, 5000))


@pytest.mark.parametrize("rate", [1e-12, 0.1, 400.0, 1e6 / 3, 1e300])
def test_instants_are_those_of_numpy(rate: float) -> None:
    gaps = -np.log1p(-Stream(7).uniforms(0, 20_000))
    expected, reached = arrivals.instants_ns(rate, gaps.copy())
    instants, last = draws.instants_ns(rate, gaps)
    assert np.array_equal(instants, expected)
    assert last == reached
