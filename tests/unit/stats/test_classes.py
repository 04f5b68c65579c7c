"""Results by class, of attempts and caches, against a ledger that was worked out by hand."""

from __future__ import annotations

import json
from typing import Any

import pytest
from mixed_rows import MS, answer, rows, two_classes
from systems import pool, scenario

from capsim import Result, simulate
from capsim.stats.judgement import ObjectiveResult, all_of


@pytest.fixture(scope="module")
def result() -> Result:
    return answer(two_classes(again=True, deadline="60 ms"), rows())


def test_each_class_has_its_own_outcomes_and_they_add_up(result: Result) -> None:
    quick, bulk = result.classes
    assert (quick.name, bulk.name) == ("quick", "bulk")
    assert quick.requests == {
        "offered": 4, "completed": 3, "rejected": 0, "timed_out": 1, "failed": 0, "in_flight": 0,
    }  # fmt: skip
    assert (bulk.requests["completed"], bulk.requests["in_flight"]) == (3, 1)
    assert result.requests == {name: quick.requests[name] + bulk.requests[name] for name in result.requests}


def test_each_class_has_its_own_latency(result: Result) -> None:
    quick, bulk = result.classes
    assert quick.latency_s["mean"].value == pytest.approx((0.032 + 0.082 + 0.052) / 3)
    assert bulk.latency_s["mean"].value == bulk.latency_s["p99"].value == pytest.approx(0.104)
    assert result.latency_s["p99"].value == pytest.approx(0.104)
    assert bulk.latency_s["p99"].ci95 is None


def test_throughput_goodput_and_items_are_per_second_of_the_horizon(result: Result) -> None:
    quick, bulk = result.classes
    assert quick.throughput_per_s.value == pytest.approx(0.3)
    assert quick.items_per_s.value == pytest.approx(0.3)
    assert bulk.items_per_s.value == pytest.approx(1.2)
    assert result.throughput_items_per_s.value == pytest.approx(1.5)
    # Within 60 ms are the first and the third.
    assert quick.goodput_within_s == 0.06
    assert quick.goodput_per_s is not None
    assert quick.goodput_per_s.value == pytest.approx(0.2)
    # Nobody says how late bulk may be, and so nobody can say how much of all is in time.
    assert bulk.goodput_per_s is None
    assert bulk.goodput_within_s is None
    assert result.goodput_per_s is None


def test_parts_of_the_latency_add_up_to_it(result: Result) -> None:
    quick, bulk = result.classes
    assert quick.breakdown_s == pytest.approx(
        {"network": 0.002, "front_end": 0, "waiting": 0.010, "service": 0.018, "delay": 0.002, "retrying": 0.07 / 3}
    )
    assert bulk.breakdown_s == pytest.approx(
        {"network": 0.004, "front_end": 0, "waiting": 0.010, "service": 0.088, "delay": 0.002, "retrying": 0}
    )
    for each in (quick, bulk, result):
        assert sum(each.breakdown_s.values()) == pytest.approx(each.latency_s["mean"].value)


def test_each_class_pays_for_the_time_that_it_had(result: Result) -> None:
    quick, bulk = result.classes
    assert quick.cost_share == pytest.approx(5 * 18 / (5 * 18 + 4 * 88))
    assert bulk.cost_share == pytest.approx(1 - 5 * 18 / (5 * 18 + 4 * 88))


def test_attempts_are_told_apart(result: Result) -> None:
    assert result.to_dict()["attempts"] == {"sent": 11, "retried": 2, "hedged": 1, "cancelled": 1}


def test_work_for_attempts_that_were_not_answered_is_wasted(result: Result) -> None:
    """The first attempts of the second and the fourth quick request: 18 ms each."""
    (told,) = result.pools
    assert told.wasted == pytest.approx(2 * 0.018 / 10)
    assert told.utilisation == pytest.approx((5 * 0.018 + 4 * 0.088) / 10)


def test_batches_and_load_count_items_where_requests_differ(result: Result) -> None:
    (told,) = result.pools
    assert told.batch_size_counts == {1: 5, 4: 4}
    assert told.mean_batch_size == pytest.approx(21 / 9)
    # Eleven visits come to a server that takes 10 ms for one, however many items it has.
    assert told.load_over_capacity == pytest.approx(11 / 10 / 100)


def test_caches_say_how_often_they_knew_the_answer(result: Result) -> None:
    assert result.to_dict()["caches"] == [{"name": "cache", "hit_ratio": 1 / 8, "look_ups": 8}]


def test_what_came_before_the_warm_up_is_left_out() -> None:
    asked = two_classes(again=True)
    later = asked.model_copy(update={"run": asked.run.model_copy(update={"warmup": 3_500 * MS})})
    told = answer(later, rows())
    assert told.requests["offered"] == 4
    assert told.to_dict()["attempts"] == {"sent": 6, "retried": 1, "hedged": 1, "cancelled": 1}
    assert told.caches[0].look_ups == 4
    assert told.pools[0].wasted == pytest.approx(0.018 / 6.5)


def test_replications_are_taken_together() -> None:
    one, two = (answer(two_classes(again=True), *[rows()] * count) for count in (1, 2))
    assert two.classes[0].requests["offered"] == 2 * one.classes[0].requests["offered"]
    assert two.classes[0].throughput_per_s.value == pytest.approx(one.classes[0].throughput_per_s.value)
    assert two.classes[0].cost_share == pytest.approx(one.classes[0].cost_share)
    assert two.pools[0].wasted == pytest.approx(one.pools[0].wasted)


