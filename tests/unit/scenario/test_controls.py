"""Controls hold what the scenario holds, and what they write is read back as what was meant."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from random_scenarios import random_scenario

from capsim.documents import Document, parse_yaml
from capsim.scenario import Scenario
from capsim.scenario.controls import Control, controls, put
from capsim.scenario.grid import with_files
from capsim.scenario.load import scenario_of
from capsim.scenario.overrides import override
from capsim.serving.batching import BATCHING

TEXT = """\
name: small
workload: {arrivals: ARRIVALS, items_per_request: 2}
pools:
  - name: cpu
    servers: 20
    service: {distribution: exponential, mean: 5 ms}
    batching: {policy: BATCHING}
    price: {usd_per_hour: 0.5}
objective: {p95: 40 ms, p99: 100 ms}
run: {horizon: 12 s, warmup: 1 s, replications: 40, seed: 1}
"""
POISSON = "{process: poisson, rate: 123 /s}"
BURSTS = "{process: poisson, rate: {bursts: {base: 50 /s, peak: 90 /s, length: 3 s, every: 6 s}}}"

MODULATED = "{process: mmpp, rates: [50 /s, 90 /s], sojourns: [2 s, 2 s]}"


def document(arrivals: str = POISSON, batching: str = "dynamic, max_batch_size: 6, max_queue_delay: 3 ms") -> Any:
    return parse_yaml(TEXT.replace("ARRIVALS", arrivals).replace("BATCHING", batching), "small.yaml")


def with_settings(read: Any, *settings: str) -> Scenario:
    return scenario_of(override(read, settings))


def by_path(base: Scenario, now: Scenario | None = None) -> dict[str, Control]:
    return {control.path: control for control in controls(base, now or base)}


@pytest.mark.parametrize(
    "arrivals", [POISSON, BURSTS, MODULATED, "{process: closed_loop, clients: 70, think_time: 1 s}"]
)
def test_what_a_control_writes_where_it_stands_changes_nothing(arrivals: str) -> None:
    read = document(arrivals)
    base = scenario_of(read)
    for control in controls(base, base):
        assert with_settings(read, f"{control.path}={control.text(control.value)}") == base, control.path


@pytest.mark.parametrize("batching", ["none", *(name for name in BATCHING if name != "none")])
def test_every_policy_can_be_chosen_from_every_other_and_keeps_size_and_delay(batching: str) -> None:
    read = document()
    base = scenario_of(read)
    first = by_path(base)["pools.cpu.batching"]
    setting = f"pools.cpu.batching={first.text(batching)}"
    now = with_settings(read, setting)
    assert now.pools[0].batching.policy == batching
    found = [control for control in by_path(base, now).values() if control.path.startswith("pools.cpu.batching.")]
    lacking = {"none": 2, "bentoml": 1}.get(batching, 0)
    assert [control.value for control in found] == [6, 3_000_000][: 2 - lacking]
    for control in found:
        assert with_settings(read, *put([setting], control.path, control.text(control.value))) == now
    for policy in BATCHING:
        again = by_path(base, now)["pools.cpu.batching"].text(policy)
        assert with_settings(read, f"pools.cpu.batching={again}").pools[0].batching.policy == policy


def test_a_policy_that_needs_a_size_gets_one_that_holds_a_request() -> None:
    read = document(batching="none")
    base = scenario_of(replace(read, data={**read.data, "workload": {**read.data["workload"], "items_per_request": 1}}))
    for policy in BATCHING:
        with_settings(read, "workload.items_per_request=1", f"pools.cpu.batching={_text(base, policy)}")


def _text(base: Scenario, policy: str) -> str:
    return by_path(base)["pools.cpu.batching"].text(policy)


def test_ranges_hold_every_value_and_stay_where_they_are() -> None:
    read = document()
    base = scenario_of(read)
    for settings in ([], ["pools.cpu.servers=900"], ["workload.arrivals.rate=0.001 /s"], ["run.replications=500"]):
        now = by_path(base, with_settings(read, *settings))
        for control in now.values():
            if control.choices:
                assert control.value in control.choices
            elif control.value is not None:
                assert isinstance(control.value, (int, float))
                assert control.low <= control.value <= control.high, control.path
    moved = by_path(base, with_settings(read, "workload.arrivals.rate=30 /s"))["workload.arrivals.rate"]
    still = by_path(base)["workload.arrivals.rate"]
    assert (moved.low, moved.high, moved.step) == (still.low, still.high, still.step)


def test_a_rate_over_time_keeps_its_shape() -> None:
    read = document(BURSTS)
    base = scenario_of(read)
    control = by_path(base)["workload.arrivals.rate"]
    assert control.value == pytest.approx(70)
    rate = with_settings(read, f"workload.arrivals.rate={control.text(140)}").workload.arrivals.rate.bursts
    assert (rate.base, rate.peak) == (pytest.approx(100), pytest.approx(180))


def test_rates_that_change_at_random_keep_their_ratio() -> None:
    read = document(MODULATED)
    base = scenario_of(read)
    control = by_path(base)["workload.arrivals.rates"]
    assert control.value == 70
    arrivals = with_settings(read, f"workload.arrivals.rates={control.text(140)}").workload.arrivals
    assert (arrivals.rates, arrivals.sojourns) == ([100, 180], base.workload.arrivals.sojourns)


def test_without_an_objective_p99_stands_nowhere() -> None:
    read = document()
    read.data.pop("objective")
    control = by_path(scenario_of(read))["objective.p99"]
    assert control.value is None
    objective = with_settings(read, f"objective.p99={control.text(80.5)}").objective
    assert objective is not None
    assert objective.p99 == 80_500_000


def test_batch_sizes_are_those_that_a_profile_can_answer_for() -> None:
    profile = "shipped:cpu-amd-epyc-zen4-1core/resnet50-fp32-onnxruntime"
    read = override(document(), ["pools.cpu.service=", f"pools.cpu.profile={profile}"])
    found = by_path(scenario_of(read))
    assert found["pools.cpu.batching.max_batch_size"].choices == (2, 4, 6, 8, 16, 32)
    assert found["pools.cpu.profile"].value == profile
    listed = found["pools.cpu.profile"].choices
    assert len(listed) == len(set(listed)) > 1


def test_profiles_are_named_by_model_and_precision_and_told_apart() -> None:
    profile = "shipped:gpu-nvidia-t4/dlrm-4b-fp16-tensorflow-tensorrt"
    settings = [f"pools.cpu.profile={profile}", "pools.cpu.batching.max_batch_size=1024"]
    read = override(document(), ["pools.cpu.service=", "workload.items_per_request=256", *settings])
    control = by_path(scenario_of(read))["pools.cpu.profile"]
    names = {control.named(file): str(file) for file in control.choices}
    assert len(names) == len(control.choices)
    assert names["t4 · dlrm-4b-fp16"] == profile
    assert names["t4 · bert-large-384-fp16-tensorrt"].endswith("t4/bert-large-384-fp16-tensorrt")
    assert names["epyc-zen4-1core · resnet50-int8-static"].startswith("shipped:cpu")


def test_profiles_of_the_same_model_come_first_and_then_those_of_the_same_device() -> None:
    profile = "shipped:gpu-nvidia-t4/bert-large-384-fp16-tensorrt"
    read = override(document(), ["pools.cpu.service=", f"pools.cpu.profile={profile}"])
    listed = [str(file) for file in by_path(scenario_of(read))["pools.cpu.profile"].choices]
    assert listed[0] == profile
    of_model = [file for file in listed if "/bert-large-384" in file]
    on_device = [file for file in listed if "-t4/" in file and file not in of_model]
    assert [file for file in of_model if "-t4/" in file] == of_model[:3]
    assert listed[: len(of_model) + len(on_device)] == of_model + on_device


def test_settings_replace_those_at_their_path_and_below() -> None:
    settings = ("a.b.c=1", "a.bc=2", "x=3", "a.b[0].c=4")
    assert put(settings, "a.b", "{}") == ("a.bc=2", "x=3", "a.b={}")
    assert put(settings, "x", None) == ("a.b.c=1", "a.bc=2", "a.b[0].c=4")
    assert put(("x=3",), "x", "1", given="1") == ()
    assert put(("x=3", "a={b: 2, d: 5 ms}"), "a.b", "1", given="1") == ("x=3", "a={b: 1, d: 5 ms}")
    assert put(("a=[{c: 1}]",), "a[0].c", "8") == ("a=[{c: 8}]",)
    assert put(("a=3",), "a.b", "1") == ("a=3", "a.b=1")


@pytest.mark.parametrize("number", range(40))
def test_controls_of_any_scenario_hold_it(number: int) -> None:
    base = random_scenario(number)
    read = with_files(Document("any", base.to_document()), base)
    for control in controls(base, base):
        if control.value is None or control.path.endswith(".profile"):
            continue
        if not control.choices:
            assert isinstance(control.value, (int, float))
            assert control.low <= control.value <= control.high
            assert control.low < control.high
            assert control.step > 0
        written = with_settings(read, f"{control.path}={control.text(control.value)}")
        if not control.path.endswith(".rate"):
            assert written.to_document() == base.to_document(), control.path


def test_values_beyond_what_a_browser_holds_are_left_to_settings() -> None:
    read = document()
    extreme = with_settings(read, f"run.seed={2**60}", "objective.p99=100 d", "pools.cpu.servers=100000")
    found = by_path(scenario_of(read), extreme)
    assert "run.seed" not in found
    assert found["objective.p99"].high == found["objective.p99"].value
    assert found["pools.cpu.servers"].high == 100_000


PATH = """\
name: path
run: {horizon: 60 s, replications: 5}
workload:
  classes:
    - name: quick
      arrivals: {process: poisson, rate: 60 /s}
      priority: 2
      deadline: 200 ms
      objective: {p99: 150 ms, mean: 40 ms}
      clients: {timeout: 500 ms, retry: {most: 2, budget: 10 %}, hedge: {after: 80 ms}}
      route: [{cache: {capacity: 500, keys: {count: 5000, zipf: 0.9}}}, {pools: [cpu]}]
    - {name: bulk, arrivals: {process: poisson, rate: 5 /s}}
