from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import chi2, t
from stats_rows import replications
from systems import pool, scenario

from capsim import simulate
from capsim.stats import tail
from capsim.stats.mean import Mean
from capsim.stats.sample import Sample
from capsim.stats.sections import Sections
from capsim.stats.tail import Percentile, Tail
from capsim.stats.times import LEVELS, offered_times
from capsim.stats.warmup import start_differs


def test_the_ends_of_a_mean_have_the_error_that_they_would_have_as_the_mean() -> None:
    found = Mean(10.0, 0.05, 12.0, ())
    low, high = found.interval() or (math.nan, math.nan)
    for end, sign in ((low, -1), (high, 1)):
        error = 10 * 0.05 * (end / 10) ** 2
        assert end - 10 == pytest.approx(sign * t.ppf(0.975, 12) * error)
    assert [found.cdf(x) for x in (low, 10, high)] == pytest.approx([0.025, 0.5, 0.975])
    assert high - 10 > 10 - low


def test_a_mean_of_which_little_is_known_has_no_upper_end() -> None:
    found = Mean(10.0, 0.2, 12.0, ())
    assert found.interval() is None
    assert found.quantile(0.025) < 10 < found.quantile(0.975) == math.inf
    assert found.cdf(1e9) == found.cdf(20) < 0.975


def test_the_ends_of_a_percentile_are_order_statistics() -> None:
    # 400 independent ones beyond p90 of 1 to 1,000: 10 % is known to 5 % of itself, and 1.65 are 95 % of Student's.
    found = Percentile(0.1, Sample.of(np.arange(1.0, 1001.0)), 400.0, 1e9)
    assert found.value == 900
    # The normal 97.5 % and a third, over the root of 400: 0.0997 of 10 % beyond p90, and 0.0963 before it.
    assert found.interval() == (891, 910)
    assert found.cdf(900) == pytest.approx(t.cdf(-1 / 3 / 20, 1e9))
    assert found.cdf(910) == pytest.approx(t.cdf(0.1 * 20 - 1 / 60, 1e9))


def test_a_percentile_with_few_independent_ones_beyond_has_no_interval() -> None:
    found = Percentile(0.1, Sample.of(np.arange(1.0, 1001.0)), 3.0, 20.0)
    assert found.surely_independent == pytest.approx(3 * chi2.ppf(0.05, 20) / 20)
    assert found.interval() is None
    assert found.quantile(0.975) == math.inf
    assert found.cdf(1e9) < 0.975


def bursts(size: int, count: int, seed: int = 1) -> Sections:
    """Two hundred sections of 1,000 requests, of which some come in bursts that take ten times as long."""
    chance = np.random.default_rng(seed)
    parts = []
    for _ in range(200):
        late = chance.poisson(count) * size
        parts.append([*chance.exponential(1, 1000 - late), *(10 + chance.exponential(1, late))])
    return replications(*parts)


@pytest.mark.parametrize("size", [1, 2, 8])
def test_requests_that_are_late_together_count_as_one(size: int) -> None:
    sections = bursts(size, 64 // size)
    seen = Tail(sections, [part.latency_s for part in sections.parts], sections.offered_s).dispersion(0.06)
    assert seen is not None
    assert seen.share == pytest.approx(0.064, rel=0.2)
    assert seen.index == pytest.approx(size, rel=0.3)
    assert seen.independent == pytest.approx(200 * 64 / size, rel=0.3)


def test_alone_as_many_are_independent_as_there_are() -> None:
    chance = np.random.default_rng(3)
    sections = replications(*(chance.exponential(1, 1000) for _ in range(60)))
    for name, p in LEVELS.items():
        known = offered_times(sections).percentiles[name]
        # A share p of n has the variance n p (1 - p).
        assert known.independent == pytest.approx(60_000 * (1 - p) / p, rel=0.5), name


def test_where_the_load_varies_lower_percentiles_tell_of_more_dispersion(monkeypatch: pytest.MonkeyPatch) -> None:
    def independent(growth: float, *, steady: bool) -> float:
        monkeypatch.setattr(tail, "GROWTH_OF_A_VARYING_LOAD", growth)
        sections = replace(bursts(8, 8), steady=steady)
        return (
            Tail(sections, [part.latency_s for part in sections.parts], sections.offered_s).percentile(0.01).independent
        )

    # Bursts of eight are as many beyond each percentile, so that only the rule tells how fast their dispersion rises.
    assert independent(0.2, steady=True) == independent(0.0, steady=True)
    assert 0.8 < independent(0.2, steady=False) / independent(0.0, steady=False) < 0.97
    assert independent(0.5, steady=False) < independent(0.2, steady=False)


def few_requests(load: float, **run: Any) -> bool:
    exponential = {"distribution": "exponential", "mean": "10 ms"}
    arrivals = {"process": "poisson", "rate": f"{100 * load} /s"}
    result = simulate(scenario(pool(service=exponential), arrivals=arrivals, run=run))
    said = "few_requests" in {warning.code for warning in result.warnings}
    assert said == (result.latency_s["p99"].ci95 is None)
    return said


def test_requests_that_are_late_together_are_too_few_sooner() -> None:
    # 4,500 requests a run in both; at load 0.95 a queue remembers a hundred times as long.
    assert not few_requests(0.5, horizon="100 s", replications=5)
    assert few_requests(0.95, horizon="53 s", replications=5)


def test_more_replications_help() -> None:
    assert few_requests(0.9, horizon="60 s", replications=4)
    assert not few_requests(0.9, horizon="60 s", replications=80)


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
    assert {len(values) for values in result.section_values.values()} == {32}
    assert np.mean(result.section_values["utilisation.gpu"]) == pytest.approx(result.pools[0].utilisation)
    assert np.mean(result.section_values["throughput_per_s"]) == pytest.approx(result.throughput_per_s.value)
    assert "section_values" not in result.to_dict()
