from typing import Any

import pytest
from synthetic import QUICK, TRUE, measure, profile, system

from capsim.errors import InputError
from capsim.profile.model import LatencyProfile
from capsim.scenario import Scenario
from capsim.scenario.evidence import Calibration
from capsim.validation import calibrate, carry_over
from capsim.validation.likeness import likeness

TOLD = Calibration(points=3, loads=[], measured="m.csv", version="0", fitted=[])


def slower(factor: float) -> LatencyProfile:
    """The synthetic device, slower."""
    whole = profile()
    curves = {place: curve * factor for place, curve in whole.curves_ns.items()}
    return LatencyProfile("slower", curves, whole.counts, tail_known=True)


def calibrated(pool: dict[str, Any], window_s: float | None = None) -> Scenario:
    return system(pool).model_copy(update={"calibration": TOLD.model_copy(update={"window_s": window_s})})


def test_times_are_carried_over_in_service_times() -> None:
    other = calibrated({"profile": slower(3), "overhead": {"per_batch": "1.5 ms"}})
    found = carry_over(system(), [("other", other)])
    assert found.scenario.pools[0].overhead.per_batch == pytest.approx(0.5e6, rel=1e-3)


def test_the_usual_of_several_is_their_median_and_their_scatter() -> None:
    others = [(ms, calibrated({"overhead": {"per_batch": f"{ms} ms"}})) for ms in ("0.5", "1", "4")]
    knob = next(k for k in likeness(system(), others).knobs if k.kind.place == "overhead.per_batch")
    assert knob.setting(knob.kind.usual) == pytest.approx(1e6, rel=1e-6)
    assert knob.kind.spread == pytest.approx(1.06, abs=0.01)


def test_what_most_others_do_without_is_left_at_zero() -> None:
    with_noise = calibrated({"overhead": {"per_batch": "1 ms"}, "noise": {"cv": 0.2}})
    without = calibrated({"overhead": {"per_batch": "1 ms"}})
    found = carry_over(system(), [("a", with_noise), ("b", without), ("c", without)])
    assert found.scenario.pools[0].noise is None
    assert "pools.gpu.noise.cv" in [knob.path for knob in found.left]
    assert [knob.path for knob in found.settings] == ["pools.gpu.overhead.per_batch"]


def test_what_the_scenario_gives_is_left_as_it_is() -> None:
    scenario = system({"noise": {"cv": 0.5}, "overhead": {"per_batch": "2 ms"}})
    other = calibrated({"overhead": {"per_batch": "1 ms", "per_request": "0.1 ms"}})
    found = carry_over(scenario, [("other", other)])
    assert [knob.path for knob in found.settings] == ["pools.gpu.overhead.per_request"]
    assert {knob.path: value for knob, value in found.left.items() if value} == {
        "pools.gpu.overhead.per_batch": 2e6,
        "pools.gpu.noise.cv": 0.5,
    }
    assert found.scenario.pools[0].overhead.per_batch == 2_000_000
    assert found.scenario.pools[0].noise == scenario.pools[0].noise


def test_a_window_that_most_load_generators_had_is_carried_over() -> None:
    others = [("a", calibrated({}, 2.0)), ("b", calibrated({}, 1.8)), ("c", calibrated({}))]
    assert likeness(system(), others).window_s == pytest.approx(1.9)
    assert likeness(system(), others[1:]).window_s is None


def test_pools_of_one_name_or_the_only_ones_correspond() -> None:
    other = calibrated({"name": "elsewhere", "overhead": {"per_batch": "1 ms"}})
    assert carry_over(system(), [("other", other)]).scenario.pools[0].overhead.per_batch == pytest.approx(1e6, abs=1)


def test_a_scenario_that_was_not_calibrated_says_nothing() -> None:
    with pytest.raises(InputError, match="capsim calibrate"):
        likeness(system(), [("other", system())])


def test_one_point_and_a_sister_predict_better_than_one_point() -> None:
    loads = (1, 6, 24)
    points = measure(system(TRUE), loads)
    sister = calibrated({**TRUE, "profile": slower(2), "overhead": {"per_batch": "3 ms"}})
    alone = calibrate(system(), points[:1], effort=QUICK).scenario
    both = calibrate(system(), points[:1], effort=QUICK, like=[("sister", sister)]).scenario
    true_ns, noise = 1.5e6, 0.12
    assert both.pools[0].overhead.per_batch == pytest.approx(true_ns, rel=0.15)
    assert both.pools[0].noise is not None
    assert both.pools[0].noise.cv == pytest.approx(noise, rel=0.3)
    assert alone.pools[0].noise is None or abs(alone.pools[0].noise.cv - noise) > 0.01
