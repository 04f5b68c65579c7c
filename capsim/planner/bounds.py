"""What can be ruled out without simulation: each rule bounds the latency from below, whatever chance does."""

from __future__ import annotations

import math

import numpy as np

from capsim import queueing
from capsim.scenario import Pool, Scenario
from capsim.scenario.demand import overload
from capsim.scenario.known import SINGLE_QUEUES, STRAIGHT, knows
from capsim.scenario.service import service_times
from capsim.stats.times import LEVELS
from capsim.units import NS_PER_S

CLEARLY = 1.1
"""How far above a target a bound must be: a simulation that is a little lucky must not be overruled."""
POINTS = 2001


def impossible(scenario: Scenario) -> str | None:
    """Why no simulation can find the objective met, as far as formulas tell."""
    too_much = overload(scenario)
    if too_much is not None:
        return "{:.4g} requests/s are offered, at most {:.4g} can be served".format(*too_much)
    for name, target_ns in (scenario.objective.targets_ns() if scenario.objective else {}).items():
        target_s, level = target_ns / NS_PER_S, LEVELS.get(name)
        least_s = _least_latency_s(scenario, level)
        if least_s is not None and least_s > CLEARLY * target_s:
            return f"{name} is at least {least_s * 1e3:.4g} ms without any queue, {_above(least_s, target_s)}"
        known_s = _known_latency_s(scenario, level)
        if known_s is not None and known_s > CLEARLY * target_s:
            return f"{name} is {known_s * 1e3:.4g} ms by queueing theory, {_above(known_s, target_s)}"
    return None


def _above(value_s: float, target_s: float) -> str:
    return f"{value_s / target_s - 1:.0%} above the objective".replace("%", " %")


def _least_latency_s(scenario: Scenario, level: float | None) -> float | None:
    """A latency statistic of a system in which nobody waits and every batch has the quickest size (s).

    A percentile of a sum is at least that of its largest part with the others at their least.
    """
    if not knows(STRAIGHT, scenario):
        return None
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
        quickest = times.curves_ns.min(axis=0)
        # Extrapolated sizes may be quicker than measured ones.
        return np.asarray(fixed + (np.zeros_like(quickest) if pool.extrapolate else quickest))
    assert pool.service is not None, "a pool has a profile or a service"  # noqa: S101
    u = np.linspace(0.0, 1.0, POINTS)
    u[0], u[-1] = 1e-9, 1 - 1e-9
    return np.asarray(fixed + float(times.mean_ns.min()) * pool.service.unit_quantile(u))


def _known_latency_s(scenario: Scenario, level: float | None) -> float | None:
    """The latency statistic where the scenario is a system that theory has solved (s).

    Poisson arrivals at one queue, or at several to which they are sent at random: these are Poisson again.
    """
    if not knows(SINGLE_QUEUES, scenario):
        return None
    arrivals, pool, network = scenario.workload.arrivals, scenario.pools[0], scenario.network
    queues = 1 if pool.queue.shared else pool.servers
    poisson = arrivals.process == "poisson" and arrivals.steady
    divided = queues == 1 or scenario.steps[0].balancer.policy == "random"
    lone = len(scenario.pools) == len(scenario.steps) == 1 and pool.abreast == 1 and pool.batching.policy == "none"
    if not (poisson and divided and lone):
        return None
    rate, servers, items = arrivals.rate / queues, pool.servers // queues, scenario.workload.items_per_request
    fixed = network.transfer_ns(network.request_size) + network.transfer_ns(network.response_size)
    solved_s = _solved_s(pool, items, rate, servers, level)
    return None if solved_s is None else solved_s + fixed / NS_PER_S


def _solved_s(pool: Pool, items: int, rate_per_s: float, servers: int, level: float | None) -> float | None:
    """The latency at one queue of the pool without the network (s): M/M/c or M/D/1."""
    times = service_times(pool, items)
    mean_s = (float(times.mean_ns[0]) + float(times.overhead_ns[0])) / NS_PER_S
    law = pool.service.distribution if pool.service is not None else ""
    if law == "exponential" and times.overhead_ns[0] == 0:
        if level is None:
            return queueing.mmc_mean_latency_s(rate_per_s, mean_s, servers)
        return queueing.mmc_latency_quantile_s(rate_per_s, mean_s, servers, level)
    if law == "constant" and servers == 1:
        if level is None:
            return mean_s + queueing.md1_mean_waiting_s(rate_per_s, mean_s)
        return queueing.md1_latency_quantile_s(rate_per_s, mean_s, level)
    return None
