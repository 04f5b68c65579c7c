"""Whether an objective is met, and how probably."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t
from stats_rows import LATE, section
from systems import pool, scenario

from capsim import simulate
from capsim.scenario.schema import Objective
from capsim.stats.sections import Section
from capsim.stats.verdict import met_and_probability, offered_latency

MEANS_MS = (8, 9, 10, 11, 12)


def around(*means_ms: float) -> list[Section]:
    """Sections of 1,000 requests that all take as long."""
    return [section([mean / 1e3] * 1000) for mean in means_ms]


def asked(sections: list[Section], **targets_ms: float) -> tuple[bool, float]:
    targets = {name: f"{target!r} ms" for name, target in targets_ms.items()}
    return met_and_probability(Objective.model_validate(targets), offered_latency(sections))


@pytest.mark.parametrize("target_ms", [9.0, 10.0, 10.5, 12.0])
def test_the_probability_of_a_mean_by_hand(target_ms: float) -> None:
    met, probability = asked(around(*MEANS_MS), mean=target_ms)
    # Five sections around 10 ms: the error is sqrt((4 + 1 + 0 + 1 + 4) / 4 / 5) ms, on the logarithm a tenth of it.
    distance = math.log(target_ms / 10) / (math.sqrt(10 / 4 / 5) / 10)
    assert met == (target_ms >= 10)
    assert probability == pytest.approx(t.cdf(distance, 4), abs=1e-6)


def test_the_probability_rises_with_the_target() -> None:
    chance = np.random.default_rng(1)
    sections = [section(chance.exponential(0.01 * factor, 1000)) for factor in (0.8, 0.9, 1, 1.1, 1.2)]
    for name in ("mean", "p50", "p99", "p999"):
        found = [asked(sections, **{name: target})[1] for target in np.geomspace(1, 200, 50).tolist()]
        assert found == sorted(found)
        assert found[0] < 0.01 < 0.99 < found[-1]


def test_a_target_that_is_just_reached_is_met() -> None:
    assert asked(around(10, 10, 10), p99=10) == (True, 1)
    assert asked(around(10, 10, 10), p99=9.999999) == (False, 0)


def test_several_targets_are_at_least_as_probable_as_bonferroni_says() -> None:
    mean, p99 = (asked(around(*MEANS_MS), **{name: target})[1] for name, target in (("mean", 11), ("p99", 12.5)))
    met, both = asked(around(*MEANS_MS), mean=11, p99=12.5)
    assert both == pytest.approx(mean + p99 - 1)
    assert met
    assert not asked(around(*MEANS_MS), mean=9, p99=12.5)[0]
    assert asked(around(*MEANS_MS), mean=9, p99=9)[1] == 0


@pytest.mark.parametrize("name", ["mean", "p50", "p99"])
def test_quantiles_and_probabilities_come_from_one_distribution(name: str) -> None:
    chance = np.random.default_rng(1)
    found = offered_latency([section(chance.exponential(factor, 1000)) for factor in (0.8, 0.9, 1, 1.1, 1.2)])[name]
    for p in (0.025, 0.3, 0.5, 0.9, 0.975):
        assert found.cdf(found.quantile(p)) == pytest.approx(p, abs=0.02)


# Requests that do not complete


def with_lost(lost: int) -> list[Section]:
    """Sections of 1,000 requests of 1 to 2 ms, of which some are lost."""
    return [section([*np.linspace(0.001, 0.002, 1000 - lost), *[LATE] * lost]) for _ in range(5)]


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
    served = [section(np.array(values) / 1e3) for values in latencies]
    lost = [section([value / 1e3 if value <= beyond else LATE for value in values]) for values in latencies]
    for name in ("mean", "p50", "p90", "p99"):
        assert asked(lost, **{name: target})[0] <= asked(served, **{name: target})[0]


def test_where_sections_lose_percentiles_the_share_that_is_late_is_judged() -> None:
    # 0.5 %, 1.5 %, 0.5 %, 0.8 % and 0.7 % are lost, the rest is in time: 0.8 % on average.
    lost = (5, 15, 5, 8, 7)
    sections = [section([*[0.001] * (1000 - each), *[LATE] * each]) for each in lost]
    met, probability = asked(sections, p99=5)
    assert met
    assert probability == pytest.approx(t.cdf((10 - 8) / (np.std(lost, ddof=1) / math.sqrt(5)), 4), abs=1e-6)


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
        assert result.objective.probability < 0.01
