"""Scenarios that are wrong: every fault at once, with its line, in bounded time."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from systems import constant, document, dynamic, pool

from capsim.errors import InputError
from capsim.scenario import load_scenario, scenario_from
from capsim.scenario.demand import closed_loop_per_s

TEXT = """name: vision
workload:
  arrivals: {process: poisson, rate: 100 /s}
  items_per_request: 1
pools:
  - name: cpu
    servers: 2
    service: {distribution: constant, mean: 5 ms}
  - name: gpu
    servers: 1
    instances: 2
    service: {distribution: exponential, mean: 4 ms}
    batching: {policy: dynamic, max_batch_size: 8}
    queue: {capacity: 100}
route:
  - pools: [cpu]
  - pools: [gpu]
    balancer: round_robin
network: {client: {latency: 1 ms}}
objective: {p99: 100 ms}
run: {horizon: 10 s, replications: 3}
"""

Told = list[tuple[int | None, str, str]]


def faults(folder: Path, text: str) -> Told:
    """What is wrong with a scenario, by line."""
    path = folder / "vision.yaml"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        load_scenario(path)
    return [(fault.line, fault.path, fault.message) for fault in caught.value.faults]


def test_the_text_itself_is_without_fault(tmp_path: Path) -> None:
    path = tmp_path / "vision.yaml"
    path.write_text(TEXT)
    assert load_scenario(path).name == "vision"


WRONG: dict[tuple[str, int, str], dict[str, str]] = {
    ("rate: 100 /s", 3, "workload.arrivals.rate"): {
        "rate: 100": "expected a rate with its unit such as '200 /s', got 100",
        "rate: .nan": "got nan",
        "rate: nan /s": "got 'nan /s'",
        "rate: -1 /s": "must not be negative",
        "rate: 0 /s": "must be more than zero",
        "rate: 1e-999 /s": "must be at least",
    },
    ("mean: 5 ms", 8, "pools[0].service.mean"): {
        "mean: 5": "expected a time with its unit such as '5 ms', got 5",
        "mean: 5 mss": "unknown unit 'mss'",
        "mean: inf ms": "got 'inf ms'",
    },
    ("latency: 1 ms", 19, "network.client.latency"): {
        "latency: 0.001": "expected a time with its unit",
    },
    ("latency: 1 ms", 19, "network.client.bandwidth"): {
        "bandwidth: 1 GB": "unknown unit 'GB' for a bandwidth",
    },
    ("p99: 100 ms", 20, "objective.p99"): {
        "p99: 100": "expected a time with its unit",
    },
    ("horizon: 10 s", 21, "run.horizon"): {
        "horizon: 10": "expected a time with its unit",
        "horizon: 0 s": "must be more than zero",
        "horizon: 20 y": "unknown unit 'y'",
    },
    ("replications: 3", 21, "run.precision"): {
        "precision: 0.02": "expected a share with its unit such as '2 %'",
        "replications: 3, precision: 2 %": "excludes replications",
    },
    ("servers: 2", 7, "pools[0].servers"): {
        "servers: .nan": "expected a whole number, got nan",
        "servers: .inf": "expected a whole number, got inf",
        "servers: 0": "must be at least 1, got 0",
        "servers: -2": "must be at least 1, got -2",
        "servers: 100001": "must be at most 100000, got 100001",
        "servers: 999999999999999999999999999999": "must be at most 100000",
    },
    ("servers: 2", 5, "pools"): {
        "servers: 100000": "have 100001 servers together; at most 100000",
    },
    ("instances: 2", 11, "pools[1].instances"): {
        "instances: 0": "must be at least 1",
    },
    ("rate: 100 /s", 21, "run.horizon"): {
        "rate: 1e9 /s": "about 1e+10 requests before the horizon",
    },
    ("process: poisson, rate: 100 /s", 3, "workload.arrivals.cv"): {
        "process: gamma, rate: 1 /s, cv: 1e9": "must be at most 100",
    },
    ("items_per_request: 1", 4, "workload.items_per_request"): {
        "items_per_request: 0": "must be at least 1",
    },
    ("items_per_request: 1", 13, "pools[1].batching.max_batch_size"): {
        "items_per_request: 9": "does not fit into a batch of 8",
    },
    ("max_batch_size: 8", 13, "pools[1].batching.max_batch_size"): {
        "max_batch_size: 0": "must be at least 1",
        "max_batch_size: 1000000": "at most 65536 requests",
    },
    ("max_batch_size: 8", 13, "pools[1].batching"): {
        "max_batch_size: 8, preferred_batch_sizes: [16]": "at most max_batch_size (8)",
    },
    ("max_batch_size: 8", 13, "pools[1].batching.max_queue_delay"): {
        "max_batch_size: 8, max_queue_delay: -1 ms": "negative",
    },
    ("capacity: 100", 14, "pools[1].queue.capacity"): {
        "capacity: -1": "must be at least 0",
    },
    ("capacity: 100", 14, "pools[1].queue.timeout"): {
        "timeout: 0 ms": "must be more than zero",
    },
    ("replications: 3", 21, "run.replications"): {
        "replications: 0": "must be at least 1",
    },
    ("replications: 3", 21, "run.seed"): {
        "seed: -1": "must be at least 0",
    },
    ("replications: 3", 21, "run.warmup"): {
        "warmup: 10 s": "must be less than the horizon of 10 s",
    },
    ("latency: 1 ms", 19, "network.response_size"): {
        "latency: 1 ms, bandwidth: 1 bit/s}, request_size: 1 GB, response_size: {": "expected a size",
    },
    ("{client: {latency: 1 ms}}", 19, "network.request_size"): {
        "{client: {bandwidth: 1 bit/s}, request_size: 1 GB}": "takes more than 3660 d",
    },
    ("capacity: 100}", 15, "pools[1].overhead"): {
        "capacity: 100}\n    overhead: {per_request: 3660 d}": "holds a batch of 8 requests for more than",
    },
    ("servers: 2", 7, "pools[0].server"): {
        "server: 2": "unknown field; did you mean servers?",
    },
    ("max_batch_size: 8", 13, "pools[1].batching.max_bacth_size"): {
        "max_bacth_size: 8": "did you mean max_batch_size?",
    },
    ("policy: dynamic", 13, "pools[1].batching.policy"): {
        "policy: dinamic": "unknown choice 'dinamic'; choose ",
    },
    ("policy: dynamic, max_batch_size: 8", 13, "pools[1].batching"): {
        "max_batch_size: 8": "needs policy; choose bentoml, dynamic, litserve",
        "polcy: dynamic, max_batch_size: 8": "; is polcy meant for policy?",
    },
    ("{policy: dynamic, max_batch_size: 8}", 13, "pools[1].batching"): {
        "dinamic": "expected a mapping with policy (bentoml, dynamic, litserve",
        "dynamic": "got 'dynamic'; did you mean {policy: dynamic, …}?",
        "8": "got 8",
    },
    ("process: poisson, rate: 100 /s", 3, "workload.arrivals"): {
        "rate: 100 /s": "needs process; choose poisson, deterministic, gamma, mmpp, closed_loop, trace",
    },
    ("balancer: round_robin", 18, "route[1].balancer"): {
        "balancer: {weights: {gpu: 1}}": "needs policy; choose consistent_hash, fallback, least_outstanding",
        "balancer: round robin": "did you mean round_robin?",
    },
    ("process: poisson", 3, "workload.arrivals.process"): {
        "process: poison": "did you mean poisson?",
    },
    ("distribution: constant", 8, "pools[0].service.distribution"): {
        "distribution: fixed": "choose constant, exponential, lognormal, gamma",
    },
    ("objective:", 20, "objectives"): {
        "objectives:": "unknown field; did you mean objective?",
    },
    ("p99: 100 ms", 20, "objective.p98"): {
        "p98: 100 ms": "did you mean p9",
    },
    ("objective: {p99: 100 ms}", 20, "objective"): {
        "objective: {}": "needs at least one of mean, p50",
    },
    ("pools: [gpu]", 17, "route[1].pools[0]"): {
        "pools: [gpus]": "there is no pool 'gpus'; did you mean gpu?",
    },
    ("pools: [gpu]", 17, "route[1].pools"): {
        "pools: []": "at least 1",
        "pools: [gpu, gpu]": "names 'gpu' twice",
    },
    ("name: gpu", 9, "pools[1].name"): {
        "name: cpu": "'cpu' is the name of an earlier pool",
    },
    ("balancer: round_robin", 18, "route[1].balancer.weights.gqu"): {
        "balancer: {policy: weighted, weights: {gqu: 1}}": "is not a pool of this step; did you mean gpu?",
    },
    ("balancer: round_robin", 18, "route[1].balancer.weights"): {
        "balancer: {policy: weighted, weights: {gpu: 0}}": "must be more than zero for at least one pool",
    },
    ("balancer: round_robin", 18, "route[1].balancer.weights.gpu"): {
        "balancer: {policy: weighted, weights: {gpu: -1}}": "must be at least 0",
    },
    ("service: {distribution: constant, mean: 5 ms}", 6, "pools[0]"): {
        "hardware: cpu": "needs either a profile or a service",
    },
    ("capacity: 100}", 15, "pools[1].front_end.before"): {
        "shared: true}\n    front_end: {before: 1 ms}": "cannot stand before a queue shared by all",
    },
    ("process: poisson, rate: 100 /s", 3, "workload.arrivals.file"): {
        "process: trace, file: absent.csv": "no such file",
    },
    ("service: {distribution: constant, mean: 5 ms}", 8, "pools[0].profile"): {
        "profile: absent.yaml": "no such file",
        "profile: 5": "expected the name of a profile, got 5",
        "profile: shipped:absent": "is not among the shipped profiles",
    },
}
"""What stands in the text, its line and its path: what might stand there instead, and words of the fault."""


@pytest.mark.parametrize(
    ("place", "wrong"),
    [pytest.param(place, wrong, id=wrong[:40]) for place, wrongs in WRONG.items() for wrong in wrongs],
)
def test_a_fault_is_told_with_its_line(tmp_path: Path, place: tuple[str, int, str], wrong: str) -> None:
    right, line, path = place
    assert right in TEXT
    found = faults(tmp_path, TEXT.replace(right, wrong, 1))
    [message] = [message for *where, message in found if where == [line, path]]
    assert WRONG[place][wrong] in message


def test_all_faults_of_a_file_come_at_once_in_its_order(tmp_path: Path) -> None:
    (tmp_path / "samples.csv").write_text("batch_size,latency_ms\n1,0\n")
    text = """name: vision
