"""Sections of runs, and what they say together."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import t
from stats_rows import LATE, S, ledger, run, section
from systems import pool, scenario

from capsim import simulate, simulation
from capsim.stats.runs import LedgerRun
from capsim.stats.sample import Sample
from capsim.stats.sections import (
    Estimate,
    completed_of,
    cut_sections,
    estimate,
    independent_requests,
    latency_of,
    throughput_per_s,
)


def evenly(latency_s: float = 0.5) -> LedgerRun:
    """A request every tenth of a second for 20 s."""
    return run(ledger(np.arange(200) / 10, np.full(200, latency_s)), 20)


@pytest.mark.parametrize(("replications", "sections", "span_s"), [(1, 10, 1), (2, 10, 2), (3, 3, 10), (7, 7, 10)])
def test_three_replications_are_sections_and_fewer_are_cut_into_slices(
    replications: int, sections: int, span_s: float
) -> None:
    found = cut_sections([evenly() for _ in range(replications)], 10 * S, 20 * S)
    assert [part.span_s for part in found] == [span_s] * sections
    assert [len(part.latency_s) for part in found] == [span_s * 10] * sections


def test_a_section_has_the_latencies_of_those_sent_in_it_and_counts_those_that_end_in_it() -> None:
    # Sent at 8 and 9 and ended at 10.5 and 13; then 4 in the window, of which one ends beyond it.
    rows = ledger([8, 9, 10, 11, 12, 14.9, 15], [2.5, 4, 1, LATE, 2, 3, 1], [1, 1, 0.25, 0, 0.5, 0.75, 0])
    [found] = cut_sections([run(rows, 20)] * 3, 10 * S, 15 * S)[:1]
    assert found.latency_s.values.tolist() == [1, 2, 3, LATE]
    assert found.completed_s.values.tolist() == [1, 2, 3]
    assert found.waiting_s.values.tolist() == [0.25, 0.5, 0.75]
    assert found.completions == 4
    assert throughput_per_s([found, section([], completions=1, span_s=5)]) == 0.5


def test_waiting_is_the_sum_over_all_visits() -> None:
    twice = ledger([0], [5], [1])
    for column, values in twice.visits.items():
        twice.visits[column] = np.concatenate([values, values])
    twice.visits["started_ns"][1] = 3 * S
    assert run(twice, 10).seen(0, S).waiting_s.values.tolist() == [4]


# Estimates


def test_the_interval_is_students_around_the_value_of_all_sections_together() -> None:
    found = Estimate(3.0, math.sqrt(2.5 / 5), (1, 2, 3, 4, 5)).interval()
    # 2.776 is Student's 97.5 % with 4 degrees.
    assert found == pytest.approx((3 - 2.776445 * math.sqrt(0.5), 3 + 2.776445 * math.sqrt(0.5)), rel=1e-6)


def test_the_error_is_taken_around_the_value_of_all_sections() -> None:
    # Together the median is 1, in the sections 1, 1 and 10.
    sections = [section([1] * 5), section([1] * 4), section([10])]
    found = estimate(sections, lambda parts: latency_of(parts).quantile(0.5))
    assert [found.value, *found.parts] == [1, 1, 1, 10]
    assert found.error == pytest.approx(math.sqrt((0 + 0 + 81) / 2 / 3))


def test_on_the_logarithm_the_interval_is_a_factor() -> None:
    sections = [section([value]) for value in (8.0, 9.0, 10.0, 11.0, 12.0)]
    interval = estimate(sections, lambda parts: latency_of(parts).mean, logarithmic=True).interval()
    assert interval is not None
    factor = math.exp(t.ppf(0.975, 4) * math.sqrt(10 / 4 / 5) / 10)
    assert interval == pytest.approx((10 / factor, 10 * factor))


@pytest.mark.parametrize("values", [[1.0], [1.0, 2.0], [1.0, 2.0, LATE, LATE]])
def test_fewer_than_three_known_values_have_no_interval(values: list[float]) -> None:
    sections = [section([value]) for value in values]
    found = estimate(sections, lambda parts: completed_of(parts).mean)
    assert found.sections == len([value for value in values if value < LATE])
    assert found.error is None
    assert found.interval() is None


def test_equal_sections_leave_no_doubt() -> None:
    found = estimate([section([2.0])] * 3, lambda parts: latency_of(parts).mean)
    assert found.interval() == (2, 2)
    assert [found.cdf(target) for target in (1.99, 2, 2.01)] == [0, 1, 1]


def test_the_probability_is_students_and_rises_with_the_target() -> None:
    found = Estimate(3.0, math.sqrt(2.5 / 5), (1, 2, 3, 4, 5))
    assert found.cdf(3 + 2.776445 * math.sqrt(0.5)) == pytest.approx(0.975, rel=1e-6)
    assert found.cdf(3.0) == pytest.approx(0.5)
    rising = [found.cdf(target) for target in np.linspace(0.5, 6, 40)]
    assert np.all(np.diff(rising) > 0)


def test_requests_that_are_late_together_count_as_fewer() -> None:
    chance = np.random.default_rng(1)
    apart = [section(chance.exponential(1, 500)) for _ in range(200)]
    together = [section(np.repeat(chance.exponential(1, 50), 10)) for _ in range(200)]
    assert independent_requests(apart) == pytest.approx(100_000, rel=0.3)
    assert independent_requests(together) == pytest.approx(10_000, rel=0.3)


# Samples


@pytest.mark.parametrize(("p", "value"), [(0.001, 1), (0.2, 1), (0.21, 2), (0.5, 3), (0.8, 4), (0.99, 5)])
def test_a_quantile_is_the_smallest_value_that_its_share_does_not_exceed(p: float, value: float) -> None:
    assert Sample.of(np.array([5.0, 3.0, 1.0, 2.0, 4.0])).quantile(p) == value


def test_the_highest_percentiles_of_few_values_are_the_largest() -> None:
    hundred = Sample.of(np.arange(1.0, 101.0))
    assert [hundred.quantile(p) for p in (0.5, 0.9, 0.95, 0.99, 0.999)] == [50, 90, 95, 99, 100]


def test_nothing_has_no_mean_and_no_quantile() -> None:
    nothing = Sample.of(np.array([]))
    assert math.isnan(nothing.mean)
    assert math.isnan(nothing.quantile(0.5))


def test_a_request_that_did_not_complete_makes_the_mean_infinite_and_the_median_not() -> None:
    found = Sample.of(np.array([1.0, 2.0, LATE]))
    assert found.mean == LATE
    assert found.quantile(0.5) == 2
    assert found.quantile(0.99) == LATE
    assert found.finite.mean == 1.5


def test_joined_samples_are_those_of_all_values() -> None:
    chance = np.random.default_rng(2)
    parts = [chance.exponential(1, size) for size in (10, 1, 300)]
    joined, whole = Sample.joined([Sample.of(part) for part in parts]), Sample.of(np.concatenate(parts))
    assert joined.values.tolist() == whole.values.tolist()
    assert joined.share_above(1.0) == np.mean(np.concatenate(parts) > 1.0)


@pytest.mark.parametrize("kept", [10**7, 0])
@pytest.mark.parametrize("replications", [1, 2, 3])
@pytest.mark.parametrize(("horizon", "warmup"), [("1 ns", "auto"), ("7 ns", "auto"), ("1 s", "999999995 ns")])
def test_a_window_of_a_few_ns_is_answered(
    monkeypatch: pytest.MonkeyPatch, horizon: str, warmup: str, replications: int, kept: int
) -> None:
    monkeypatch.setattr(simulation, "MOST_ROWS", kept)
    settings = {"horizon": horizon, "warmup": warmup, "replications": replications}
    result = simulate(scenario(pool(), arrivals={"process": "poisson", "rate": "100 /s"}, run=settings))
    assert result.latency_s["p99"].value is None
    assert "few_requests" in [warning.code for warning in result.warnings]
