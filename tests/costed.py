"""Scenarios whose bill can be reckoned by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from systems import constant, pool, scenario

from capsim.costing import Cost, cost
from capsim.scenario import Scenario
from capsim.simulation import simulate
from capsim.stats import Result

G5 = "aws/g5.xlarge/us-east-1/on-demand"
OWN: dict[str, Any] = {
    "purchase": 14_016,
    "life": "4 y",
    "watts_idle": 100,
    "watts_busy": 300,
    "pue": 1.5,
    "usd_per_kwh": 0.2,
    "rack": 80,
}


def half_used(price: Any, **changes: Any) -> Scenario:
    """Two servers, each busy half of the time: 10 requests per second of 100 ms each."""
    settings: dict[str, Any] = {"servers": 2, "service": constant("100 ms"), "queue": {"shared": True}}
    run = {"horizon": "20 s", "warmup": "0 s"}
    return scenario(
        pool(price=price, **settings), arrivals={"process": "deterministic", "rate": "10 /s"}, run=run, **changes
    )


def costed(price: Any, **changes: Any) -> Cost:
    """What that costs."""
    given = half_used(price, **changes)
    return cost(given, answered(given))


def answered(given: Scenario) -> Result:
    """The answer with exactly half use and 10 requests per second."""
    result = simulate(given, "simpy")
    pools = [replace(each, utilisation=0.5) for each in result.pools]
    goodput = None if result.goodput_per_s is None else replace(result.goodput_per_s, value=10.0)
    return replace(
        result,
        pools=pools,
        throughput_per_s=replace(result.throughput_per_s, value=10.0, ci95=(8.0, 12.5)),
        goodput_per_s=goodput,
    )
