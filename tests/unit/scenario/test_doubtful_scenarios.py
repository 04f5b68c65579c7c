"""Coded warnings about scenarios that are well formed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from systems import dynamic, pool, scenario

from capsim.errors import CodedWarning
from capsim.scenario.checks import check
from capsim.workload import TraceFile

CLOSED = {"process": "closed_loop", "clients": 5, "think_time": "1 ms"}


def doubts(*pools: dict[str, Any], **changes: Any) -> list[CodedWarning]:
    """What is doubtful about a scenario."""
    return check(scenario(*pools, **changes))


def codes(*pools: dict[str, Any], **changes: Any) -> list[str]:
    """Their codes."""
    return [warning.code for warning in doubts(*pools, **changes)]


def told(*pools: dict[str, Any], **changes: Any) -> tuple[str, str]:
    """The only one."""
    [warning] = doubts(*pools, **changes)
    return warning.code, warning.message


def trace(*times_s: float) -> dict[str, Any]:
    """Requests at these instants."""
    return {"process": "trace", "file": TraceFile("trace.csv", np.array(times_s))}


def test_a_plain_scenario_has_none() -> None:
    assert doubts() == []


# Load


def test_a_load_at_or_above_capacity_is_doubtful() -> None:
    """A server of 10 ms bears 100 /s."""
    assert codes(arrivals={"process": "poisson", "rate": "99.9 /s"}) == []
    assert told(arrivals={"process": "poisson", "rate": "100 /s"}) == (
        "overload",
        "100 requests/s are offered and at most 100 requests/s can be served",
    )


DAILY = {"daily": {"mean": "10 /s", "peak": "19 /s", "peak_at": "5 s", "period": "10 s"}}
STEPS = {"steps": [{"at": "0 s", "rate": "1 /s"}, {"at": "10 s", "rate": "5 /s"}]}
BURSTS = {"bursts": {"base": "1 /s", "peak": "9 /s", "every": "20 s", "length": "2 s"}}


@pytest.mark.parametrize(
    ("rate", "run", "said"),
    [
        (DAILY, {"horizon": "2 s"}, "the run of 2 s sees 20 % of a period of 10 s: at most 7.22 /s of 19 /s"),
        (
            STEPS,
            {"horizon": "10 s"},
            "the run of 10 s leaves out 1 of 2 steps, from step 2 of 2, at 10 s, with up to 5 /s",
        ),
        (BURSTS, {"horizon": "9 s"}, "the run of 9 s sees 45 % of a cycle of 20 s"),
        (
            BURSTS,
            {"horizon": "9 s", "warmup": "3 s"},
            "the run of 9 s sees 30 % of a cycle of 20 s, and no burst",
        ),
    ],
)
def test_a_run_that_sees_a_part_of_the_load_says_so(rate: dict[str, Any], run: dict[str, Any], said: str) -> None:
    assert told(arrivals={"process": "poisson", "rate": rate}, run=run) == ("load_cut", said)


@pytest.mark.parametrize("rate", [DAILY, STEPS, BURSTS])
def test_a_run_that_sees_all_of_the_load_is_not_doubtful(rate: dict[str, Any]) -> None:
    assert codes(arrivals={"process": "poisson", "rate": rate}, run={"horizon": "20 s"}) == []


def test_a_horizon_that_nothing_is_sent_before_is_doubtful() -> None:
    assert told(arrivals={"process": "poisson", "rate": "0.5 /s"}) == (
        "few_requests",
        "about 0.5 requests are expected before the horizon",
    )


def test_the_mean_of_a_load_over_time_counts() -> None:
    bursts = {"base": "50 /s", "peak": "450 /s", "every": "1 s", "length": "100 ms"}
    assert codes(arrivals={"process": "poisson", "rate": {"bursts": bursts}}) == []
    bursts["base"] = "60 /s"
    assert codes(arrivals={"process": "poisson", "rate": {"bursts": bursts}}) == []
    bursts["base"] = "62 /s"
    assert codes(arrivals={"process": "poisson", "rate": {"bursts": bursts}}) == ["overload"]


def test_a_closed_loop_cannot_overload() -> None:
    assert codes(arrivals=CLOSED | {"clients": 1000}) == []


def test_clients_of_one_batch_that_pause_equally_long_are_doubtful() -> None:
    in_step = {"process": "closed_loop", "clients": 5, "think_time": "0 s"}
    batched = pool(batching=dynamic(4))
    assert codes(batched, arrivals=in_step) == ["clients_in_step"]
    assert codes(batched, arrivals=in_step | {"think_time": "10 ms"}) == ["clients_in_step"]
    assert codes(batched, arrivals=in_step | {"clients": 1}) == []
    assert codes(batched, arrivals={"process": "closed_loop", "clients": 5}) == []
    assert codes(batched, arrivals=in_step | {"think_time": {"distribution": "exponential", "mean": "1 s"}}) == []
    assert codes(pool(batching=dynamic(4), front_end={"after": "1 us"}), arrivals=in_step) == []
    assert codes(arrivals=in_step) == []


def test_a_trace_and_a_run_of_different_length_are_doubtful() -> None:
    assert codes(arrivals=trace(0, 0.5, 0.99)) == []
    assert told(arrivals=trace(0, 0.5, 1, 2)) == ("trace_cut", "2 of 4 requests of the trace lie beyond the horizon")
    assert told(arrivals=trace(0, 0.5)) == ("trace_short", "the trace ends at 0.5 s, the run at 1 s")


def test_a_trace_in_steps_coarser_than_service_is_doubtful() -> None:
    """Service takes 10 ms; twelve requests at four instants, 100 ms apart."""
    together = trace(*np.repeat([0.0, 0.3, 0.5, 0.96], 3))
    assert told(arrivals=together | {"file": TraceFile("log.csv", np.repeat([0.2, 0.3, 0.6, 1.0], 3) - 0.05)}) == (
        "coarse_times",
        "all times of log.csv are whole multiples of 0.1 s and 3 requests share each: they are sent at once. Say "
        "resolution: 0.1 s to spread them within it, or resolution: 0 s if they were sent together",
    )
    assert codes(arrivals=together) == ["coarse_times"]
    assert codes(arrivals=together | {"resolution": "10 ms"}) == codes(arrivals=together | {"resolution": "0 s"}) == []
    assert codes(arrivals=together | {"scale": 200}) == ["trace_short"]
    slow = pool(servers=4, service={"distribution": "constant", "mean": "120 ms"})
    assert codes(slow, arrivals=together) == []


def test_requests_that_are_alone_at_their_instants_are_not() -> None:
    assert codes(arrivals=trace(*np.arange(10) / 10 + 0.07)) == []


def test_a_burst_tells_no_resolution() -> None:
    assert codes(arrivals=trace(*np.repeat([0.0, 0.99], 30))) == []


def test_a_retry_delay_without_rejections_has_no_effect() -> None:
    assert told(arrivals=CLOSED | {"retry_delay": "1 ms"}) == (
        "without_effect",
        "retry_delay has no effect: no queue is bounded",
    )
    assert codes(pool(queue={"capacity": 5}), arrivals=CLOSED | {"retry_delay": "1 ms"}) == []


# Routes and prices


def test_a_pool_that_no_step_visits_is_doubtful() -> None:
    assert told(pool("a"), pool("b"), route=[{"pools": ["a"]}]) == ("unused_pool", "pool b is on no step of the route")


def test_a_balancer_over_a_single_queue_has_no_effect() -> None:
    one = [{"pools": ["gpu"], "balancer": "random"}]
    assert told(route=one) == ("without_effect", "step 0: the balancer has no effect on a single queue")
    assert codes(pool(servers=2, queue={"shared": True}), route=one) == ["without_effect"]
    assert codes(pool(servers=2), route=one) == []
    assert codes(route=[{"pools": ["gpu"]}]) == []


def test_distances_that_nobody_spends_are_told() -> None:
    route = [{"pools": ["a", "b"], "balancer": {"policy": "nearest", "latency": {"b": "40 ms"}}}]
    said = "step 0: latency orders the pools, and requests do not spend it on the way to b"
    assert [(warning.code, warning.message) for warning in doubts(pool("a"), pool("b"), route=route)] == [
        ("distance_not_added", said)
    ]


def test_what_a_fallback_never_needs_is_told() -> None:
    def said(most: dict[str, int]) -> list[str]:
        route = [{"pools": ["a", "b", "c"], "balancer": {"policy": "fallback", "most": most}}]
        return [warning.message for warning in doubts(pool("a"), pool("b"), pool("c"), route=route)]

    assert said({"a": 1, "b": 1}) == []
    assert said({"a": 1}) == ["step 0: without effect: pool c, as b before it always has room"]
    assert said({"a": 1, "b": 1, "c": 1}) == [
        "step 0: without effect: most of c, the last pool, which takes what no other has room for"
    ]


def test_a_cost_that_leaves_pools_out_is_doubtful() -> None:
    route = [{"pools": ["a", "b"]}]
    priced = pool("a", price={"usd_per_hour": 1})
    assert told(priced, pool("b"), route=route) == ("price_incomplete", "no price for b: the cost leaves them out")
    assert codes(priced, pool("b", price={"usd_per_hour": 1}), route=route) == []


# Batching


def test_a_delay_that_alone_breaks_the_objective_is_doubtful() -> None:
    slow = pool(batching=dynamic(8, "5 ms"))
    assert codes(slow, objective={"p99": "6 ms"}) == []
    assert told(slow, objective={"p99": "20 ms", "p50": "5 ms"}) == (
        "delay_above_objective",
        "pool gpu: max_queue_delay 5 ms is not below the objective p50 5 ms",
    )


def test_a_delay_for_batches_of_one_has_no_effect() -> None:
    assert told(pool(batching=dynamic(1, "5 ms"))) == (
        "without_effect",
        "pool gpu: max_queue_delay has no effect: one request fills a batch",
    )
    assert codes(pool(batching=dynamic(5, "5 ms")), items=3) == ["without_effect"]


def test_preferred_sizes_that_whole_requests_miss_have_no_effect() -> None:
    assert told(pool(batching=dynamic(8, "5 ms", preferred=[3, 4])), items=2) == (
        "without_effect",
        "pool gpu: preferred_batch_sizes [3] have no effect: requests carry 2 items",
    )


def test_a_queue_too_short_to_fill_a_batch_is_doubtful() -> None:
    """Those who wait and the one who arrives fill it."""
    assert codes(pool(batching=dynamic(8, "5 ms"), queue={"capacity": 7})) == []
    assert codes(pool(batching=dynamic(8, "5 ms"), queue={"capacity": 6})) == ["capacity_below_batch"]
    assert codes(pool(batching=dynamic(8), queue={"capacity": 1})) == []


def test_a_timeout_within_the_delay_is_doubtful() -> None:
    assert codes(pool(batching=dynamic(8, "5 ms"), queue={"timeout": "5 ms"})) == ["timeout_below_delay"]
    assert codes(pool(batching=dynamic(8, "5 ms"), queue={"timeout": "6 ms"})) == []


# Servers


def test_sharing_with_one_instance_has_no_effect() -> None:
    assert codes(pool(sharing={"overlap": 0.5})) == ["without_effect"]


def test_sharing_that_was_not_measured_is_an_assumption() -> None:
    assert codes(pool(instances=2)) == ["sharing_assumed"]
    assert codes(pool(instances=2, sharing={"turns": True})) == []
    assert codes(pool(instances=2, sharing={"overlap": 0.5, "turns": True})) == ["without_effect"]


def test_a_queue_that_one_server_shares_with_nobody_has_no_effect() -> None:
    assert codes(pool(queue={"shared": True})) == ["without_effect"]


# Profiles


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Samples of two batch sizes, in a bare CSV and below a GPU's provenance."""
    rows = "".join(f"{size},{size + 4 + i * 37 % 100 / 100}\n" for size in (1, 4) for i in range(600))
    (tmp_path / "samples.csv").write_text(f"batch_size,latency_ms\n{rows}")
    head = "model: m\nhardware: {kind: gpu, name: L4}\nruntime: r\nprecision: fp32\nmeasured: {}\n"
    (tmp_path / "gpu.yaml").write_text(f"{head}samples: samples.csv\n")
    return tmp_path


