import pytest
from synthetic import QUICK, TRUE, measure, system

from capsim import simulate
from capsim.errors import InputError
from capsim.importer.loads.measured import Measurements
from capsim.validation import Calibrated, LoadPoint, calibrate, compare
from capsim.validation.points import Effort

LOADS = (1, 2, 6, 12, 24)
pytestmark = pytest.mark.xdist_group("measured and calibrated once")


@pytest.fixture(scope="module")
def measured() -> list[LoadPoint]:
    return measure(system(TRUE), LOADS)


@pytest.fixture(scope="module")
def found(measured: list[LoadPoint]) -> Calibrated:
    points = [measured[0], measured[2], measured[4]]
    told = Measurements(
        source="three.csv", format="wrk", tool="wrk", points=points, latency_holds="at the client", loop="closed"
    )
    return calibrate(system(), points, "three.csv", QUICK, measurements=told)


def test_loads_between_those_fitted_are_predicted(found: Calibrated, measured: list[LoadPoint]) -> None:
    compared = compare(found.scenario, measured, "all.csv", Effort(2000, 3))
    assert [point.point.value for point in compared.judged] == [2, 12]
    errors = compared.errors()
    assert errors["throughput_per_s"]["p90"] < 0.08
    assert errors["mean_ms"]["p90"] < 0.08
    assert errors["p99_ms"]["p90"] < 0.1
    assert all(told["coverage"] == 1 for told in errors.values())


def test_what_is_fitted_adds_up_to_what_was_there(found: Calibrated) -> None:
    pool = found.scenario.pools[0]
    way = 2 * found.scenario.network.client.latency
    alone = pool.overhead.per_batch + pool.overhead.per_request + pool.front_end.after + way
    assert alone == pytest.approx(1.5e6, rel=0.15)
    assert pool.noise is not None
    assert pool.noise.cv == pytest.approx(0.12, abs=0.04)


def test_the_scenario_says_what_it_was_fitted_to(found: Calibrated) -> None:
    told = found.scenario.calibration
    assert told is not None
    assert (told.points, told.loads, told.measured) == (3, ["1 clients", "6 clients", "24 clients"], "three.csv")
    assert told.measured_with == "wrk (format wrk), closed loop; latency: at the client"
    assert [parameter.path for parameter in told.fitted] == [knob.path for knob in found.settings]
    assert all(parameter.standard_error for parameter in told.fitted)
    evidence = simulate(found.scenario).provenance["evidence"][0]
    assert evidence["level"] == "calibrated on 3 points"


def test_a_validated_scenario_says_so(found: Calibrated, measured: list[LoadPoint]) -> None:
    told = compare(found.scenario, measured, "all.csv", QUICK).validation()
    assert (told.points, told.unseen, told.loads) == (5, 2, ["2 clients", "12 clients"])
    scenario = found.scenario.model_copy(update={"validation": told})
    evidence = simulate(scenario).provenance["evidence"][0]
    assert evidence["level"] == "calibrated on 3 points, validated on 2 more"
    assert evidence["validated_loads"] == ["2 clients", "12 clients"]


@pytest.mark.slow
def test_settings_that_do_nothing_stay_at_zero() -> None:
    exact = measure(system(), (1, 8, 24))
    found = calibrate(system(), exact, effort=QUICK)
    pool = found.scenario.pools[0]
    added = pool.overhead.per_batch + pool.overhead.per_request + pool.front_end.after
    assert added + 2 * found.scenario.network.client.latency < 0.03 * 5e6
    assert list(found.left.values()).count(0) >= 3


def test_what_the_scenario_gives_stays_where_the_points_agree() -> None:
    given = {"network": {"client": {"latency": "2 ms"}}}
    scenario = system({"overhead": {"per_batch": "1 ms"}}, **given)
    found = calibrate(scenario, measure(scenario, (1, 8, 24)), effort=QUICK).scenario
    assert found.network.client.latency == pytest.approx(2e6, rel=0.1)
    assert found.pools[0].overhead.per_batch == pytest.approx(1e6, rel=0.25)


@pytest.mark.slow
def test_what_the_scenario_gives_yields_to_the_points() -> None:
    points = measure(system(), (1, 8, 24))
    found = calibrate(system(network={"client": {"latency": "2 ms"}}), points, effort=QUICK).scenario
    assert found.network.client.latency < 0.2e6


def test_a_calibrated_scenario_is_calibrated_anew(found: Calibrated, measured: list[LoadPoint]) -> None:
    again = calibrate(found.scenario, [measured[0], measured[2], measured[4]], "three.csv", QUICK)
    assert again.settings == found.settings


def test_fewer_points_than_parameters_is_a_warning_and_leaves_defaults(measured: list[LoadPoint]) -> None:
    throughput = [LoadPoint("clients", p.value, {"mean_ms": p.measured["mean_ms"]}) for p in measured[:1]]
    found = calibrate(system(), throughput, effort=QUICK)
    assert "fewer_points_than_parameters" in [warning.code for warning in found.warnings]
    assert len(found.settings) <= 1
    assert found.scenario.pools[0].noise is None


def test_latency_of_a_saturated_point_is_not_fitted() -> None:
    load = {"arrivals": {"process": "poisson", "rate": "100 /s"}}
    points = measure(system(TRUE, workload=load), (100, 300, 1200), "rate_per_s")
    points[2].measured["p99_ms"] = 3e6
    found = calibrate(system(workload=load), points, effort=QUICK)
    assert "saturated_points" in [warning.code for warning in found.warnings]
    assert found.scenario.calibration is not None
    assert found.scenario.calibration.error["throughput_per_s"] < 0.05


def test_measurements_that_contradict_themselves_are_a_fault() -> None:
    with pytest.raises(InputError, match="times the number of clients"):
        calibrate(system(), [LoadPoint("clients", 4, {"throughput_per_s": 100, "mean_ms": 0.04})], effort=QUICK)


def test_latencies_in_seconds_are_a_fault() -> None:
    with pytest.raises(InputError, match=r"far below the 5\.04 ms"):
        calibrate(system(), [LoadPoint("clients", 4, {"p99_ms": 0.012})], effort=QUICK)


def test_progress_is_told(measured: list[LoadPoint]) -> None:
    told: list[int] = []
    calibrate(system(), measured[:1], effort=Effort(100, 1), progress=told.append)
    assert told == list(range(1, len(told) + 1))
