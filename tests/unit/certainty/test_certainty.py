"""What profiles, fits and comparisons leave unknown, and how it joins what the simulation does not know."""

from __future__ import annotations

from math import exp, log
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import binom, norm
from systems import document, pool, scenario

from capsim import Result, simulate
from capsim.certainty import model_errors
from capsim.certainty.fitted import scatter
from capsim.certainty.profiles import DRAWS, redrawn
from capsim.profile import read_profile
from capsim.scenario import scenario_from
from capsim.shipped import folder
from capsim.stats.model_error import NORMAL, Joined, ModelError

SHIPPED = folder("profiles")

RUN = {"horizon": "60 s", "warmup": "6 s", "replications": 5, "seed": 3}


class Lognormal:
    """A simulation that knows the logarithm of 0.1 s with a standard deviation."""

    value = 0.1

    def __init__(self, deviation: float) -> None:
        self.deviation = deviation

    def cdf(self, x: float) -> float:
        """See `Confidence`."""
        return float(norm.cdf(log(x / self.value) / self.deviation))

    def quantile(self, p: float) -> float:
        """See `Confidence`."""
        return self.value * exp(float(norm.ppf(p)) * self.deviation)

    def quantiles(self, ps: NDArray[np.float64]) -> NDArray[np.float64]:
        """See `Confidence`."""
        return np.asarray(self.value * np.exp(norm.ppf(ps) * self.deviation))


def write(folder: Path, values: Any, name: str = "p.csv") -> str:
    (folder / name).write_text("batch_size,latency_ms\n" + "".join(f"1,{value:.6f}\n" for value in values))
    return name


def answer(folder: Path, file: str, target: str = "30 ms", horizon: str = "60 s") -> Result:
    arrivals = {"process": "poisson", "rate": "20 /s"}
    return simulate(
        scenario(
            pool(profile=file),
            arrivals=arrivals,
            objective={"p99": target},
            run=RUN | {"horizon": horizon},
            folder=folder,
        )
    )


@pytest.mark.parametrize(("simulated", "model"), [(0.1, 0.2), (0.02, 0.3), (0.2, 0.05)])
def test_independent_errors_add_their_variances(simulated: float, model: float) -> None:
    found = Joined(Lognormal(simulated), ModelError(0.1, model, NORMAL))
    both = (simulated**2 + model**2) ** 0.5
    for p in (0.025, 0.3, 0.5, 0.975):
        expected = 0.1 * exp(0.1 + float(norm.ppf(p)) * both)
        assert found.quantile(p) == pytest.approx(expected, rel=0.01)
        assert found.cdf(expected) == pytest.approx(p, abs=0.01)
    assert found.value == 0.1


def test_the_sum_of_two_errors_by_hand() -> None:
    found = ModelError.summed([ModelError(0.1, 0.3, 6), ModelError(0.0, 0.4, 12), ModelError(0.0, 0.0)])
    assert found is not None
    assert (found.shift, found.deviation) == pytest.approx((0.1, 0.5))
    assert found.degrees == pytest.approx(0.25**2 / (0.09**2 / 6 + 0.16**2 / 12))
    assert ModelError.summed([ModelError(0.0, 0.0)]) is None


@pytest.mark.parametrize("level", [0.5, 0.95])
def test_profiles_that_could_be_true_hold_the_truth_as_often_as_they_say(tmp_path: Path, level: float) -> None:
    chance, seeds = np.random.default_rng(4), 150
    inside = []
    truth_ns = 10e6 * exp(0.3 * float(norm.ppf(level)))
    for _ in range(seeds):
        profile = read_profile(tmp_path / write(tmp_path, 10 * np.exp(chance.normal(0, 0.3, 60))))
        below = np.mean([redrawn(profile, draw).quantile_ns(1, level) <= truth_ns for draw in range(DRAWS)])
        inside.append(0.1 <= float(below) <= 0.9)
    assert float(binom.ppf(0.001, seeds, 0.75)) <= sum(inside) <= float(binom.ppf(0.999, seeds, 0.85))


def test_what_could_be_true_does_not_depend_on_how_the_file_is_named() -> None:
    name = "cpu-amd-epyc-zen4-1core/resnet50-fp32-onnxruntime"
    here, shipped = read_profile(SHIPPED / f"{name}.yaml", "mine.yaml"), read_profile(SHIPPED / f"{name}.yaml", name)
    for draw in (0, 1, 7):
        for one, other in zip(
            redrawn(here, draw).curves_ns.values(), redrawn(shipped, draw).curves_ns.values(), strict=True
        ):
            assert np.array_equal(one, other)


def test_few_samples_leave_more_unknown_than_many(tmp_path: Path) -> None:
    chance = np.random.default_rng(2)
    few = answer(
        tmp_path, write(tmp_path, 10 * np.exp(chance.normal(0, 0.3, 50)), "few.csv"), horizon="600 s"
    ).latency_s["p99"]
    many = answer(
        tmp_path, write(tmp_path, 10 * np.exp(chance.normal(0, 0.3, 5000)), "many.csv"), horizon="600 s"
    ).latency_s["p99"]
    wider = []
    for told in (few, many):
        assert told.ci95 is not None
        assert told.pi95 is not None
        wider.append(log(told.pi95[1] / told.pi95[0]) / log(told.ci95[1] / told.ci95[0]))
    assert wider[0] > 1.2 * wider[1]
    assert wider[1] >= 0.99


