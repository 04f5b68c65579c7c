"""A scenario with nearly all that a path can have gives the same rows on every engine, from YAML to the ledger."""

from __future__ import annotations

from pathlib import Path

import pytest
from systems import ENGINES

from capsim.documents import parse_yaml
from capsim.engine import lower
from capsim.scenario import Scenario, scenario_from

TEXT = """
name: full
workload:
  items_per_request: {distribution: lognormal, mean: 3, cv: 0.8, most: 16}
  keys: {zipf: 1.1, count: 1000}
  classes:
    - {name: fast, arrivals: {process: poisson, rate: 80 /s}, items_per_request: 1, priority: -1, deadline: 200 ms}
    - name: bulk
      arrivals: {process: closed_loop, clients: 4}
      items_per_request: {values: {1: 70 %, 8: 30 %}}
      clients: {timeout: 30 ms, cancel: true}
      route: [{pools: [gpu]}, {delay: 1 ms}]
    - {name: third, arrivals: {process: mmpp, rates: [5 /s, 90 /s], sojourns: [1 s, 1 s]}, request_size: 20 kB}
pools:
  - name: gpu
    servers: 2
    service: {distribution: gamma, mean: 5 ms, per_item: 0.5 ms, cv: 0.2}
    batching: {policy: dynamic, max_batch_size: 16, max_queue_delay: 2 ms}
    queue: {discipline: priority}
    overhead: {per_request: 0.1 ms}
  - name: cpu
    servers: 2
    service: {distribution: exponential, mean: 9 ms}
    queue: {discipline: edf, capacity: 5, timeout: 50 ms}
network:
  request_size: 100 kB
  client: {latency: 1 ms, bandwidth: 1 Gbit/s}
  links: {edge: {latency: 3 ms, bandwidth: 200 Mbit/s, contention: true}, wan: {latency: 10 ms}}
clients:
  timeout: 80 ms
  retry: {most: 2, backoff: {first: 20 ms, jitter: equal}, budget: 30 %}
  hedge: {after: p90}
  breaker: {failures: 80 %, window: 1 s, open: 100 ms}
route:
  - {link: edge}
  - {delay: {distribution: lognormal, mean: 8 ms, cv: 0.5}, name: features}
  - {cache: {hit_ratio: 30 %, look_up: 0.2 ms}}
  - {cache: {capacity: 30, ttl: 1 s, coalesce: true}, name: answers}
  - wait_for: 2
    parallel:
      - [{pools: [gpu]}]
      - [{pools: [cpu]}, {delay: 3 ms}]
      - - {cache: {capacity: 10, keys: {zipf: 0.5, count: 20}}}
        - {pools: [cpu, gpu], balancer: {policy: consistent_hash}}
  - {choose: [{share: 30 %, name: large, route: [{pools: [gpu]}]}, {share: rest, route: []}]}
  - choose:
      - {class: third, route: [{pools: [gpu]}]}
      - {classes: [fast], route: [{link: wan, carries: response}]}
run: {horizon: 4 s, warmup: 0 s, replications: 1, seed: 3}
"""


def full() -> Scenario:
    """The scenario."""
    return scenario_from(parse_yaml(TEXT, "full.yaml").data, Path())


@pytest.mark.skipif(len(ENGINES) < 2, reason="needs the compiled engine")
def test_engines_agree_on_all_of_the_path() -> None:
    blueprint = lower(full())
    ledgers = [run(blueprint) for run in ENGINES.values()]
    assert ledgers[0] == ledgers[1]
    outcomes = ledgers[0].requests["outcome"]
    assert {int(outcome) for outcome in outcomes} >= {0, 2}
    assert ledgers[0].attempts["outcome"].max() == 5
    assert len(ledgers[0].look_ups["hit"]) > 100


def test_the_scenario_is_read_as_it_is_written() -> None:
    assert scenario_from(full().to_document(), Path()) == full()