def test_a_measured_profile_has_no_doubt(folder: Path) -> None:
    assert codes(pool(profile="gpu.yaml", hardware="gpu", batching=dynamic(4)), folder=folder) == []


def test_sizes_beyond_the_measured_ones_are_told(folder: Path) -> None:
    wide = pool(profile="gpu.yaml", extrapolate=True, batching=dynamic(8))
    assert codes(wide, folder=folder) == ["extrapolated"]
    assert codes(wide | {"batching": dynamic(4)}, folder=folder) == ["without_effect"]


def test_hardware_of_another_kind_than_measured_is_doubtful(folder: Path) -> None:
    assert told(pool(profile="gpu.yaml", hardware="cpu"), folder=folder) == (
        "hardware_differs",
        "pool gpu: is called cpu, and gpu.yaml was measured on gpu",
    )


def test_the_doubts_about_a_profile_come_once_however_many_pools_have_it(folder: Path) -> None:
    (folder / "few.csv").write_text("batch_size,latency_ms\n1,5\n1,6\n2,7\n2,8\n")
    pools = pool("a", profile="few.csv"), pool("b", profile="few.csv")
    assert codes(*pools, route=[{"pools": ["a", "b"]}], folder=folder) == ["few_samples", "p99_open_ended"]


def test_the_doubts_of_a_measurement_reach_the_scenario(folder: Path) -> None:
    rows = "".join(f"1,{5 + i / 100}\n" for i in range(120))
    (folder / "drifting.csv").write_text(f"batch_size,latency_ms\n{rows}")
    assert codes(pool(profile="drifting.csv"), folder=folder) == ["single_batch_size", "drift", "p99_open_ended"]