def test_a_target_within_what_the_samples_know_is_not_sure(tmp_path: Path) -> None:
    file = write(tmp_path, 10 * np.exp(np.random.default_rng(2).normal(0, 0.3, 60)))
    p99 = answer(tmp_path, file).latency_s["p99"]
    assert p99.ci95 is not None
    found = answer(tmp_path, file, f"{p99.ci95[1] * 1.02 * 1e3:.4f} ms").objective
    assert found is not None
    assert found.probability is not None
    assert found.probability_simulation is not None
    assert found.probability_simulation > 0.97 > 0.9 > found.probability
    assert found.words == "probably met"
    assert found.holds(0.5)
    assert not found.holds(0.95)


def test_an_assumed_distribution_is_taken_as_given_and_said() -> None:
    given = scenario(pool(), objective={"p99": "1 s"}, run=RUN)
    assert model_errors(given) == {}
    found = simulate(given)
    assert found.objective is not None
    assert found.objective.probability == found.objective.probability_simulation
    assert found.objective.assumes == ["pool gpu: its service times are assumed"]
    assert found.latency_s["p99"].pi95 == found.latency_s["p99"].ci95


def test_the_scatter_of_measurements_is_pooled_by_how_many_there_are() -> None:
    fitted = {"points": 3, "loads": ["1 clients"], "version": "0", "fitted": [], "scatter": {"p99_ms": 0.1}}
    seen = {"points": 8, "unseen": 5, "loads": ["1 clients"], "measured": "m.csv", "version": "0"}
    both = scenario(pool(), calibration=fitted, validation={**seen, "error": {}, "scatter": {"p99_ms": 0.2}})
    told = scatter(both, "p99")
    assert told is not None
    assert told.degrees == 20
    assert told.deviation == pytest.approx(((15 * 0.01 + 5 * 0.04) / 20) ** 0.5)
    old = scatter(scenario(pool(), validation={**seen, "unseen": 0, "error": {"p99_ms": 0.1}}), "p999")
    assert old is not None
    assert old.deviation == pytest.approx(log(1.1) / 0.6745)
    assert old.degrees == 8
    assert scatter(scenario(pool()), "p99") is None


def test_a_calibrated_answer_is_as_unsure_as_its_measurements() -> None:
    fitted = {"points": 3, "loads": ["1 clients"], "version": "0", "fitted": [], "scatter": {"p99_ms": 0.13}}
    found = simulate(scenario(pool(), objective={"p99": "30 ms"}, run=RUN, calibration=fitted)).latency_s["p99"]
    assert found.pi95 is not None
    assert log(found.pi95[1] / found.pi95[0]) / 2 > 2 * 0.13


def test_a_fitted_setting_that_is_vague_makes_the_answer_vague() -> None:
    setting = {"path": "pools.gpu.overhead.per_batch", "value": 1e7, "standard_error": 2e6}
    fitted = {"points": 3, "loads": ["1 clients"], "version": "0", "fitted": [setting]}
    slow = pool(overhead={"per_batch": "10 ms"})
    errors = model_errors(scenario(slow, arrivals={"process": "poisson", "rate": "5 /s"}, run=RUN, calibration=fitted))
    # Half of a latency of about 20 ms moves by a fifth; with what waits behind it a little more.
    assert 0.09 < errors["mean"].deviation < 0.15


@pytest.mark.slow
@pytest.mark.parametrize(("count", "rate"), [(200, 30), (800, 60)])
def test_intervals_hold_the_truth_and_probabilities_are_even(tmp_path: Path, count: int, rate: int) -> None:
    """The true system has a lognormal service; profiles of so many samples are drawn from it."""
    chance, seeds = np.random.default_rng(5), 150

    def run(file: str, target: str, seed: int, **changes: Any) -> Result:
        load = {"process": "poisson", "rate": f"{rate} /s"}
        given = {"horizon": "120 s", "replications": 8, "seed": seed, **changes}
        return simulate(
            scenario(pool(profile=file), arrivals=load, objective={"p99": target}, run=given, folder=tmp_path)
        )

    def samples(number: int) -> Any:
        return 10 * np.exp(chance.normal(0, 0.3, number))

    truth = run(write(tmp_path, samples(400_000), "truth.csv"), "1 s", 1, horizon="1200 s").latency_s["p99"].value
    assert truth is not None
    covered, stated = 0, []
    for seed in range(seeds):
        found = run(write(tmp_path, samples(count)), f"{truth * 1e3:.6f} ms", seed)
        ends = found.latency_s["p99"].pi95
        assert found.objective is not None
        assert ends is not None
        covered += ends[0] <= truth <= ends[1]
        stated.append(found.objective.probability or 0.0)
    assert covered / seeds >= 0.91
    for p in (0.1, 0.5, 0.9):
        assert np.mean(np.array(stated) <= p) == pytest.approx(p, abs=0.12)


def test_each_class_is_as_unsure_as_its_own_batches(tmp_path: Path) -> None:
    values = 10 * np.random.default_rng(5).gamma(4, 0.25, 60)
    data = document(pool(profile=write(tmp_path, values), queue={"discipline": "priority"}), run=RUN)
    data["workload"] = {
        "classes": [
            {"name": "quick", "arrivals": {"process": "poisson", "rate": "10 /s"}, "objective": {"p99": "60 ms"}},
            {"name": "bulk", "arrivals": {"process": "poisson", "rate": "50 /s"}, "priority": 1},
        ]
    }
    found = scenario_from(data, tmp_path)
    errors = model_errors(found)
    assert errors.keys() >= {"p99", "quick.p99", "bulk.p99", "quick.mean", "bulk.mean"}
    # Who goes last feels twice how slow the server is: in the own batch, and in the queue.
    assert errors["bulk.mean"].deviation > 1.2 * errors["quick.mean"].deviation
    for each in simulate(found).classes:
        interval = each.latency_s["mean"]
        assert interval.ci95 is not None
        assert interval.pi95 is not None
        assert interval.pi95[0] < interval.ci95[0] < interval.ci95[1] < interval.pi95[1]
