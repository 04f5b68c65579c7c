from __future__ import annotations

from collections.abc import Callable

import pytest

from capsim.profiler.runtime import Run
from capsim.profiler.timing import alone
from capsim.profiler.warmup import warm_up


@pytest.fixture(autouse=True)
def limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("capsim.profiler.warmup._MOST_SECONDS", 60.0)


def test_ends_when_two_windows_agree(clock: Callable[[list[int]], Run]) -> None:
    # The windows that agree first are runs 2 to 4 and 5 to 7.
    warm = warm_up(alone(clock([900, 100, 100, 101, 100, 100, 100, 100])))
    assert warm.stable
    assert warm.runs == 6
    assert warm.median_ms == 100


def test_goes_on_while_latency_falls(clock: Callable[[list[int]], Run]) -> None:
    warm = warm_up(alone(clock([1000, 900, 800, 700, 600, 500, 400, 300, 200, 100, 50])))
    assert warm.stable
    assert warm.median_ms == 50
    assert warm.runs > 11


def test_gives_up_after_a_minute_and_says_so(clock: Callable[[list[int]], Run]) -> None:
    warm = warm_up(alone(clock([1000 * 2**power for power in range(9)])))
    assert not warm.stable
    assert warm.runs == 6  # 1 + 2 + 4 + 8 + 16 + 32 s
