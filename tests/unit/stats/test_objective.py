"""Whether an objective is met, and how probably."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t
from stats_rows import LATE, replications
from systems import pool, scenario

from capsim import simulate
from capsim.scenario.objective import Objective
from capsim.stats.sections import Sections
from capsim.stats.times import offered_times
from capsim.stats.verdict import met_by, probability_of

MEANS_MS = (8, 9, 10, 11, 12)


def around(*means_ms: float) -> Sections:
    """Sections of 1,000 requests that all take as long."""
    return replications(*([mean / 1e3] * 1000 for mean in means_ms))


def asked(sections: Sections, **targets_ms: float) -> tuple[bool, float]:
    targets = {name: f"{target!r} ms" for name, target in targets_ms.items()}
    objective, found = Objective.model_validate(targets), offered_times(sections).known
    return met_by(objective, found), probability_of(objective, found)


@pytest.mark.parametrize("target_ms", [9.0, 10.0, 10.5, 12.0])
def test_the_probability_of_a_mean_by_hand(target_ms: float) -> None:
    met, probability = asked(around(*MEANS_MS), mean=target_ms)
    # Five sections around 10 ms: the error is sqrt((4 + 1 + 0 + 1 + 4) / 4 / 5) ms, a 10 sqrt(2) th of it. The fifth
    # beyond 11 ms are all in one section: a variance of 200,000 a section over a mean of 200 makes 1,000 of them one.
    ratio, degrees = target_ms / 10, 2 / (2 / 4 + 6 / 1)
    assert met == (target_ms >= 10)
    assert probability == pytest.approx(t.cdf((ratio - 1) / ratio**2 * 10 * math.sqrt(2), degrees), abs=1e-6)


def test_the_probability_rises_with_the_target() -> None:
    chance = np.random.default_rng(1)
    sections = replications(*(chance.exponential(0.01 * factor, 1000) for factor in np.linspace(0.8, 1.2, 31)))
    for name in ("mean", "p50", "p99", "p999"):
        found = [asked(sections, **{name: target})[1] for target in np.geomspace(1, 200, 50).tolist()]
        assert found == sorted(found)
        assert found[0] < 0.01 < 0.99 < found[-1]


def test_a_target_that_is_just_reached_is_met() -> None:
    reached, missed = (asked(around(*[10] * 30), p99=target) for target in (10, 9.999999))
    assert reached[0]
    assert not missed[0]
    assert [reached[1], missed[1]] == pytest.approx([1, 0], abs=1e-6)


def test_several_targets_are_at_least_as_probable_as_bonferroni_says() -> None:
    chance = np.random.default_rng(1)
    sections = replications(*(chance.exponential(0.01, 1000) for _ in range(30)))
    mean, p99 = (asked(sections, **{name: target})[1] for name, target in (("mean", 10.1), ("p99", 48)))
    met, both = asked(sections, mean=10.1, p99=48)
    assert 0.5 < both < min(mean, p99) < 1
    assert both == pytest.approx(mean + p99 - 1)
    assert met
    assert not asked(sections, mean=9, p99=48)[0]
    assert asked(sections, mean=9, p99=40)[1] == 0


@pytest.mark.parametrize("name", ["mean", "p50", "p99"])
def test_quantiles_and_probabilities_come_from_one_distribution(name: str) -> None:
    chance = np.random.default_rng(1)
    sections = replications(*(chance.exponential(factor, 1000) for factor in np.linspace(0.8, 1.2, 31)))
    found = offered_times(sections).known[name]
    for p in (0.025, 0.3, 0.5, 0.9, 0.975):
        assert found.cdf(found.quantile(p)) == pytest.approx(p, abs=0.02)


# Requests that do not complete


def with_lost(lost: int) -> Sections:
    """Sections of 1,000 requests of 1 to 2 ms, of which some are lost."""
    return replications(*([*np.linspace(0.001, 0.002, 1000 - lost), *[LATE] * lost] for _ in range(5)))


@pytest.mark.parametrize(("lost", "met"), [(0, True), (9, True), (10, True), (11, False), (500, False)])
def test_a_lost_request_is_infinitely_late(lost: int, met: bool) -> None:
    assert asked(with_lost(lost), p99=5) == (met, float(met))


def test_one_lost_request_makes_every_mean_too_late() -> None:
    assert asked(with_lost(1), mean=1e9) == (False, 0)
    assert asked(with_lost(0), mean=5) == (True, 1)


@given(
    latencies=st.lists(st.lists(st.floats(1, 100), min_size=20, max_size=20), min_size=3, max_size=5),
    target=st.floats(1, 100),
    beyond=st.floats(1, 100),
)
def test_losing_the_slowest_never_meets_an_objective_that_serving_them_does_not(
    latencies: list[list[float]], target: float, beyond: float
) -> None:
    served = replications(*(np.array(values) / 1e3 for values in latencies))
    lost = replications(*([value / 1e3 if value <= beyond else LATE for value in values] for values in latencies))
    for name in ("mean", "p50", "p90", "p99"):
        assert asked(lost, **{name: target})[0] <= asked(served, **{name: target})[0]


def test_a_percentile_that_some_sections_lose_is_judged_by_the_share_that_is_late() -> None:
    # In every other section 1.5 % are lost, in the rest 0.1 %: 0.8 % on average, and 1 % is not far.
    sections = replications(*([*[0.001] * (1000 - lost), *[LATE] * lost] for lost in (15, 1) * 15))
    met, probability = asked(sections, p99=5)
    assert met
    # The variance of those lost is 50.69 a section, their mean 8, so that 6.3 count as one; with 1 - 0.8 % as those
    # that come alone, 1 % of 30,000 count as n. The share is 0.2 % below, of a median that is a third below the mean.
    n = 300 / (0.99 + (1470 / 29 / 8 - 0.992))
    expected = t.cdf(0.2 * math.sqrt(n) - 1 / 3 / math.sqrt(n), 2 / (2 / 29 + 3 / (240 / (1470 / 29 / 8))))
    assert probability == pytest.approx(expected, abs=1e-6)


def test_turning_requests_away_does_not_help_the_objective() -> None:
    arrivals = {"process": "poisson", "rate": "110 /s"}
    exponential = {"distribution": "exponential", "mean": "10 ms"}
    run = {"horizon": "60 s", "replications": 3}
    patient, shedding = (
        simulate(
            scenario(pool(service=exponential, queue=queue), arrivals=arrivals, objective={"p99": "200 ms"}, run=run)
        )
        for queue in ({}, {"capacity": 2})
    )
    p99 = shedding.latency_s["p99"].value
    assert shedding.requests["rejected"] > 0
    assert p99 is not None
    assert p99 < 0.2
    for result in (patient, shedding):
        assert result.objective is not None
        assert not result.objective.met
        assert (result.objective.probability or 0.0) < 0.01


@pytest.mark.parametrize("rate", ["0.001 /s", "30 /s"])
def test_what_too_little_was_simulated_to_know_is_unknown(rate: str) -> None:
    """Nothing is sent; or all that is sent is still in service, and not yet late, when the run stops."""
    run = {"horizon": "0.4 s", "warmup": "0 s", "replications": 3, "drain": "0.1 s"}
    slow = pool(service={"distribution": "constant", "mean": "1 s"}, servers=100)
    found = simulate(scenario(slow, arrivals={"process": "poisson", "rate": rate}, objective={"p99": "2 s"}, run=run))
    assert found.objective is not None
    assert (found.objective.met, found.objective.words) == (None, "unknown")
    assert (found.objective.probability, found.objective.probability_simulation) == (None, None)
    assert not found.objective.holds(0.5)
