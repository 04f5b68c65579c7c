"""Bulk service against theory, against its continuous-time chain, and against brute force."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from capsim import queueing
from capsim.queueing.bulk import Law

EXACT = 1e-10  # relative; what double precision leaves of an exact formula
SERVICE_S = tuple(0.005 + 0.0005 * size for size in range(1, 33))


@pytest.mark.parametrize(("law", "service_cv"), [("deterministic", 0.0), ("exponential", 1.0)])
@pytest.mark.parametrize("load", [1e-6, 0.3, 0.9, 0.999])
def test_bulk_service_of_single_requests_is_mg1(load: float, law: Law, service_cv: float) -> None:
    single = queueing.bulk_service(load / 0.005, [0.005], law)
    waiting = queueing.mg1_mean_waiting_s(load / 0.005, 0.005, service_cv)
    assert single.mean_latency_s == pytest.approx(0.005 + waiting, rel=EXACT)
    assert single.mean_waiting_s == pytest.approx(waiting, rel=EXACT, abs=1e-15)
    assert single.utilisation == pytest.approx(load, rel=EXACT)


def bulk_by_continuous_chain(rate: float, service_s: tuple[float, ...], most_waiting: int) -> float:
    """Mean latency with exponential service from the balance of (waiting, in service), both numbers."""
    largest = len(service_s)
    size = largest * (most_waiting + 1) + 1  # the last state is idle

    def state(waiting: int, serving: int) -> int:
        return waiting * largest + serving - 1 if serving else size - 1

    generator = np.zeros((size, size))
    number = np.zeros(size)
    generator[size - 1, state(0, 1)] = rate
    for waiting in range(most_waiting + 1):
        batch = min(waiting, largest)
        for serving in range(1, largest + 1):
            here = state(waiting, serving)
            number[here] = waiting + serving
            generator[here, state(waiting - batch, batch)] += 1 / service_s[serving - 1]
            if waiting < most_waiting:
                generator[here, state(waiting + 1, serving)] += rate
    generator -= np.diag(generator.sum(axis=1))
    balance = generator.T
    balance[-1] = 1.0
    shares = np.linalg.solve(balance, np.eye(size)[-1])
    return float(shares @ number) / rate


@pytest.mark.parametrize("load", [0.05, 0.5, 0.8])
@pytest.mark.parametrize("service_s", [(0.4, 0.5, 0.9, 1.0), (1.0, 1.0), (2.0, 0.7, 1.5)])
def test_exponential_bulk_service_agrees_with_its_continuous_chain(load: float, service_s: tuple[float, ...]) -> None:
    rate = load * len(service_s) / service_s[-1]
    expected = bulk_by_continuous_chain(rate, service_s, 300)
    assert queueing.bulk_service_mean_latency_s(rate, service_s, "exponential") == pytest.approx(expected, rel=1e-9)


def simulated_bulk_latencies(
    rate: float, service_s: tuple[float, ...], law: Law, requests: int, seed: int
) -> NDArray[np.float64]:
    """Mean latencies of 20 stretches of one long run, batch after batch."""
    chance = np.random.default_rng(seed)
    arrived = np.cumsum(chance.exponential(1 / rate, requests))
    factors = chance.exponential(1.0, requests) if law == "exponential" else np.ones(requests)
    finished = np.empty(requests)
    first, free_at = 0, 0.0
    while first < requests:
        start = max(free_at, arrived[first])
        waiting = int(np.searchsorted(arrived, start, side="right"))
        last = min(waiting, first + len(service_s))
        free_at = start + service_s[last - first - 1] * factors[first]
        finished[first:last] = free_at
        first = last
    return np.asarray((finished - arrived).reshape(20, -1).mean(axis=1), dtype=np.float64)


@pytest.mark.parametrize("law", ["deterministic", "exponential"])
@pytest.mark.parametrize("load", [0.1, 0.4, 0.7])
def test_bulk_service_agrees_with_brute_force(law: Law, load: float) -> None:
    rate = load * 8 / SERVICE_S[7]
    means = simulated_bulk_latencies(rate, SERVICE_S[:8], law, requests=200_000, seed=11)
    error = float(means.std(ddof=1)) / math.sqrt(20)
    exact = queueing.bulk_service_mean_latency_s(rate, SERVICE_S[:8], law)
    # The simulation knows its mean to 3 % or better; chance alone exceeds four errors for 1 seed in 1,000.
    assert error < 0.03 * exact
    assert abs(float(means.mean()) - exact) < 4 * error


@pytest.mark.parametrize("law", ["deterministic", "exponential"])
@pytest.mark.parametrize("load", [1e-4, 0.2, 0.7, 0.99, 0.9999])
def test_bulk_service_serves_what_arrives(law: Law, load: float) -> None:
    rate = load * 32 / SERVICE_S[-1]
    bulk = queueing.bulk_service(rate, SERVICE_S, law)
    batch_s = float(np.dot(bulk.batch_size_shares, SERVICE_S))
    assert sum(bulk.batch_size_shares) == pytest.approx(1.0, rel=EXACT)
    assert min(bulk.batch_size_shares) >= 0
    assert bulk.utilisation * bulk.mean_batch_size / batch_s == pytest.approx(rate, rel=EXACT)
    assert bulk.mean_waiting_s > 0


@pytest.mark.parametrize("law", ["deterministic", "exponential"])
def test_bulk_service_of_rare_requests_is_their_service(law: Law) -> None:
    bulk = queueing.bulk_service(1e-6, SERVICE_S, law)
    assert bulk.mean_latency_s == pytest.approx(SERVICE_S[0], rel=1e-6)
    assert bulk.mean_batch_size == pytest.approx(1.0, rel=1e-6)


def test_bulk_service_near_capacity_waits_as_heavy_traffic_says() -> None:
    # The number left behind is a walk with mean step -(1 - rho) B and variance rho B (constant service): its
    # mean tends to variance / (2 drift), so that the latency times (1 - rho) tends to S / (2 B).
    load = 0.99999
    rate = load * 32 / SERVICE_S[-1]
    latency = queueing.bulk_service_mean_latency_s(rate, SERVICE_S, "deterministic")
    assert latency * (1 - load) == pytest.approx(SERVICE_S[-1] / 64, rel=0.01)


def test_bulk_service_stays_exact_in_large_batches() -> None:
    # Exponential service that does not depend on the batch: the number left behind is geometric with ratio
    # 1 / sigma, where sigma is the root above 1 of z^B (1 + a - a z) = 1 and a the arrivals in a service.
    arrivals = 0.9 * 256
    low, high = 1 + 1e-9, 1 + 1 / arrivals
    for _ in range(100):
        middle = (low + high) / 2
        if middle**256 * (1 + arrivals - arrivals * middle) > 1:
            low = middle
        else:
            high = middle
    idle_s = (1 - 1 / low) * 0.01 / arrivals
    bulk = queueing.bulk_service(arrivals / 0.01, [0.01] * 256, "exponential")
    assert bulk.utilisation == pytest.approx(0.01 / (0.01 + idle_s), rel=EXACT)
    # Little, with the geometric mean left behind, the batch under way and what came since.
    left = 1 / (low - 1)
    first = 1 - 1 / low  # nobody was left behind: the batch is the next arrival
    number = (left + first + arrivals) * 0.01 / (0.01 + idle_s)
    assert bulk.mean_latency_s == pytest.approx(number / (arrivals / 0.01), rel=EXACT)


def test_bulk_service_needs_only_its_largest_batch_to_keep_up() -> None:
    # One at a time it could serve 1/s of the 1.5/s.
    assert queueing.bulk_service(1.5, [1.0, 1.0], "exponential").utilisation < 1
