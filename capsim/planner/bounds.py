"""What can be ruled out without simulation: each rule bounds the latency from below, whatever chance does."""

from __future__ import annotations

import math

import numpy as np

from capsim import queueing
from capsim.scenario import Pool, Scenario
from capsim.scenario.service import capacity_per_s, service_times
from capsim.stats.times import LEVELS
from capsim.units import NS_PER_S

CLEARLY = 1.1
"""How far above a target a bound must be: a simulation that is a little lucky must not be overruled."""
POINTS = 2001


def impossible(scenario: Scenario) -> str | None:
    """Why no simulation can find the objective met, as far as formulas tell."""
    offered = scenario.workload.arrivals.offered_per_s(scenario.run.horizon / NS_PER_S)
    if offered is not None:
        capacity = capacity_per_s(scenario)
        if offered >= capacity:
            return f"{offered:.4g} requests/s are offered, at most {capacity:.4g} can be served"
    assert scenario.objective is not None, "the planner has seen to it"  # noqa: S101
    for name, target_ns in scenario.objective.targets_ns().items():
        target_s, level = target_ns / NS_PER_S, LEVELS.get(name)
        least_s = _least_latency_s(scenario, level)
        if least_s > CLEARLY * target_s:
            return f"{name} is at least {least_s * 1e3:.4g} ms without any queue, {_above(least_s, target_s)}"
        known_s = _known_latency_s(scenario, level)
        if known_s is not None and known_s > CLEARLY * target_s:
            return f"{name} is {known_s * 1e3:.4g} ms by queueing theory, {_above(known_s, target_s)}"
    return None


def _above(value_s: float, target_s: float) -> str:
    return f"{value_s / target_s - 1:.0%} above the objective".replace("%", " %")


def _least_latency_s(scenario: Scenario, level: float | None) -> float:
    """A latency statistic of a system in which nobody waits and every batch has the quickest size (s).

    A percentile of a sum is at least that of its largest part with the others at their least.
    """
    network, items = scenario.network, scenario.workload.items_per_request
    fixed = network.transfer_ns(network.request_size) + network.transfer_ns(network.response_size)
    least, wanted = [], []
    for step in scenario.steps:
        curves = [_quickest(scenario.pool(name), items) for name in step.pools]
        least.append(min(float(curve[0]) for curve in curves))
        wanted.append(min(_statistic(curve, level) for curve in curves))
    if level is None:
        return (fixed + sum(wanted)) / NS_PER_S
    extra = max(above - below for above, below in zip(wanted, least, strict=True))
    return (fixed + sum(least) + extra) / NS_PER_S


def _statistic(curve: np.ndarray[tuple[int], np.dtype[np.float64]], level: float | None) -> float:
    """A lower bound of the mean or a quantile, from a quantile function at equal distances."""
    if level is None:
        return float(curve[:-1].mean())
    return float(curve[math.floor(level * (len(curve) - 1))])


def _quickest(pool: Pool, items: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """The quantile function of the time in a pool with the quickest batch size at each probability (ns)."""
    times = service_times(pool, items)
    fixed = pool.front_end.before + pool.front_end.after + float(times.overhead_ns.min())
    if times.curves_ns is not None:
        # Extrapolated sizes may be quicker than measured ones.
        curve = times.curves_ns.min(axis=0) * (0.0 if pool.extrapolate else 1.0)
        return np.asarray(fixed + curve)
    assert pool.service is not None, "a pool has a profile or a service"  # noqa: S101
    u = np.linspace(0.0, 1.0, POINTS)
    u[0], u[-1] = 1e-9, 1 - 1e-9
    return np.asarray(fixed + float(times.mean_ns.min()) * pool.service.unit_quantile(u))


def _known_latency_s(scenario: Scenario, level: float | None) -> float | None:
    """The latency statistic where the scenario is a system that theory has solved (s)."""
    arrivals, pool = scenario.workload.arrivals, scenario.pools[0]
    plain = arrivals.process == "poisson" and arrivals.steady and len(scenario.pools) == 1
    if not plain or len(scenario.steps) != 1 or not _simple(pool):
        return None
    network, rate = scenario.network, arrivals.rate
    fixed = network.transfer_ns(network.request_size) + network.transfer_ns(network.response_size)
    times = service_times(pool, scenario.workload.items_per_request)
    mean_s = (float(times.mean_ns[0]) + float(times.overhead_ns[0])) / NS_PER_S
    law = pool.service.distribution if pool.service is not None else ""
    queues = pool.servers if not pool.queue.shared else 1
    if queues > 1 and scenario.steps[0].balancer.policy != "random":
        return None
    rate, servers = rate / queues, pool.servers // queues
    found: float | None = None
    if law == "exponential" and times.overhead_ns[0] == 0:
        if level is None:
            found = queueing.mmc_mean_latency_s(rate, mean_s, servers)
        else:
            found = queueing.mmc_latency_quantile_s(rate, mean_s, servers, level)
    elif law == "constant" and servers == 1:
        if level is None:
            found = mean_s + queueing.md1_mean_waiting_s(rate, mean_s)
        else:
            found = queueing.md1_latency_quantile_s(rate, mean_s, level)
    return None if found is None else found + fixed / NS_PER_S


def _simple(pool: Pool) -> bool:
    """One request at a time, first come, first served, and nobody leaves."""
    front = pool.front_end.before or pool.front_end.after
    limits = (pool.admission, pool.queue.capacity, pool.queue.timeout)
    bounded = any(limit is not None for limit in limits)
    return pool.batching.policy == "none" and pool.abreast == 1 and not front and not bounded
