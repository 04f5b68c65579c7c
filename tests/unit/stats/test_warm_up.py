"""What is left out at the start of a run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from stats_rows import S, ledger, run
from systems import scenario

from capsim import simulate
from capsim.stats.runs import LedgerRun
from capsim.stats.warmup import mser_cut, start_differs, warmup_ns


def noise(count: int, seed: int = 0) -> NDArray[np.float64]:
    return np.random.default_rng(seed).normal(10, 1, count)


@pytest.mark.parametrize("seed", range(5))
def test_the_cut_is_where_a_transient_ends(seed: int) -> None:
    series = noise(200, seed)
    series[:30] -= np.linspace(10, 2, 30)
    assert 26 <= mser_cut(series) <= 45


def test_the_cut_minimises_the_squared_error_of_what_remains() -> None:
    # Squared errors 1.19, 0.08, 0.047 and 0.074 of a mean of 6, 5, 4 and 3 values.
    assert mser_cut(np.array([9.0, 1.0, 2.0, 3.0, 2.0, 2.0])) == 2


def test_the_cut_is_looked_for_in_the_first_half() -> None:
    assert mser_cut(np.concatenate([np.linspace(0, 9, 90), np.full(10, 10.0)])) == 50


def test_a_short_series_keeps_all() -> None:
    assert mser_cut(np.array([9.0, 1.0, 1.0])) == 0


@pytest.mark.parametrize("value", [0.1, 1e9 / 7, 7_333_333.0])
def test_a_constant_series_keeps_all_whatever_its_value_is_as_a_fraction(value: float) -> None:
    series = np.full(200, value)
    assert mser_cut(series) == 0
    assert not start_differs(series, 20, 100)


HORIZON_S = 100


def served(latency_s: Any, seed: int = 0) -> LedgerRun:
    """100 requests a second, whose mean latency is a function of when they are sent."""
    chance = np.random.default_rng(seed)
    sent = np.sort(chance.uniform(0, HORIZON_S, 100 * HORIZON_S))
    return run(ledger(sent, latency_s(sent) * chance.uniform(0.5, 1.5, len(sent))), HORIZON_S)


def test_a_steady_run_loses_a_tenth() -> None:
    runs = [served(lambda sent: np.full(len(sent), 0.01), seed) for seed in range(5)]
    assert warmup_ns(runs, HORIZON_S * S) == (10 * S, True)


def test_a_transient_is_left_out_whole() -> None:
    runs = [served(lambda sent: 0.002 + 0.008 * np.minimum(sent / 30, 1), seed) for seed in range(5)]
    start_ns, settled = warmup_ns(runs, HORIZON_S * S)
    assert 25 * S < start_ns < 40 * S
    assert settled


def test_a_transient_of_half_the_run_has_not_settled() -> None:
    runs = [served(lambda sent: 0.002 + 0.008 * np.minimum(sent / 52, 1), seed) for seed in range(5)]
    assert warmup_ns(runs, HORIZON_S * S) == (HORIZON_S * S // 2, False)


def test_a_run_of_few_requests_loses_a_tenth() -> None:
    rising = run(ledger(np.arange(100), np.arange(1, 101) / 10), HORIZON_S)
    assert warmup_ns([rising], HORIZON_S * S) == (10 * S, True)


def test_of_a_load_that_varies_over_time_nothing_is_left_out() -> None:
    rate = {"bursts": {"base": "10 /s", "peak": "80 /s", "every": "5 s", "length": "1 s"}}
    result = simulate(scenario(arrivals={"process": "poisson", "rate": rate}, run={"horizon": "60 s"}))
    assert result.warmup_s == 0


def test_a_stated_warm_up_is_taken_as_it_is() -> None:
    arrivals = {"process": "poisson", "rate": "50 /s"}
    result = simulate(scenario(arrivals=arrivals, run={"horizon": "10 s", "warmup": "1234567 us"}))
    assert result.warmup_s == 1.234567
    sent = result.request_frame().arrived_ns
    assert result.requests["offered"] == (sent >= 1_234_567_000).sum() < len(sent)
