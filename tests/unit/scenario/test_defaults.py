"""What holds where a scenario says nothing, and a scenario as it is written back."""

from __future__ import annotations

from pathlib import Path

import yaml
from systems import dynamic, pool

from capsim.scenario import load_scenario, scenario_from

LEAST = {
    "name": "least",
    "workload": {"arrivals": {"process": "poisson", "rate": "10 /s"}},
    "pools": [{"name": "gpu", "servers": 1, "service": {"distribution": "constant", "mean": "5 ms"}}],
}


def test_the_defaults_are_those_of_the_design() -> None:
    scenario = scenario_from(LEAST)
    only = scenario.pools[0]
    assert (only.queue.capacity, only.queue.shared, only.queue.timeout) == (None, False, None)
    assert only.instances == 1
    assert only.batching.policy == "none"
    assert (only.overhead.per_batch, only.overhead.per_request) == (0, 0)
    assert (only.front_end.before, only.front_end.after) == (0, 0)
    assert (only.overlap, only.price) == (0, None)
    assert scenario.network.transfer_ns(10**9) == 0
    assert [(step.pools, step.balancer.policy) for step in scenario.steps] == [(["gpu"], "least_outstanding")]
    assert scenario.objective is None
    assert scenario.workload.items_per_request == 1
    assert (scenario.run.horizon, scenario.run.warmup, scenario.run.seed) == (60 * 10**9, "auto", 0)
    assert scenario.run.least_replications == 5
    assert scenario.run.stop_ns == 120 * 10**9


def test_what_is_at_its_default_is_not_written() -> None:
    assert scenario_from(LEAST).to_document() == LEAST


def test_a_balancer_may_be_named_without_settings() -> None:
    short = scenario_from(LEAST | {"route": [{"pools": ["gpu"], "balancer": "round_robin"}]})
    long = scenario_from(LEAST | {"route": [{"pools": ["gpu"], "balancer": {"policy": "round_robin"}}]})
    assert short == long


def test_a_scenario_with_a_profile_and_a_trace_reads_as_it_was_written(tmp_path: Path) -> None:
    (tmp_path / "trace.csv").write_text("timestamp_s\n0.5\n")
    (tmp_path / "gpu.csv").write_text("batch_size,latency_ms\n1,5\n4,8\n")
    data = {
        "name": "files",
        "workload": {"arrivals": {"process": "trace", "file": "trace.csv", "scale": 2.0}},
        "pools": [pool(profile="gpu.csv", batching=dynamic(4, "2 ms", preferred=[2]))],
        "objective": {"p99": "95 ms"},
        "run": {"precision": "2 %", "warmup": "5 s"},
    }
    written = scenario_from(data, tmp_path).to_document()
    assert written == data
    (tmp_path / "written.yaml").write_text(yaml.safe_dump(written))
    assert load_scenario(tmp_path / "written.yaml").to_document() == data


def test_files_are_named_from_the_folder_of_the_scenario(tmp_path: Path) -> None:
    (tmp_path / "profiles").mkdir()
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "profiles" / "gpu.csv").write_text("batch_size,latency_ms\n1,5\n")
    data = LEAST | {"pools": [pool(profile="../profiles/gpu.csv")]}
    (tmp_path / "scenarios" / "s.yaml").write_text(yaml.safe_dump(data))
    found = load_scenario(tmp_path / "scenarios" / "s.yaml").pools[0].profile
    assert found is not None
    assert found.mean_ns(1) == 5e6


def test_the_overlap_is_the_given_one_then_the_measured_one(tmp_path: Path) -> None:
    (tmp_path / "gpu.csv").write_text("batch_size,instances,latency_ms\n1,1,5\n1,2,7.5\n")
    measured = scenario_from(LEAST | {"pools": [pool(profile="gpu.csv", instances=2)]}, tmp_path).pools[0]
    assert measured.overlap == 0.5
    given = pool(profile="gpu.csv", instances=2, sharing={"overlap": 0.25})
    assert scenario_from(LEAST | {"pools": [given]}, tmp_path).pools[0].overlap == 0.25
