from pathlib import Path

import pytest
from synthetic import QUICK, measure, system

from capsim.importer.loads.load_test import read_load_test
from capsim.validation import LoadPoint, compare
from capsim.validation.points import Effort, at_load, counted_share, log_ratios, predict


def test_a_system_that_is_known_is_predicted() -> None:
    found = compare(system(), measure(system(), (1, 6, 24)), effort=Effort(3000, 3))
    errors = found.errors()
    assert errors["mean_ms"]["p90"] < 0.04
    assert "above 90 %" in [point.region for point in found.points]
    assert found.to_dict()["evidence"] == "profile only"


def test_a_request_log_is_replayed(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text("sent_s,latency_ms\n" + "".join(f"{i / 20},5.05\n" for i in range(400)))
    (point,) = read_load_test(log).points
    found = compare(system(), [point], effort=QUICK).points[0]
    assert found.predicted["mean_ms"] == pytest.approx(5.0, rel=0.03)
    assert found.predicted["throughput_per_s"] == pytest.approx(20, rel=0.03)


def test_open_loads_keep_the_process_of_the_scenario() -> None:
    scenario = system(workload={"arrivals": {"process": "gamma", "rate": "5 /s", "cv": 2.0}})
    arrivals = at_load(scenario, LoadPoint("rate_per_s", 50, {}), QUICK).workload.arrivals
    assert (arrivals.process, arrivals.rate, arrivals.cv) == ("gamma", 50, 2.0)
    assert at_load(system(), LoadPoint("rate_per_s", 50, {}), QUICK).workload.arrivals.process == "poisson"


def test_a_saturated_point_is_told() -> None:
    points = [LoadPoint("rate_per_s", 2000, {"throughput_per_s": 650, "p99_ms": 900})]
    codes = [warning.code for warning in compare(system(), points, effort=QUICK).warnings]
    assert "saturated_points" in codes


def test_the_window_of_the_load_generator_reduces_what_is_predicted() -> None:
    point = LoadPoint("clients", 24, {})
    whole, counted = (predict(system(), point, QUICK, window) for window in (None, 2.0))
    share = counted_share(whole.values["mean_ms"], 2.0)
    assert counted.values["throughput_per_s"] == pytest.approx(whole.values["throughput_per_s"] * share)
    assert counted.values["p99_ms"] == whole.values["p99_ms"]


def test_what_is_not_predicted_has_no_ratio() -> None:
    assert log_ratios({"p99_ms": 2.0}, {"p99_ms": 2.0})["p99_ms"] == 0
    assert log_ratios({}, {"p99_ms": 2.0})["p99_ms"] != 0


def test_latency_beyond_saturation_does_not_count() -> None:
    beyond = LoadPoint("rate_per_s", 2000, {"throughput_per_s": 650, "p99_ms": 900})
    below = LoadPoint("rate_per_s", 100, {"throughput_per_s": 100, "p99_ms": 12})
    found = compare(system(), [below, beyond], effort=QUICK)
    assert [point.beyond for point in found.points] == [False, True]
    assert found.errors()["p99_ms"]["points"] == 1
    assert found.errors()["throughput_per_s"]["points"] == 2


def test_a_load_that_only_the_simulation_does_not_bear_counts_and_is_told() -> None:
    found = compare(system(), [LoadPoint("rate_per_s", 2000, {"throughput_per_s": 2000, "p99_ms": 9})], effort=QUICK)
    assert found.errors()["p99_ms"]["points"] == 1
    assert [warning.code for warning in found.warnings] == ["predicted_saturation"]
