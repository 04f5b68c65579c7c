"""What is contradictory and what is doubtful about the devices of pools."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from systems import constant, pool, scenario

from capsim.errors import InputError
from capsim.profile import read_profile
from capsim.profile.model import Hardware, LatencyProfile
from capsim.scenario.checks import check
from capsim.scenario.demand import capacity_per_s
from capsim.scenario.devices import servers_of, unpriced_pools
from capsim.shipped import locate

PRICE = {"usd_per_hour": 1}
GB = 10**9


def profile(devices: int | None = None, device_gb: int | None = None, model_gb: int | None = None) -> LatencyProfile:
    """A shipped profile that says what it ran on."""
    shipped = read_profile(locate("shipped:cpu-amd-epyc-zen4-1core/resnet50-fp32-onnxruntime", "profiles"), "p.yaml")
    hardware = Hardware(kind="gpu", name="A", devices=devices, memory=device_gb and device_gb * GB)
    return replace(shipped, hardware=hardware, memory=model_gb and model_gb * GB)


def faults(*pools: dict[str, Any]) -> list[tuple[str, str]]:
    """What is wrong with pools that requests visit one after the other."""
    with pytest.raises(InputError) as raised:
        scenario(*pools, route=[{"pools": [each["name"]]} for each in pools])
    return [(fault.path, fault.message) for fault in raised.value.faults]


def doubts(*pools: dict[str, Any]) -> list[tuple[str, str]]:
    """What is doubtful about them."""
    told = check(scenario(*pools, route=[{"pools": [each["name"]]} for each in pools]))
    return [(warning.code, warning.message) for warning in told]


@pytest.mark.parametrize(
    ("settings", "path", "said"),
    [
        ({"instances": 2, "parallel": {"pipeline": 2}}, "instances", "a pipeline has one instance"),
        ({"instances": 2, "overhead": {"overlapped": True}}, "overhead.overlapped", "for a server of one instance"),
        ({"device": "x", "parallel": {"pipeline": 2}}, "parallel.pipeline", "devices for itself"),
        ({"device": "x", "overhead": {"overlapped": True}}, "overhead.overlapped", "devices for itself"),
        ({"profile": profile(devices=2)}, "parallel.tensor", "must be 2, as p.yaml was measured on 2 devices"),
        (
            {"profile": profile(devices=2), "parallel": {"tensor": 4}},
            "parallel.tensor",
            "must be 2, as p.yaml was measured on 2 devices",
        ),
    ],
)
def test_what_one_pool_cannot_have_together(settings: dict[str, Any], path: str, said: str) -> None:
    [(where, message)] = faults(pool(**settings))
    assert where == f"pools[0].{path}"
    assert said in message


def test_what_pools_share_is_paid_once_by_the_one_with_the_most_servers() -> None:
    a, b = pool("a", servers=2, device="x", price=PRICE), pool("b", servers=3, device="x", price=PRICE)
    assert faults(a, b) == [
        ("pools[1].price", "x has the price of pool a already; what pools share is paid once"),
        ("pools[0].price", "belongs to the pool of x that has the most servers, 3"),
    ]
    shared = scenario(pool("a", servers=2, device="x"), b, pool("c"), route=[{"pools": ["a", "b", "c"]}])
    assert [each.name for each in unpriced_pools(shared)] == ["c"]
    assert servers_of(shared) == 4


def test_either_all_pools_of_a_device_take_turns_or_none() -> None:
    turns = {"turns": True}
    a, b = pool("a", device="x"), pool("b", device="x", sharing=turns)
    assert faults(a, b) == [
        ("pools[0]", "others take turns on x and pool a does not; say sharing: {turns: true}"),
    ]
    scenario(pool("a", device="x", sharing=turns), b, route=[{"pools": ["a", "b"]}])


def test_a_device_is_of_one_kind() -> None:
    a, b = pool("a", device="x", hardware="gpu"), pool("b", device="x", hardware="cpu")
    assert faults(a, b) == [("pools[1].device", "x is called gpu by a, cpu by b")]


def test_models_must_fit_where_profiles_say_how_much_there_is() -> None:
    model = profile(device_gb=16, model_gb=10)
    said = "models take 20 GB of each device, and p.yaml says that one has 16 GB"
    assert faults(pool(profile=model, instances=2)) == [("pools[0]", said)]
    a, b = pool("a", device="x", profile=model), pool("b", device="x", profile=model)
    assert faults(a, b) == [("pools[1]", said.replace("models", "models of a, b"))]
    scenario(pool(profile=model))
    spread = profile(device_gb=16, model_gb=60)
    assert [path for path, _ in faults(pool(profile=spread, parallel={"pipeline": 3}))] == ["pools[0]"]
    scenario(pool(profile=spread, parallel={"pipeline": 4}))
    scenario(pool(profile=profile(device_gb=16), instances=4))


def test_what_is_assumed_is_said() -> None:
    alone = {"device": "x"}
    assert doubts(pool(**alone)) == [("without_effect", "pool gpu: device has no effect: no other pool names x")]
    assert doubts(pool("a", device="x"), pool("b", device="x", sharing={"overlap": 0.5})) == [
        ("sharing_assumed", "pool a: is assumed to share x with b (overlap 0)"),
        ("sharing_assumed", "pool b: is assumed to share x with a (overlap 0.5)"),
    ]
    stages = "pool gpu: 2 stages of equal length are assumed, and no time from one to the next"
    assert doubts(pool(parallel={"pipeline": 2})) == [("parallel_assumed", stages)]
    assert doubts(pool(overhead={"overlapped": True})) == [
        ("without_effect", "pool gpu: overlapped has no effect: there is no overhead")
    ]
    together = "pool gpu: p.yaml is assumed to be of 2 devices that work together; it does not say so"
    assert ("parallel_assumed", together) in doubts(pool(profile=profile(), parallel={"tensor": 2}))
    assert "parallel_assumed" not in dict(doubts(pool(profile=profile(devices=2), parallel={"tensor": 2})))


@pytest.mark.parametrize(
    ("settings", "per_s"),
    [
        ({"parallel": {"pipeline": 4}}, 400),
        ({"parallel": {"pipeline": 4}, "overhead": {"per_batch": "2.5 ms"}}, 200),
        ({"overhead": {"per_batch": "2.5 ms", "overlapped": True}}, 100),
        ({"overhead": {"per_batch": "20 ms", "overlapped": True}}, 50),
        ({"parallel": {"pipeline": 2}, "overhead": {"per_batch": "4 ms", "overlapped": True}}, 200),
        ({"device": "x"}, None),
    ],
)
def test_the_capacity_of_a_pipeline_is_that_of_its_longest_stage(settings: dict[str, Any], per_s: float | None) -> None:
    """10 ms of work; devices that pools share are not known."""
    assert capacity_per_s(scenario(pool(service=constant("10 ms"), **settings))) == per_s
