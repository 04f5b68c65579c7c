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
from capsim.stats.sections import Sections, averaged, cut_sections, throughput_per_s, windows


def evenly(latency_s: float = 0.5) -> LedgerRun:
    """A request every tenth of a second for 40 s."""
    return run(ledger(np.arange(400) / 10, np.full(400, latency_s)), 40)


@pytest.mark.parametrize(
    ("replications", "steady", "slices"),
    [(1, True, 30), (2, True, 15), (3, True, 10), (7, True, 5), (30, True, 1), (100, True, 1), (5, False, 3)],
)
def test_runs_are_cut_into_thirty_sections_and_fewer_where_the_load_varies(
    replications: int, steady: bool, slices: int
) -> None:
    found = cut_sections(windows([evenly() for _ in range(replications)], 10 * S, 40 * S, steady=steady), replications)
    assert [part.span_s for part in found.parts] == [30 / slices] * replications * slices
    assert [len(part.latency_s) for part in found.parts] == [300 // slices] * replications * slices


def test_a_section_has_the_latencies_of_those_sent_in_it_and_counts_those_that_end_in_it() -> None:
    # Sent at 8 and 9 and ended at 10.5 and 13; then 4 in the window, of which one ends beyond it.
    rows = ledger([8, 9, 10, 11, 12, 14.9, 15], [2.5, 4, 1, LATE, 2, 3, 1], [1, 1, 0.25, 0, 0.5, 0.75, 0])
    found = cut_sections([(run(rows, 20), 10 * S, 15 * S)], 1).parts[0]
    assert found.latency_s.values.tolist() == [1, 2, 3]
    assert found.latency_s.lost == 1
    assert found.waiting_s.values.tolist() == [0.25, 0.5, 0.75]
    assert found.completions == 4
    both = Sections([found, section([], completions=1, span_s=5)], runs=2)
    assert throughput_per_s(both).value == 0.5


def test_waiting_is_what_the_request_waited_along_its_path() -> None:
    twice = ledger([0], [5], [1])
    twice.requests["waited_ns"][0] = 4 * S
    assert run(twice, 10).seen(0, S).waiting_s.values.tolist() == [4]


# Averages


def test_the_interval_is_students_around_the_value_of_all_sections_together() -> None:
    found = averaged(Sections([section([])] * 5, runs=5), [1, 2, 3, 4, 5])
    half = t.ppf(0.975, 4) * math.sqrt(10 / 4 / 5)
    assert found.interval() == pytest.approx((3 - half, 3 + half))
    assert found.cdf(3 + half) == pytest.approx(0.975)
    assert found.cdf(3.0) == pytest.approx(0.5)


def test_the_parts_have_the_interval_of_the_whole() -> None:
    found = averaged(Sections([section([])] * 6, runs=2), [1, 2, 3, 5, 5, 5])
    assert np.mean(found.parts) == pytest.approx(found.value)
    assert np.std(found.parts, ddof=1) / math.sqrt(6) == pytest.approx(found.error)


def test_what_all_runs_have_in_common_is_no_error() -> None:
    # Two runs of three slices: 1 2 3 and 3 4 5, the same rise one step further up.
    sections = Sections([section([])] * 6, runs=2)
    assert sections.degrees == 3
    residuals = sections.residuals([1, 2, 3, 3, 4, 5])
    assert np.abs(residuals) == pytest.approx([math.sqrt(2)] * 6)
    # In each place the sum of two has twice the variance of one, and that is 2: 12 together.
    assert np.sum(residuals**2) == pytest.approx(12)


def test_a_single_run_is_compared_with_itself() -> None:
    sections = Sections([section([])] * 4, runs=1)
    assert sections.degrees == 3
    assert np.sum(sections.residuals([1, 2, 3, 4]) ** 2) == pytest.approx(4 * 5 / 3)


def test_nothing_is_known_of_the_error_of_a_single_section() -> None:
    found = averaged(Sections([section([])], runs=1), [2.0])
    assert found.interval() is None
    assert [found.cdf(1.9), found.cdf(2.0)] == [0, 1]


def test_equal_sections_leave_no_doubt() -> None:
    found = averaged(Sections([section([])] * 3, runs=3), [2.0, 2.0, 2.0])
    assert found.interval() == (2, 2)
    assert [found.cdf(target) for target in (1.99, 2, 2.01)] == [0, 1, 1]


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