def test_rows_need_not_be_in_the_order_of_sending() -> None:
    """A class with a longer way comes to the system later than it sends."""
    ledger = rows()
    turned = [1, 0, *range(2, 8)]
    ledger.requests.update({name: column[turned] for name, column in ledger.requests.items()})
    ledger.visits["request"][:2] = [1, 0]
    told = answer(two_classes(), ledger)
    assert [each.latency_s["mean"].value for each in told.classes] == [
        pytest.approx((0.032 + 0.082 + 0.052) / 3),
        pytest.approx(0.104),
    ]


# Objectives


def test_an_objective_of_a_class_is_judged_by_its_own_requests() -> None:
    told = answer(two_classes(objective={"p50": "60 ms", "mean": "1 s"}), rows())
    quick, bulk = told.classes
    assert quick.objective is not None
    # One of four quick requests did not complete, and so the mean is infinite.
    assert (quick.objective.met, quick.objective.targets_s) == (False, {"mean": 1.0, "p50": 0.06})
    assert bulk.objective is None
    assert quick.goodput_within_s == 0.06
    assert told.objective is not None
    assert (told.objective.met, told.objective.targets_s) == (False, {"quick.mean": 1.0, "quick.p50": 0.06})
    assert told.latency_of("quick.p50").value == quick.latency_s["p50"].value


def verdict(met: bool | None, probability: float | None, words: Any, *assumes: str) -> ObjectiveResult:
    return ObjectiveResult(met, probability, {"p99": 0.1}, words, probability, assumes)


MET, LIKELY = verdict(True, 0.99, "met", "a"), verdict(True, 0.9, "probably met", "b")
NOT, UNKNOWN = verdict(False, 0, "not met"), verdict(None, None, "unknown")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"": MET}, (True, 0.99, "met", ["p99"])),
        ({"": None, "x": None}, None),
        ({"": None, "x": MET}, (True, 0.99, "met", ["x.p99"])),
        ({"": MET, "x": LIKELY}, (True, 0.89, "probably met", ["p99", "x.p99"])),
        ({"x": LIKELY, "y": LIKELY}, (True, 0.8, "probably met", ["x.p99", "y.p99"])),
        ({"x": MET, "y": NOT}, (False, 0.0, "not met", ["x.p99", "y.p99"])),
        ({"x": MET, "y": UNKNOWN}, (None, None, "unknown", ["x.p99", "y.p99"])),
        ({"x": NOT, "y": UNKNOWN}, (False, None, "not met", ["x.p99", "y.p99"])),
    ],
)
def test_every_objective_must_hold(given: dict[str, ObjectiveResult | None], expected: Any) -> None:
    told = all_of(given)
    if told is None:
        assert expected is None
        return
    probability = None if told.probability is None else pytest.approx(expected[1])
    assert (told.met, told.words, list(told.targets_s)) == (expected[0], expected[2], expected[3])
    assert told.probability == probability


def test_what_each_objective_assumes_is_said_once() -> None:
    told = all_of({"x": MET, "y": LIKELY, "z": MET})
    assert told is not None
    assert told.assumes == ["a", "b"]


# A single class


def test_a_single_class_has_what_all_have() -> None:
    result = simulate(
        scenario(
            pool(queue={"capacity": 2}, price={"usd_per_hour": 1}),
            arrivals={"process": "poisson", "rate": "60 /s"},
            items=2,
            objective={"p99": "100 ms", "p50": "20 ms"},
            run={"horizon": "20 s", "replications": 3},
        )
    )
    (only,) = json.loads(result.to_json())["classes"]
    whole = result.to_dict()
    assert only["name"] == "default"
    for name in ("requests", "breakdown_s", "objective", "verdict", "goodput_per_s"):
        assert only[name] == json.loads(json.dumps(whole[name]))
    assert only["latency_s"] == json.loads(json.dumps(whole["latency_s"]))
    assert only["items_per_s"] == json.loads(json.dumps(whole["throughput_items_per_s"]))
    assert only["cost_share"] == 1
    assert only["goodput_within_s"] == 0.1
    frame = result.request_frame()
    inside = frame[(frame.finished_ns >= result.warmup_s * 1e9) & (frame.finished_ns < 20e9)]
    good = inside[(inside.outcome == "completed") & (inside.finished_ns - inside.arrived_ns <= 100e6)]
    assert only["goodput_per_s"]["value"] == pytest.approx(len(good) / 3 / (20 - result.warmup_s))
    assert whole["attempts"] == {"sent": result.requests["offered"], "retried": 0, "hedged": 0, "cancelled": 0}
    assert whole["caches"] == []


def test_work_for_requests_that_are_lost_later_is_wasted() -> None:
    """Every request is served at the first pool, and most are turned away at the second."""
    narrow = pool("second", service={"distribution": "constant", "mean": "50 ms"}, queue={"capacity": 0})
    asked = scenario(
        pool("first", servers=2),
        narrow,
        arrivals={"process": "deterministic", "rate": "100 /s"},
        route=[{"pools": ["first"]}, {"pools": ["second"]}],
        run={"horizon": "10 s", "warmup": "1 s"},
    )
    first, second = simulate(asked).pools
    assert first.utilisation == pytest.approx(0.5, abs=0.01)
    assert first.wasted == pytest.approx(0.5 * 0.8, abs=0.01)
    assert second.wasted == 0
