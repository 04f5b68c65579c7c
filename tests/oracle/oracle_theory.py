"""Closed forms that the oracles need beside `capsim.queueing`. Times are seconds, rates are per second."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.special import gammaincc

from capsim.queueing import erlang_b


def gaps_transform(rate: float, cv: float) -> Callable[[float], float]:
    """The Laplace transform of gamma distributed gaps; cv 0 stands for equal gaps."""
    if cv == 0:
        return lambda s: math.exp(-s / rate)
    shape = 1 / cv**2
    return lambda s: (1 + s / (shape * rate)) ** -shape


def gim1_found_busy(rate: float, service_mean_s: float, cv: float) -> float:
    """The share of arrivals that find the one exponential server busy in GI/M/1 (Kleinrock 1975, section 6.4).

    It is the root below 1 of x = A(mu (1 - x)); the latency is exponential with rate mu (1 - x).
    """
    transform, mu = gaps_transform(rate, cv), 1 / service_mean_s
    return float(brentq(lambda x: transform(mu * (1 - x)) - x, 0.0, 1 - 1e-9, xtol=1e-15))


def hypoexponential_quantile_s(first_rate: float, second_rate: float, probability: float) -> float:
    """The quantile of the sum of two independent exponential times of different rates."""

    def exceeds(t: float) -> float:
        late = second_rate * math.exp(-first_rate * t) - first_rate * math.exp(-second_rate * t)
        return late / (second_rate - first_rate)

    return float(brentq(lambda t: exceeds(t) - (1 - probability), 0.0, 100 / min(first_rate, second_rate)))


def impatient_mm1(rate: float, service_mean_s: float, patience_s: float) -> tuple[float, float]:
    """M/M/1 whose requests leave after waiting `patience_s`: the share that leaves, and the others' mean wait.

    From the density of the work ahead of an arrival: f(x) = p rate exp(-(mu - rate) x) up to the patience, and
    beyond it falls at rate mu (Baccelli, Boyer and Hebuterne, "Single-server queues with impatient customers",
    Advances in Applied Probability 16, 1984).
    """
    mu = 1 / service_mean_s
    drift = mu - rate
    within = rate * -math.expm1(-drift * patience_s) / drift
    beyond = rate * math.exp(-drift * patience_s) / mu
    empty = 1 / (1 + within + beyond)
    waited, _ = quad(lambda x: x * empty * rate * math.exp(-drift * x), 0, patience_s)
    left = empty * beyond
    return left, waited / (1 - left)


def shared_device_mean_number(rate: float, service_mean_s: float, instances: int, overlap: float) -> float:
    """Mean number of requests at one device with exponential work whose instances slow each other.

    With k batches running, work is done at k / (1 + (k - 1)(1 - overlap)) times the speed of one: a birth-death
    chain. With overlap 0 and instances enough it is processor sharing, whose mean no service law changes
    (Kleinrock 1976, section 4.4).
    """
    most = 2000
    running = np.minimum(np.arange(1, most + 1), instances)
    speed = running / (1 + (running - 1) * (1 - overlap))
    weights = np.concatenate(([0.0], np.cumsum(np.log(rate * service_mean_s / speed))))
    shares = np.exp(weights - weights.max())
    return float(shares @ np.arange(most + 1) / shares.sum())


def window_mean_waiting_s(rate: float, delay_s: float) -> float:
    """Mean wait where the first of a batch waits `delay_s` for company and an instance is always idle.

    A batch holds its first request and those of a Poisson stream in the delay, which on average wait half of it.
    """
    followers = rate * delay_s
    return (delay_s + followers * delay_s / 2) / (1 + followers)


def engset_blocking(clients: int, think_time_mean_s: float, service_mean_s: float, servers: int) -> float:
    """The share of requests turned away by `servers` without a queue, sent by clients who think (Engset 1918).

    A request finds what the other clients left: a chain of one client fewer.
    """
    load = service_mean_s / think_time_mean_s
    weights = [math.comb(clients - 1, number) * load**number for number in range(servers + 1)]
    return weights[-1] / sum(weights)


def piecewise_linear_moments(curve: NDArray[np.float64]) -> tuple[float, float]:
    """Mean and coefficient of variation of a variable with this piecewise linear quantile function."""
    low, high = curve[:-1], curve[1:]
    mean = float(np.mean((low + high) / 2))
    square = float(np.mean((low * low + low * high + high * high) / 3))
    return mean, math.sqrt(square - mean * mean) / mean


def carried_load(servers: int, offered_load: float) -> float:
    """The share of the servers that is busy where who finds none idle is lost."""
    return offered_load * (1 - erlang_b(servers, offered_load)) / servers


@dataclass(frozen=True)
class Modulated:
    """M/M/1 whose arrivals are an MMPP of states in turn, as a quasi-birth-death chain.

    The number in the system is the level, the state of the arrivals the phase: with R the least solution of
    A0 + R A1 + R² A2 = 0, the shares of the levels are x R^n (Neuts, Matrix-Geometric Solutions in Stochastic Models,
    1981, chapter 3; Fischer and Meier-Hellstern, "The Markov-modulated Poisson process (MMPP) cookbook", Performance
    Evaluation 18, 1993).

    Attributes:
        rates: of each state.
        sojourns_s: how long each lasts on average.
        service_mean_s: exponential.
    """

    rates: tuple[float, ...]
    sojourns_s: tuple[float, ...]
    service_mean_s: float

    @cached_property
    def rate(self) -> float:
        """Arrivals per second on average."""
        return float(np.average(self.rates, weights=self.sojourns_s))

    @cached_property
    def _levels(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """x and R."""
        phases, mu = len(self.rates), 1 / self.service_mean_s
        leaving = np.diag(1 / np.array(self.sojourns_s))
        generator = leaving @ (np.roll(np.eye(phases), 1, axis=1) - np.eye(phases))
        more, same = np.diag(self.rates), generator - np.diag(self.rates) - mu * np.eye(phases)
        ratio, before = np.zeros((phases, phases)), np.ones((phases, phases))
        while np.abs(ratio - before).max() > 1e-14:
            ratio, before = -more @ np.linalg.inv(same + mu * ratio), ratio
        # Nobody there: balance of the phases, and all shares together are 1.
        balance = (same + mu * np.eye(phases) + mu * ratio).T
        balance[-1] = np.linalg.inv(np.eye(phases) - ratio).sum(axis=1)
        return np.linalg.solve(balance, np.eye(phases)[-1]), ratio

    @property
    def mean_latency_s(self) -> float:
        """Of the mean number in the system, by Little's law."""
        empty, ratio = self._levels
        inverse = np.linalg.inv(np.eye(len(self.rates)) - ratio)
        return float((empty @ ratio @ inverse @ inverse).sum() / self.rate)

    def latency_quantile_s(self, probability: float) -> float:
        """Of the time of those whom an arrival finds, and its own: Erlang of one more stage than there are."""
        empty, ratio = self._levels
        levels, level = [], empty
        while level.sum() > 1e-14:
            levels.append(float(level @ self.rates) / self.rate)
            level = level @ ratio
        seen, stages = np.array(levels), np.arange(1, len(levels) + 1)

        def exceeds(t: float) -> float:
            return float(seen @ gammaincc(stages, t / self.service_mean_s)) - (1 - probability)

        return float(brentq(exceeds, 0.0, 100 * len(levels) * self.service_mean_s))
