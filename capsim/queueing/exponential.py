"""Queues with exponential service: Erlang's formulas, M/M/c, M/M/c/K and the closed loop.

Sources: Erlang, "Solution of some problems in the theory of probabilities of significance in automatic
telephone exchanges" (1917); Gross, Shortle, Thompson and Harris, "Fundamentals of Queueing Theory", 4th
edition (2008), chapter 2; Kleinrock, "Queueing Systems", volume 1 (1975), chapter 3.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from capsim.queueing.inputs import (
    require_count,
    require_not_negative,
    require_positive,
    require_probability,
    stable_load,
)


def erlang_b(servers: int, offered_load: float) -> float:
    """Probability that a request is lost in M/G/c/c, which has no queue (Erlang 1917, the B formula).

    By the recurrence B(n) = a B(n-1) / (n + a B(n-1)), which neither overflows nor subtracts.

    Args:
        servers: number of servers, c.
        offered_load: arrival rate times mean service time, in erlangs; it may exceed the servers.
    """
    require_count(servers=servers)
    require_not_negative(offered_load=offered_load)
    blocking = 1.0
    for server in range(1, servers + 1):
        blocking = offered_load * blocking / (server + offered_load * blocking)
    return blocking


def erlang_c(servers: int, offered_load: float) -> float:
    """Probability that a request waits in M/M/c (Erlang 1917, the C formula, from B).

    Args:
        servers: number of servers, c.
        offered_load: in erlangs.

    Raises:
        ValueError: the offered load is not below the number of servers.
    """
    blocking = erlang_b(servers, offered_load)
    if offered_load >= servers:
        raise ValueError(f"unstable: an offered load of {offered_load:g} erlang needs more servers than {servers}")
    return servers * blocking / (servers - offered_load * (1 - blocking))


def mmc_mean_waiting_s(arrival_rate_per_s: float, service_mean_s: float, servers: int) -> float:
    """Mean waiting time in M/M/c, in seconds: C(c, a) / (c mu - lambda) (Gross et al. 2008, section 2.3).

    Args:
        arrival_rate_per_s: of the Poisson arrivals.
        service_mean_s: mean of the exponential service time.
        servers: number of servers that share one queue.

    Raises:
        ValueError: the offered load is not below the number of servers.
    """
    load = stable_load(arrival_rate_per_s, service_mean_s, servers)
    return erlang_c(servers, load) * service_mean_s / (servers - load)


def mmc_mean_latency_s(arrival_rate_per_s: float, service_mean_s: float, servers: int) -> float:
    """Mean latency (waiting and service) in M/M/c, in seconds; arguments as for `mmc_mean_waiting_s`."""
    return mmc_mean_waiting_s(arrival_rate_per_s, service_mean_s, servers) + service_mean_s


def mmc_waiting_quantile_s(arrival_rate_per_s: float, service_mean_s: float, servers: int, probability: float) -> float:
    """Quantile of the waiting time in M/M/c, in seconds.

    P(W > t) = C(c, a) exp(-(c mu - lambda) t), and an atom at zero (Gross et al. 2008, section 2.3).
    """
    require_probability(probability)
    load = stable_load(arrival_rate_per_s, service_mean_s, servers)
    waits = erlang_c(servers, load)
    if waits <= 1 - probability:
        return 0.0
    return math.log(waits / (1 - probability)) * service_mean_s / (servers - load)


def mmc_latency_exceeds(arrival_rate_per_s: float, service_mean_s: float, servers: int, latency_s: float) -> float:
    """Probability that the latency in M/M/c exceeds `latency_s` (Gross et al. 2008, section 2.3).

    A request that waits (probability C) takes an exponential wait of rate theta = c mu - lambda and then a
    service of rate mu. The tail of their sum is written so that theta near mu loses no digits.
    """
    require_not_negative(latency_s=latency_s)
    load = stable_load(arrival_rate_per_s, service_mean_s, servers)
    waits = erlang_c(servers, load)
    # In units of the mean service time: mu = 1, theta = c - a.
    time, drain = latency_s / service_mean_s, servers - load
    slow, fast = min(1.0, drain), max(1.0, drain)
    gap = fast - slow
    lag = -math.expm1(-gap * time) / gap if gap > 0 else time
    sum_exceeds = math.exp(-fast * time) + fast * math.exp(-slow * time) * lag
    return (1 - waits) * math.exp(-time) + waits * sum_exceeds


def mmc_latency_quantile_s(arrival_rate_per_s: float, service_mean_s: float, servers: int, probability: float) -> float:
    """Quantile of the latency in M/M/c, in seconds: `mmc_latency_exceeds` solved for the time.

    Args:
        arrival_rate_per_s: of the Poisson arrivals.
        service_mean_s: mean of the exponential service time.
        servers: number of servers that share one queue.
        probability: of the quantile, 0.99 for p99.

    Raises:
        ValueError: the offered load is not below the number of servers.
    """
    from scipy.optimize import brentq  # imported late: it costs more than everything else here

    require_probability(probability)
    load = stable_load(arrival_rate_per_s, service_mean_s, servers)

    def excess(time: float) -> float:
        return mmc_latency_exceeds(load, 1.0, servers, time) - (1 - probability)

    upper = 1.0
    while excess(upper) > 0:
        upper *= 2
    return float(brentq(excess, 0.0, upper, xtol=1e-15 * upper)) * service_mean_s


def mm1_mean_waiting_s(arrival_rate_per_s: float, service_mean_s: float) -> float:
    """Mean waiting time in M/M/1, in seconds: rho / (mu - lambda)."""
    load = stable_load(arrival_rate_per_s, service_mean_s)
    return load * service_mean_s / (1 - load)


def mm1_mean_latency_s(arrival_rate_per_s: float, service_mean_s: float) -> float:
    """Mean latency in M/M/1, in seconds: 1 / (mu - lambda)."""
    return service_mean_s / (1 - stable_load(arrival_rate_per_s, service_mean_s))


def mm1_latency_quantile_s(arrival_rate_per_s: float, service_mean_s: float, probability: float) -> float:
    """Quantile of the latency in M/M/1, in seconds: the latency is exponential with rate mu - lambda."""
    require_probability(probability)
    return -math.log1p(-probability) * mm1_mean_latency_s(arrival_rate_per_s, service_mean_s)


def mmck_number_shares(
    arrival_rate_per_s: float, service_mean_s: float, servers: int, queue_capacity: int
) -> NDArray[np.float64]:
    """Shares of time with 0, 1, … c + queue_capacity requests in M/M/c/K (Gross et al. 2008, section 2.5).

    Poisson arrivals see time averages (Wolff 1982), so the last share is the probability of rejection.

    Args:
        arrival_rate_per_s: offered; it may exceed the capacity.
        service_mean_s: mean of the exponential service time.
        servers: number of servers, c.
        queue_capacity: places for those that wait; K is c + queue_capacity.
    """
    require_positive(arrival_rate_per_s=arrival_rate_per_s, service_mean_s=service_mean_s)
    require_count(servers=servers)
    require_not_negative(queue_capacity=queue_capacity)
    number = np.arange(1, servers + queue_capacity + 1)
    births = np.full(len(number), arrival_rate_per_s)
    return _birth_death(births, np.minimum(number, servers) / service_mean_s)


def mmck_blocking(arrival_rate_per_s: float, service_mean_s: float, servers: int, queue_capacity: int) -> float:
    """Probability that a request is rejected in M/M/c/K; arguments as for `mmck_number_shares`."""
    return float(mmck_number_shares(arrival_rate_per_s, service_mean_s, servers, queue_capacity)[-1])


def mmck_mean_latency_s(arrival_rate_per_s: float, service_mean_s: float, servers: int, queue_capacity: int) -> float:
    """Mean latency of the requests that M/M/c/K accepts, in seconds, through Little's law."""
    shares = mmck_number_shares(arrival_rate_per_s, service_mean_s, servers, queue_capacity)
    accepted_per_s = arrival_rate_per_s * float(shares[:-1].sum())
    return float(shares @ np.arange(len(shares))) / accepted_per_s


