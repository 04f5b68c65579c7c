"""Whatever stands in the wrong place, what is said of it is capsim's own: no words of the library that looks."""

from __future__ import annotations

import copy
import itertools
import math
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from capsim.documents import Document, parse_yaml, validate
from capsim.documents.explain import UNFIT
from capsim.errors import InputError
from capsim.profile.load import ProfileDocument
from capsim.scenario import Scenario
from capsim.scenario.load import scenario_of

DOCUMENTS = {
    Scenario: """
name: all
workload:
  items_per_request: {distribution: gamma, mean: 2, cv: 1, most: 4}
  keys: {zipf: 1, count: 9}
  classes:
    - name: x
      arrivals: {process: gamma, cv: 2, rate: {steps: [{at: 0 s, rate: 5 /s}, {at: 3 s, rate: 9 /s}]}}
      items_per_request: {values: {1: 40 %, 2: 60 %}}
      priority: 1
      deadline: 1 s
      route: [{pools: [a]}]
      clients: {timeout: 1 s}
    - {name: y, arrivals: {process: closed_loop, clients: 3}}
pools:
  - name: a
    hardware: gpu
    servers: 2
    service: {distribution: lognormal, mean: 5 ms, cv: 0.5}
    batching: {policy: triton, max_batch_size: 8, max_queue_delay: 1 ms, preferred_batch_sizes: [4]}
    queue: {shared: false, capacity: 9, timeout: 1 s}
    overhead: {per_batch: 1 ms}
    front_end: {before: 1 ms}
    sharing: {overlap: 0.5}
    price: {usd_per_hour: 1}
  - {name: b, servers: 1, service: {distribution: constant, mean: 5 ms}, batching: {policy: none}}
route:
  - {pools: [a, b], balancer: {policy: weighted, weights: {a: 1, b: 2}}}
  - {pools: [b], balancer: random}
  - {delay: {distribution: lognormal, mean: 1 ms, cv: 1}, name: look}
  - {link: wan, carries: response}
  - {cache: {capacity: 3, ttl: 1 s, coalesce: true, look_up: 1 ms, on_hit: end}}
  - {parallel: [[{pools: [a]}], [{delay: 1 ms}]], wait_for: 1}
  - {choose: [{share: 30 %, route: [{cache: {hit_ratio: 5 %}}]}, {share: rest, route: []}]}
  - {choose: [{class: y, route: []}]}
network:
  client: {latency: 1 ms, bandwidth: 1 Gbit/s}
  request_size: 1 kB
  links: {wan: {latency: 1 ms, bandwidth: 1 Mbit/s, contention: true}}
clients:
  timeout: 1 s
  cancel: false
  retry: {most: 2, backoff: {first: 1 ms, factor: 2, jitter: full}, on: [rejected], budget: 5 %}
  hedge: {after: p95, most: 1}
  breaker: {failures: 50 %, window: 1 s, least: 5, open: 1 s}
objective: {p99: 1 s}
run: {horizon: 10 s, warmup: 1 s, precision: 2 %, max_replications: 9, seed: 1}
calibration:
  points: 3
  loads: [10 /s]
  like: [other.yaml]
  version: "1"
  fitted: [{path: pools.a.overhead.per_batch, value: 3, standard_error: 1}]
  correlation: [[1]]
  window_s: 5
  error: {p99_ms: 0.1}
validation: {points: 3, unseen: 1, loads: [10 /s], measured: m.csv, version: "1", error: {p99_ms: 0.1}}
""",
    ProfileDocument: """
model: m
hardware: {kind: gpu, name: g}
runtime: r
precision: fp32
measured: {on: monday}
quantiles: [{batch_size: 1, instances: 1, samples: 50, p50_ms: 3, p99_ms: 5}]
""",
}
READERS: dict[Any, Callable[[Document], Any]] = {
    Scenario: scenario_of,
    ProfileDocument: lambda document: validate(ProfileDocument, document),
}
WRONG: list[Any] = [None, True, -1, 2.5, 10**30, math.nan, math.inf, "", "?", "long " * 500, [], {}, [[]], {"": {}}]
FOREIGN = ("input", "valid", "should", "None", UNFIT)


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The paths of a document."""
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, held in inner:
        yield from places(held, (*path, key))


def changed(document: Any, path: tuple[str | int, ...], value: Any) -> Any:
    """The document with another value at a path."""
    if not path:
        return value
    inner = copied = copy.deepcopy(document)
    for part in path[:-1]:
        inner = inner[part]
    inner[path[-1]] = value
    return copied


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_what_is_said_of_a_wrong_value(kind: type[Any]) -> None:
    document = parse_yaml(DOCUMENTS[kind], "right.yaml").data
    READERS[kind](Document("right.yaml", document))
    told = set()
    for path, wrong in itertools.product(places(document), WRONG):
        try:
            READERS[kind](Document("wrong.yaml", changed(document, path, wrong)))
        except InputError as error:
            told |= {fault.message for fault in error.faults}
    assert len(told) > 50
    assert not {message for message in told if any(word in message for word in FOREIGN)}
    assert max(map(len, told)) < 250
