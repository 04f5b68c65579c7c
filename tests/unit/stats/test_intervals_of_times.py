from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from systems import pool, scenario

from capsim import simulate
from capsim.stats.sections import Estimate
from capsim.stats.warmup import start_differs

STUDENT_4 = 2.7764451


def test_on_the_logarithm_the_ends_are_as_many_times_above_as_below() -> None:
    found = Estimate(10.0, 2.0, (8.0, 9.0, 10.0, 11.0, 12.0), logarithmic=True)
    factor = math.exp(STUDENT_4 * 0.2)
    assert found.interval() == pytest.approx((10 / factor, 10 * factor), rel=1e-6)
    assert found.cdf(10 * factor) == pytest.approx(0.975, rel=1e-6)
    assert found.cdf(10.0) == pytest.approx(0.5)


def test_a_value_below_its_error_keeps_the_plain_interval() -> None:
    found = Estimate(1.0, 2.0, (0.0, 0.0, 5.0, 0.0, 0.0), logarithmic=True)
    assert found.interval() == pytest.approx((1 - STUDENT_4 * 2, 1 + STUDENT_4 * 2), rel=1e-6)


def few_requests(load: float, horizon: str) -> bool:
    exponential = {"distribution": "exponential", "mean": "10 ms"}
    arrivals = {"process": "poisson", "rate": f"{100 * load} /s"}
    run = {"horizon": horizon, "replications": 5}
    warnings = simulate(scenario(pool(service=exponential), arrivals=arrivals, run=run)).warnings
    return "few_requests" in {warning.code for warning in warnings}


def test_requests_that_are_late_together_are_too_few_sooner() -> None:
    # 4,500 requests a section in both; at load 0.95 a queue remembers a hundred times as long.
    assert not few_requests(0.5, "100 s")
    assert few_requests(0.95, "53 s")


def series(random: np.random.Generator) -> NDArray[np.float64]:
    return random.normal(10, 1, 200)


def test_a_start_like_the_rest_does_not_differ() -> None:
    differing = sum(start_differs(series(np.random.default_rng(seed)), 20, 50) for seed in range(300))
    # It is said of 1 % wrongly; 3 expected.
    assert differing <= 10


def test_a_start_unlike_the_rest_differs() -> None:
    values = series(np.random.default_rng(1))
    values[:50] -= 4
    assert start_differs(values, 20, 50)
    assert not start_differs(values, 20, 20)


def test_a_steady_run_loses_a_tenth_and_a_slow_start_more() -> None:
    exponential = {"distribution": "exponential", "mean": "10 ms"}
    steady = scenario(
        pool(service=exponential),
        arrivals={"process": "poisson", "rate": "70 /s"},
        run={"horizon": "60 s", "replications": 5},
    )
    assert simulate(steady).warmup_s == 6
    # Clients join over 30 s, twice as many as can be served, and latency rises until then.
    filling = scenario(
        pool(service=exponential),
        arrivals={"process": "closed_loop", "clients": 6000, "think_time": "30 s"},
        run={"horizon": "120 s", "replications": 3},
    )
    assert 25 < simulate(filling).warmup_s < 60


def test_what_each_section_says_is_kept_for_differences() -> None:
    result = simulate(scenario(arrivals={"process": "poisson", "rate": "50 /s"}, run={"replications": 4}))
    assert {len(values) for values in result.section_values.values()} == {4}
    assert np.mean(result.section_values["utilisation.gpu"]) == pytest.approx(result.pools[0].utilisation)
    assert np.mean(result.section_values["throughput_per_s"]) == pytest.approx(result.throughput_per_s.value)
    assert "section_values" not in result.to_dict()