workload:
  arrivals: {process: poisson, rate: 100}
pools:
  - name: cpu
    servers: 0
    profile: samples.csv
    batching: {policy: dynamic, max_bacth_size: 8}
  - name: gpu
    servers: 1
    service: {distribution: normal, mean: 5 ms}
  - name: gpu
    servers: 1
    service: {distribution: constant, mean: 5 ms, cv: 1}
route:
  - pools: [cpu, gpus]
    balancer: {policy: weighted, weights: {tpu: 1}}
run: {horizon: 1 s, warmup: soon}
obejctive: {p99: 5 ms}
"""
    assert faults(tmp_path, text) == [
        (3, "workload.arrivals.rate", "expected a rate with its unit such as '200 /s', got 100"),
        (6, "pools[0].servers", "must be at least 1, got 0"),
        (7, "pools[0].profile", "line 2: latency_ms expected milliseconds above 0, got '0'"),
        (8, "pools[0].batching.max_batch_size", "is missing"),
        (8, "pools[0].batching.max_bacth_size", "unknown field; did you mean max_batch_size?"),
        (
            11,
            "pools[1].service.distribution",
            "unknown choice 'normal'; choose constant, exponential, lognormal, gamma; did you mean lognormal?",
        ),
        (12, "pools[2].name", "'gpu' is the name of an earlier pool"),
        (14, "pools[2].service", "constant has no cv; leave it out, or choose lognormal or gamma"),
        (16, "route[0].pools[1]", "there is no pool 'gpus'; did you mean gpu?"),
        (17, "route[0].balancer.weights.tpu", "'tpu' is not a pool of this step; did you mean cpu?"),
        (18, "run.warmup", "expected a time with its unit such as '5 ms', got 'soon'"),
        (19, "obejctive", "unknown field; did you mean objective?"),
    ]


def test_a_closed_loop_over_a_bounded_queue_needs_something_to_slow_rejected_clients() -> None:
    bounded = pool(queue={"capacity": 1})
    closed: dict[str, Any] = {"process": "closed_loop", "clients": 5}
    with pytest.raises(InputError, match=r"workload\.arrivals\.retry_delay  is needed"):
        scenario_from(document(bounded, arrivals=closed))
    scenario_from(document(pool(), arrivals=closed))
    scenario_from(document(bounded, arrivals=closed | {"think_time": "1 ms"}))
    scenario_from(document(bounded, arrivals=closed | {"retry_delay": "1 ms"}))
    scenario_from(document(bounded, arrivals=closed, network={"client": {"latency": "1 us"}}))
    with pytest.raises(InputError, match=r"workload\.arrivals\.retry_delay  is needed"):
        scenario_from(document(bounded, arrivals=closed | {"think_time": "0 s"}))


@pytest.mark.parametrize(
    ("settings", "loop"),
    [
        ({"service": constant("1 ns")}, {"clients": 10, "think_time": "0 s"}),
        ({"servers": 1000, "service": constant("1 us")}, {"clients": 100_000, "think_time": "1 us"}),
        ({"queue": {"capacity": 1}}, {"clients": 5, "retry_delay": "1 ns", "think_time": "0 s"}),
        ({"queue": {"timeout": "1 us"}}, {"clients": 10_000, "think_time": "0 s"}),
    ],
)
def test_a_closed_loop_without_end_is_refused(settings: dict[str, Any], loop: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=r"run\.horizon  about .* requests before the horizon; at most 2e\+09"):
        scenario_from(document(pool(**settings), arrivals={"process": "closed_loop", **loop}, run={"horizon": "60 s"}))


def test_clients_that_find_room_are_bounded_by_capacity() -> None:
    roomy = pool(servers=10, queue={"capacity": 100})
    loop = {"process": "closed_loop", "clients": 1000, "retry_delay": "1 ns", "think_time": "0 s"}
    assert closed_loop_per_s(scenario_from(document(roomy, arrivals=loop))) == 1000


def test_several_pools_need_a_route() -> None:
    with pytest.raises(InputError, match="route  is needed with more than one pool"):
        scenario_from(document(pool("a"), pool("b")))


def test_a_pool_without_a_name_is_one_fault_beside_the_others() -> None:
    nameless = pool()
    del nameless["name"]
    with pytest.raises(InputError) as caught:
        scenario_from(document(nameless, pool("b"), route=[{"pools": ["b"]}]))
    assert [(fault.path, fault.message) for fault in caught.value.faults] == [("pools[0].name", "is missing")]


@pytest.mark.parametrize("name", ["", " ", "a b", "a/b", "-a", "ä", "a" * 65, 5, None, [], "a\n"])
def test_a_pool_has_a_plain_name(name: object) -> None:
    with pytest.raises(InputError, match=r"pools\[0\]\.name"):
        scenario_from(document({**pool(), "name": name}))


def test_a_pool_has_a_profile_or_a_service_not_both(tmp_path: Path) -> None:
    (tmp_path / "samples.csv").write_text("batch_size,latency_ms\n1,5\n")
    both = pool(profile="samples.csv", service=constant("5 ms"))
    with pytest.raises(InputError, match="needs either a profile or a service"):
        scenario_from(document(both), tmp_path)


def test_batches_beyond_the_measured_sizes_are_refused_unless_extrapolated(tmp_path: Path) -> None:
    (tmp_path / "samples.csv").write_text("batch_size,latency_ms\n2,5\n4,7\n")
    wide = pool(profile="samples.csv", batching=dynamic(8))
    with pytest.raises(InputError) as caught:
        scenario_from(document(wide), tmp_path)
    assert [fault.message.split(" (")[0] for fault in caught.value.faults] == [
        "batches of 1 items are beyond what samples.csv measured",
        "batches of 8 items are beyond what samples.csv measured",
    ]
    scenario_from(document(wide | {"extrapolate": True}), tmp_path)


def test_one_batch_size_gives_no_slope_to_extrapolate(tmp_path: Path) -> None:
    (tmp_path / "samples.csv").write_text("batch_size,latency_ms\n2,5\n")
    with pytest.raises(InputError, match=r"extrapolate .*measured at one batch size"):
        scenario_from(document(pool(profile="samples.csv", extrapolate=True, batching=dynamic(2))), tmp_path)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("0\n2\n1\n", "line 4: timestamp_s runs backwards: 1 after 2.0"),
        ("0\nnan\n", "line 3: timestamp_s expected seconds"),
        ("", "has no rows"),
        ("5\n6\n", "the first request is sent at 5 s, after the horizon of 1 s"),
    ],
)
def test_a_trace_that_makes_no_sense_is_refused(tmp_path: Path, rows: str, words: str) -> None:
    (tmp_path / "trace.csv").write_text(f"timestamp_s\n{rows}")
    with pytest.raises(InputError, match=words):
        scenario_from(document(arrivals={"process": "trace", "file": "trace.csv"}), tmp_path)


def test_times_finer_than_the_resolution_are_refused(tmp_path: Path) -> None:
    (tmp_path / "trace.csv").write_text("timestamp_s\n0.2\n0.2\n0.5\n")
    arrivals = {"process": "trace", "file": "trace.csv", "resolution": "1 s"}
    with pytest.raises(InputError, match=r"workload.arrivals.resolution.*see line 4 of trace.csv"):
        scenario_from(document(arrivals=arrivals), tmp_path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("# nothing\n", "is empty"),
        ("null\n", "expected a mapping, got nothing"),
        ("- a\n", "expected a mapping, got a list"),
        ("vision\n", "expected a mapping, got 'vision'"),
        ("name: a\nname: b\n", "line   2  name  is given twice"),
        ("[" * 1000, "is nested more than"),
        ("a: &a [x]\nb: &b [*a, *a]\n", "an anchored value must not hold an alias"),
        ("x" * 300_000, "is larger than 256 KiB"),
    ],
)
def test_what_is_no_scenario_is_refused(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "vision.yaml").write_text(text)
    with pytest.raises(InputError, match=words):
        load_scenario(tmp_path / "vision.yaml")


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        load_scenario(tmp_path / "absent.yaml")
    with pytest.raises(InputError, match="is not among the shipped scenarios"):
        load_scenario("shipped:absent")


# Bounded time, however wrong


def refused_within(seconds: float, data: dict[str, Any]) -> None:
    """Refuse it before so much CPU time has passed."""
    started = time.process_time()
    with pytest.raises(InputError) as caught:
        scenario_from(data)
    assert time.process_time() - started < seconds
    assert len(caught.value.faults) < 1000


def test_countless_unknown_pools_are_refused_in_time() -> None:
    names = [f"gpu{i}" for i in range(900)]
    route = [{"pools": [f"gqu{i}" for i in range(20_000)]}]
    refused_within(5, document(*[pool(name) for name in names], route=route))


def test_countless_pools_of_one_name_are_refused_in_time() -> None:
    refused_within(5, document(*[pool("gpu") for _ in range(5_000)], route=[{"pools": ["gpu"]}]))


def test_countless_weights_are_refused_in_time() -> None:
    weights = {f"gpu{i}": 0 for i in range(20_000)}
    route = [{"pools": list(weights), "balancer": {"policy": "weighted", "weights": weights}}]
    refused_within(5, document(pool("gpu0"), route=route))


def test_countless_unknown_fields_are_refused_in_time() -> None:
    refused_within(5, document() | {f"nme{i}": 1 for i in range(30_000)})
