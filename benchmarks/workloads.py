"""The benchmark's workloads as capsim scenarios, and capsim's engines timed on them."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import numpy as np
from rivals import A, B, C, RivalResult, Workload

from capsim.engine import Ledger, compiled, lower, simpy
from capsim.scenario import Scenario
from capsim.stats.slices import TallyRun

CLOSED_CLIENTS = 1000


def scenario(workload: Workload, requests: int, seed: int = 0) -> Scenario:
    """A scenario that sends about so many requests of a workload: Q + b `service_per_request` a batch."""
    cv = workload.jitter_cv
    service: dict[str, Any] = {"distribution": "lognormal" if cv else "constant", "mean": _ms(workload.service_base_s)}
    if cv:
        service["cv"] = cv
    batching: dict[str, Any] = {"policy": "none"}
    if workload.max_batch_size > 1:
        delay = _ms(workload.max_queue_delay_s)
        batching = {"policy": "dynamic", "max_batch_size": workload.max_batch_size, "max_queue_delay": delay}
    pool = {
        "name": "servers",
        "servers": workload.servers,
        "service": service,
        "overhead": {"per_request": _ms(workload.service_per_request_s)},
        "batching": batching,
    }
    return Scenario.model_validate(
        {
            "name": workload.name,
            "workload": {"arrivals": {"process": "poisson", "rate": f"{workload.rate_per_s:.9f} /s"}},
            "pools": [pool],
            "route": [{"pools": ["servers"], "balancer": workload.balancer}],
            "run": _run(requests / workload.rate_per_s, seed),
        }
    )


def closed_loop(requests: int, seed: int = 0) -> Scenario:
    """The servers of B under 1,000 clients that think for 100 ms on average."""
    document = scenario(B, 1).to_document()
    think = {"distribution": "exponential", "mean": "100 ms"}
    document["workload"] = {"arrivals": {"process": "closed_loop", "clients": CLOSED_CLIENTS, "think_time": think}}
    document["name"] = "closed loop"
    # About 7,000 requests/s are answered.
    document["run"] = _run(requests / 7000, seed)
    return Scenario.model_validate(document)


def three_steps(requests: int, seed: int = 0) -> Scenario:
    """Preprocessing, inference in batches and postprocessing, each on a pool of its own."""
    rate = 4000
    pools: list[dict[str, Any]] = [
        {"name": "before", "servers": 4, "service": {"distribution": "exponential", "mean": "0.7 ms"}},
        {
            "name": "model",
            "servers": 4,
            "service": {"distribution": "lognormal", "mean": "5 ms", "cv": 0.1},
            "overhead": {"per_request": "0.5 ms"},
            "batching": {"policy": "dynamic", "max_batch_size": 32, "max_queue_delay": "2 ms"},
        },
        {"name": "after", "servers": 2, "service": {"distribution": "exponential", "mean": "0.35 ms"}},
    ]
    document = {
        "name": "three steps",
        "workload": {"arrivals": {"process": "poisson", "rate": f"{rate} /s"}},
        "pools": pools,
        "route": [{"pools": [pool["name"]]} for pool in pools],
        "run": _run(requests / rate, seed),
    }
    return Scenario.model_validate(document)


def many_servers(servers: int, balancer: str, pools: int, requests: int) -> Scenario:
    """Workload C on other numbers of servers, in pools of equal size."""
    document = scenario(replace(C, servers=servers), requests).to_document()
    pool = document["pools"][0]
    document["pools"] = [{**pool, "name": f"p{i}", "servers": servers // pools} for i in range(pools)]
    document["route"] = [{"pools": [f"p{i}" for i in range(pools)], "balancer": balancer}]
    return Scenario.model_validate(document)


def build(name: str, requests: int, seed: int = 0) -> Scenario:
    """The scenario of a workload's name."""
    if name in CLASSIC:
        return scenario(CLASSIC[name], requests, seed)
    return {"closed": closed_loop, "route": three_steps}[name](requests, seed)


CLASSIC = {"A": A, "B": B, "C": C}
NAMES = (*CLASSIC, "closed", "route")


def capsim_simpy(name: str, requests: int, seed: int) -> RivalResult:
    """Capsim's SimPy engine, from the blueprint to the ledger."""
    blueprint = lower(build(name, requests, seed))
    started = time.process_time()
    ledger = simpy.run(blueprint)
    return _result(ledger, time.process_time() - started)


def capsim_compiled(name: str, requests: int, seed: int) -> RivalResult:
    """Capsim's compiled engine with a row per request, from the blueprint to the ledger."""
    blueprint = lower(build(name, requests, seed))
    started = time.process_time()
    ledger = compiled.run(blueprint)
    return _result(ledger, time.process_time() - started)


def capsim_tally(name: str, requests: int, seed: int) -> RivalResult:
    """Capsim's compiled engine with histograms, from the blueprint to the tally."""
    blueprint = lower(build(name, requests, seed))
    started = time.process_time()
    tally = compiled.run_tally(blueprint, 0)
    cpu_s = time.process_time() - started
    seen = TallyRun(tally, blueprint).seen(0, blueprint.horizon_ns).latency_s.finite
    return RivalResult(len(tally), cpu_s, seen.mean, seen.quantile(0.99))


def _result(ledger: Ledger, cpu_s: float) -> RivalResult:
    latencies_s = ledger.latencies_ns() / 1e9
    return RivalResult(len(ledger), cpu_s, float(np.mean(latencies_s)), float(np.quantile(latencies_s, 0.99)))


def _run(horizon_s: float, seed: int) -> dict[str, Any]:
    return {"horizon": f"{horizon_s:.9f} s", "warmup": "0 s", "replications": 1, "seed": seed}


def _ms(seconds: float) -> str:
    return f"{seconds * 1e3:g} ms"