@pytest.mark.parametrize(
    ("instances", "overlap", "said"),
    [
        (64, 1, "perfect scaling, 64 instances as quick as each alone (overlap 1) is assumed; it was not measured"),
        (4, 0.5, "4 instances do the work of 1.6 (overlap 0.5) is assumed; it was not measured"),
        (2, 0, "instances share the device fully (overlap 0) is assumed; it was not measured"),
    ],
)
def test_an_overlap_that_nobody_measured_is_assumed(instances: int, overlap: float, said: str) -> None:
    assert told(pool(instances=instances, sharing={"overlap": overlap})) == ("sharing_assumed", f"pool gpu: {said}")


def test_a_fitted_overlap_is_not_assumed() -> None:
    fitted = {"path": "pools.gpu.sharing.overlap", "value": 0.4}
    calibration = {"points": 3, "loads": ["1 clients"], "version": "0", "fitted": [fitted]}
    assert codes(pool(instances=4, sharing={"overlap": 0.4}), calibration=calibration) == []


def test_a_measured_overlap_holds_for_as_many_instances_as_were_measured(folder: Path) -> None:
    rows = "".join(f"1,{k},{k + 4 + i * 37 % 100 / 100}\n" for k in (1, 2) for i in range(600))
    (folder / "two.csv").write_text(f"batch_size,instances,latency_ms\n{rows}")
    assert codes(pool(profile="two.csv", instances=2), folder=folder) == ["single_batch_size"]
    assert codes(pool(profile="two.csv", instances=3), folder=folder) == ["single_batch_size", "sharing_extrapolated"]
    given = doubts(pool(profile="two.csv", instances=2, sharing={"overlap": 0.9}), folder=folder)[-1]
    assert given.code == "sharing_assumed"
    assert "the profile measured 0.8" in given.message


def test_each_doubt_has_a_code_and_names_its_pool() -> None:
    found = doubts(pool("a", instances=2), pool("b", sharing={"overlap": 1}), route=[{"pools": ["a"]}])
    assert [(warning.code, warning.message.partition(":")[0]) for warning in found] == [
        ("unused_pool", "pool b is on no step of the route"),
        ("sharing_assumed", "pool a"),
        ("without_effect", "pool b"),
    ]


def test_a_target_that_a_higher_percentile_keeps_anyway() -> None:
    code, message = told(objective={"p50": "300 ms", "p99": "200 ms"})
    assert code == "without_effect"
    assert message.startswith("objective: p50 ≤ 0.3 s has no effect beside p99 ≤ 0.2 s")
    assert doubts(objective={"mean": "300 ms", "p50": "100 ms", "p99": "200 ms", "p999": "1 s"}) == []