pools:
  - {name: cpu, servers: 2, service: {distribution: exponential, mean: 5 ms}, queue: {discipline: priority}}
  - {name: gpu, servers: 1, service: {distribution: exponential, mean: 5 ms}}
clients: {timeout: 1 s, retry: {most: 3}}
route:
  - {cache: {hit_ratio: 31.5 %, look_up: 0.2 ms}, name: known}
  - {delay: {distribution: lognormal, mean: 8 ms, cv: 0.5}, name: features}
  - {delay: 2 ms}
  - choose: [{share: 5 %, route: [{delay: 1 ms}]}, {share: 25 %, route: [{pools: [gpu]}]}, {share: rest, route: []}]
  - {parallel: [[{pools: [cpu]}], [{pools: [gpu]}, {delay: 3 ms}]], wait_for: 1}
  - {pools: [cpu]}
"""


def test_every_part_of_a_path_has_its_controls_and_what_they_write_changes_nothing() -> None:
    read = parse_yaml(PATH, "path.yaml")
    base = scenario_of(read)
    found = by_path(base)
    classes = {f"workload.classes.{name}.priority" for name in ("quick", "bulk")}
    quick = "workload.classes.quick"
    assert found.keys() >= classes | {
        "route.known.cache.hit_ratio",
        "route.features.delay.mean",
        "route[2].delay",
        "route[3].choose[0].share",
        "route[3].choose[0].route[0].delay",
        "route[3].choose[1].share",
        "route[4].wait_for",
        "route[4].parallel[1][1].delay",
        "clients.timeout",
        "clients.retry.most",
        "clients.retry.budget",
        f"{quick}.deadline",
        f"{quick}.objective.p99",
        f"{quick}.objective.mean",
        f"{quick}.clients.timeout",
        f"{quick}.clients.retry.budget",
        f"{quick}.clients.hedge.after",
        f"{quick}.route[0].cache.capacity",
    }
    assert found["clients.retry.budget"].value is None
    assert found["route[3].choose[1].share"].high == 95
    for control in found.values():
        if control.value is not None:
            assert with_settings(read, f"{control.path}={control.text(control.value)}") == base, control.path


@pytest.mark.parametrize(
    ("path", "value", "setting"),
    [
        ("route.known.cache.hit_ratio", 80.5, "80.5 %"),
        ("route.features.delay.mean", 12.5, "12.5 ms"),
        ("route[3].choose[1].share", 95, "95 %"),
        ("clients.retry.budget", 10, "10 %"),
        ("workload.classes.bulk.priority", 7, "7"),
    ],
)
def test_a_control_of_a_path_writes_what_a_scenario_takes(path: str, value: float, setting: str) -> None:
    read = parse_yaml(PATH, "path.yaml")
    base = scenario_of(read)
    assert by_path(base)[path].text(value) == setting
    now = with_settings(read, f"{path}={setting}")
    assert by_path(base, now)[path].value == value


def test_shares_that_leave_no_rest_cannot_be_moved_alone() -> None:
    fixed = PATH.replace("share: rest", "share: 70 %")
    base = scenario_of(parse_yaml(fixed, "path.yaml"))
    assert not [path for path in by_path(base) if path.endswith("].share")]
