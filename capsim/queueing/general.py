"""Queues with other service laws: M/D/1, M/G/1, and the approximation for G/G/c."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from capsim.queueing.exponential import mmc_mean_waiting_s
from capsim.queueing.inputs import require_not_negative, require_probability, stable_load

POISSON_TERMS = 40  # of a mean of at most 1; what lies beyond is below 1e-47
STATES_TO_GEOMETRIC = 64  # by then the ratio of successive probabilities in M/D/1 has settled to the last bit


def mg1_mean_waiting_s(arrival_rate_per_s: float, service_mean_s: float, service_cv: float) -> float:
    """Mean waiting time in M/G/1, in seconds (Pollaczek 1930 and Khinchine 1932).

    rho S (1 + cv²) / (2 (1 - rho)), exact for any service law with this mean and coefficient of variation.

    Args:
        arrival_rate_per_s: of the Poisson arrivals.
        service_mean_s: mean service time.
        service_cv: its standard deviation over its mean.

    Raises:
        ValueError: the offered load is not below one server.
    """
    require_not_negative(service_cv=service_cv)
    load = stable_load(arrival_rate_per_s, service_mean_s)
    return load * service_mean_s * (1 + service_cv**2) / (2 * (1 - load))


def ggc_mean_waiting_approximation_s(
    arrival_rate_per_s: float, service_mean_s: float, servers: int, arrival_cv: float, service_cv: float
) -> float:
    """APPROXIMATE mean waiting time in G/G/c, in seconds: a first guess, never an oracle.

    Allen and Cunneen (Allen, "Probability, Statistics, and Queueing Theory", 1978): the M/M/c wait times
    (ca² + cs²) / 2. With one server it is Kingman's heavy-traffic formula (Kingman 1961). Exact for M/M/c and
    M/G/1, good near saturation, and poor where arrivals are burstier than two numbers can tell.

    Args:
        arrival_rate_per_s: mean rate of a renewal process.
        service_mean_s: mean service time.
        servers: number of servers that share one queue.
        arrival_cv: coefficient of variation of the gaps between arrivals.
        service_cv: coefficient of variation of the service time.
    """
    require_not_negative(arrival_cv=arrival_cv, service_cv=service_cv)
    variability = (arrival_cv**2 + service_cv**2) / 2
    return mmc_mean_waiting_s(arrival_rate_per_s, service_mean_s, servers) * variability


def md1_mean_waiting_s(arrival_rate_per_s: float, service_s: float) -> float:
    """Mean waiting time in M/D/1, in seconds: M/G/1 without variation."""
    return mg1_mean_waiting_s(arrival_rate_per_s, service_s, 0.0)


def md1_waiting_exceeds(arrival_rate_per_s: float, service_s: float, waiting_s: float) -> float:
    """Probability that the waiting time in M/D/1 exceeds `waiting_s`.

    Erlang's series (1909) for this alternates and loses all digits at high load. Here every term is positive
    (the idea of Franx, "A simple solution for the M/D/c waiting time distribution", 2001). Let m be the least
    whole number with m D > t, and look back u = m D - t before the arrival. Who waited then, and who came
    since, goes first, and at most m of them start until t after the arrival. So
    P(W > t) = P(number waiting + Poisson(lambda u) >= m).

    Args:
        arrival_rate_per_s: of the Poisson arrivals.
        service_s: the constant service time, D.
        waiting_s: the time t.

    Raises:
        ValueError: the offered load is not below one server.
    """
    require_not_negative(waiting_s=waiting_s)
    load = stable_load(arrival_rate_per_s, service_s)
    time = waiting_s / service_s
    beyond = _md1_number_beyond(load, math.floor(time) + 2)
    return _md1_exceeds(load, time, beyond)


def md1_waiting_quantile_s(arrival_rate_per_s: float, service_s: float, probability: float) -> float:
    """Quantile of the waiting time in M/D/1, in seconds: `md1_waiting_exceeds` solved for the time.

    Args:
        arrival_rate_per_s: of the Poisson arrivals.
        service_s: the constant service time.
        probability: of the quantile, 0.99 for p99.

    Raises:
        ValueError: the offered load is not below one server.
    """
    from scipy.optimize import brentq  # imported late: it costs more than everything else here

    require_probability(probability)
    load = stable_load(arrival_rate_per_s, service_s)
    if load <= 1 - probability:
        return 0.0
    states = STATES_TO_GEOMETRIC
    while (beyond := _md1_number_beyond(load, states))[-1] > 1 - probability:
        states *= 2
    # P(W > m D) is the probability of more than m in the system, so the quantile lies in one known service.
    services = int(np.argmax(beyond <= 1 - probability))
    latest = np.nextafter(services, 0.0)

    def excess(time: float) -> float:
        return _md1_exceeds(load, time, beyond) - (1 - probability)

    return float(brentq(excess, services - 1, latest, xtol=1e-15 * services)) * service_s


def md1_latency_quantile_s(arrival_rate_per_s: float, service_s: float, probability: float) -> float:
    """Quantile of the latency in M/D/1, in seconds: that of the waiting time, and the service."""
    return md1_waiting_quantile_s(arrival_rate_per_s, service_s, probability) + service_s


def _md1_exceeds(load: float, time: float, beyond: NDArray[np.float64]) -> float:
    """P(W > time), times in services; `beyond[k]` is the probability of more than k in the system."""
    services = math.floor(time) + 1
    since = _poisson(load * (services - time))
    # More than i in the system are at least i waiting; with i <= 0 that is certain.
    waiting = services - np.arange(POISSON_TERMS)
    at_least = np.where(waiting > 0, beyond[np.maximum(waiting, 0)], 1.0)
    return float(since @ at_least)


def _md1_number_beyond(load: float, states: int) -> NDArray[np.float64]:
    """Probabilities of more than 0, 1, … `states` - 1 in the system, in M/D/1.

    The number left behind at a departure is a Markov chain. What crosses a cut upwards also comes down, by
    one at a time: p[n] a[0] = p[0] P(A >= n) + sum over 0 < k < n of p[k] P(A >= n + 1 - k), where A counts
    the arrivals in a service and a[0] is the probability of none. All terms are positive, so no digits are
    lost (compare Ramaswami 1988). Beyond the last state the probabilities are geometric.
    """
    arrivals = _poisson(load)
    at_least = np.cumsum(arrivals[::-1])[::-1]
    last = states + STATES_TO_GEOMETRIC
    share = np.zeros(last + 1)
    share[0] = 1 - load
    for number in range(1, last + 1):
        first = max(1, number + 2 - POISSON_TERMS)
        up = share[first:number] @ at_least[number + 1 - first : 1 : -1]
        if number < POISSON_TERMS:
            up += share[0] * at_least[number]
        share[number] = up / arrivals[0]
    ratio = share[-1] / share[-2] if share[-2] > 0 else 0.0
    remainder = share[-1] * ratio / (1 - ratio)
    beyond = np.cumsum(np.append(share[1:], remainder)[::-1])[::-1]
    return np.asarray(beyond[:states], dtype=np.float64)


def _poisson(mean: float) -> NDArray[np.float64]:
    """The first POISSON_TERMS Poisson probabilities of a mean of at most 1."""
    steps = np.concatenate(([math.exp(-mean)], mean / np.arange(1, POISSON_TERMS)))
    return np.asarray(np.cumprod(steps), dtype=np.float64)