@dataclass(frozen=True)
class ClosedLoop:
    """What clients that wait for each answer see in the long run.

    Attributes:
        throughput_per_s: requests answered per second, of all clients together.
        mean_latency_s: from sending to the answer.
        utilisation: share of the servers that is busy.
    """

    throughput_per_s: float
    mean_latency_s: float
    utilisation: float


def closed_mmc(clients: int, think_time_mean_s: float, service_mean_s: float, servers: int) -> ClosedLoop:
    """The closed loop (machine repair, finite source) with c exponential servers, exactly.

    A birth-death chain of the number at the servers (Gross et al. 2008, section 2.8). Only the mean of the
    think time matters, not its law (a delay station is insensitive: Baskett et al. 1975).

    Args:
        clients: each has one request under way or thinks.
        think_time_mean_s: mean time between an answer and the next request; zero is allowed.
        service_mean_s: mean of the exponential service time.
        servers: number of servers that share one queue.
    """
    require_count(clients=clients, servers=servers)
    require_not_negative(think_time_mean_s=think_time_mean_s)
    require_positive(service_mean_s=service_mean_s)
    number = np.arange(clients + 1)
    busy = np.minimum(number, servers)
    if think_time_mean_s == 0:
        shares = (number == clients).astype(np.float64)
    else:
        births = (clients - number[:-1]) / think_time_mean_s
        shares = _birth_death(births, busy[1:] / service_mean_s)
    mean_busy = float(shares @ busy)
    throughput = mean_busy / service_mean_s
    return ClosedLoop(throughput, float(shares @ number) / throughput, mean_busy / servers)


def _birth_death(births: NDArray[np.float64], deaths: NDArray[np.float64]) -> NDArray[np.float64]:
    """Stationary shares of a birth-death chain; deaths[n] leads back from n + 1. Logarithms: no overflow."""
    weights = np.concatenate(([0.0], np.cumsum(np.log(births) - np.log(deaths))))
    shares = np.exp(weights - weights.max())
    stationary: NDArray[np.float64] = shares / shares.sum()
    return stationary
