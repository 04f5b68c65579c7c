"""What the way of measuring makes doubtful about a prediction, and what is said with the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from synthetic import system

from capsim.documents import parse_yaml
from capsim.errors import CodedWarning
from capsim.importer.loads.measured import LoadPoint, Measurements
from capsim.scenario import Scenario, scenario_from
from capsim.validation import compare, littles_law
from capsim.validation.origin import doubts, sentence
from capsim.validation.points import Effort, at_load

POINT = LoadPoint("rate_per_s", 100, {"throughput_per_s": 100, "mean_ms": 12})
MEASURED = Measurements(
    source="m.txt", format="wrk", tool="wrk2", points=[POINT], latency_holds="at the client", loop="open"
)


def codes(scenario: Scenario, measured: Measurements) -> list[str]:
    return [warning.code for warning in doubts(scenario, measured)]


def arriving(arrivals: str, network: str = "0 ms") -> Scenario:
    text = f"""
name: small
workload: {{arrivals: {arrivals}}}
pools: [{{name: a, hardware: cpu, servers: 1, service: {{distribution: exponential, mean: 5 ms}}}}]
network: {{client: {{latency: {network}}}}}
"""
    return scenario_from(parse_yaml(text, "small").data)


def test_gaps_that_are_simulated_otherwise_than_measured_are_said() -> None:
    poisson = arriving("{process: poisson, rate: 100 /s}")
    assert codes(poisson, replace(MEASURED, gaps="constant")) == ["gaps_differ"]
    assert codes(poisson, replace(MEASURED, gaps="poisson")) == []
    assert codes(poisson, replace(MEASURED, gaps="unknown")) == ["gaps_unknown"]
    even = arriving("{process: deterministic, rate: 100 /s}")
    assert codes(even, replace(MEASURED, gaps="constant")) == []
    # A closed loop has no rate to keep: arrivals at the rate of a point are Poisson.
    closed = arriving("{process: closed_loop, clients: 2}")
    assert codes(closed, replace(MEASURED, gaps="constant")) == ["gaps_differ"]


def test_a_latency_of_the_server_beside_a_simulated_network_is_said() -> None:
    at_server = replace(MEASURED, at_server=True)
    assert codes(arriving("{process: poisson, rate: 1 /s}", "2 ms"), at_server) == ["network_not_measured"]
    assert codes(arriving("{process: poisson, rate: 1 /s}"), at_server) == []


def test_pauses_of_clients_that_are_not_simulated_are_said() -> None:
    point = LoadPoint("clients", 8, {"throughput_per_s": 10, "mean_ms": 300})
    pausing = replace(MEASURED, points=[point], loop="closed", think_s=0.5)
    assert codes(arriving("{process: closed_loop, clients: 8}"), pausing) == ["think_time_differs"]
    assert codes(arriving("{process: closed_loop, clients: 8, think_time: 500 ms}"), pausing) == []
    assert codes(arriving("{process: closed_loop, clients: 8}"), replace(pausing, think_s=0.001)) == []


def test_doubts_of_the_file_and_its_origin_go_with_the_answer() -> None:
    doubtful = replace(MEASURED, warnings=[CodedWarning("few_requests", "too few")])
    found = compare(system(), doubtful.points, doubtful.source, Effort(200, 2), None, doubtful)
    assert found.warnings[0].code == "few_requests"
    told = found.to_dict()["origin"]
    assert (told["format"], told["tool"], told["loop"]) == ("wrk", "wrk2", "open")
    assert sentence(doubtful) == "wrk2 (format wrk), open loop; latency: at the client"


def test_pauses_are_offered_where_littles_law_fails_many_times_over() -> None:
    points: Sequence[LoadPoint] = [LoadPoint("clients", 20, {"throughput_per_s": 76.8, "mean_ms": 10.0})]
    [fault] = littles_law.unit_faults(points, 0.0, 1)
    assert "Or do clients pause 0.25 s more" in fault.message


def test_times_in_whole_seconds_are_spread_where_they_are_replayed() -> None:
    sent = np.repeat(np.arange(20.0), 5)
    point = LoadPoint("rate_per_s", 5.25, {"mean_ms": 5}, sent, resolution_s=1.0)
    arrivals = at_load(system(), point, Effort(100, 1)).workload.arrivals
    assert arrivals.resolution == 10**9
    exact = at_load(system(), replace(point, resolution_s=0.0), Effort(100, 1)).workload.arrivals
    assert exact.resolution is None
    assert pytest.approx(sent.tolist()) == exact.file.times_s.tolist()
