"""Who sends requests, when, and what they carry."""

from __future__ import annotations

from typing import Any

from capsim.distributions import Distribution
from capsim.engine.blueprint import ArrivalPlan, ClassPlan, ClientsPlan, CrowdPlan, ReplayPlan
from capsim.scenario import Scenario
from capsim.units import NS_PER_S
from capsim.workload import ClosedLoop, Trace


def classes_of(scenario: Scenario) -> tuple[ClassPlan, ...]:
    """The classes of a scenario."""
    network = scenario.network
    only = ClassPlan(
        name="default",
        arrivals=_arrivals(scenario.workload.arrivals),
        up_ns=network.transfer_ns(network.request_size),
        down_ns=network.transfer_ns(network.response_size),
        request_bytes=network.request_size,
        response_bytes=network.response_size,
    )
    return (only,)


def _arrivals(arrivals: Any) -> ArrivalPlan:
    if isinstance(arrivals, Trace):
        return ReplayPlan(arrivals)
    if not isinstance(arrivals, ClosedLoop):
        return CrowdPlan(arrivals)
    think = arrivals.think_time.variate if isinstance(arrivals.think_time, Distribution) else None
    return ClientsPlan(tuple(arrivals.starts_ns()), arrivals.mean_think_ns, think, arrivals.retry_delay)


def expected_requests(scenario: Scenario) -> float | None:
    """About how many requests are sent before the horizon, where that is known beforehand."""
    horizon_s = scenario.run.horizon / NS_PER_S
    offered = scenario.workload.arrivals.offered_per_s(horizon_s)
    return None if offered is None else offered * horizon_s
