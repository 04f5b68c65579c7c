"""Requests come as often as asked, at every time: nothing is clipped, and a varying rate is followed exactly."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from oracle_systems import REPLICATIONS, poisson, renewal, service, single
from scipy.integrate import quad
from scipy.stats import chi2, kstest, t

from capsim import Result, simulate
from capsim.scenario import scenario_from

RATE = 2000.0
LEAST_P = 0.001


def offered(arrivals: Any, horizon_s: float, replications: int = REPLICATIONS, **more: Any) -> Result:
    """What a system that answers at once sees."""
    data = {
        "name": "offered",
        "workload": {"arrivals": dict(arrivals)},
        **single(service("constant", 1e-6)),
        "run": {"horizon": f"{horizon_s} s", "warmup": "0 s", "replications": replications, "seed": 5},
    }
    return simulate(scenario_from(data | more))


@pytest.mark.parametrize("cv", [0, 0.5, 1, 3])
def test_the_offered_rate_is_the_one_asked_for(cv: float) -> None:
    network = {"client": {"latency": "20 ms", "bandwidth": "1 Mbit/s"}, "request_size": "1 kB"}
    result = offered(poisson(RATE) if cv == 1 else renewal(RATE, cv), 20, network=network)
    counts = [len(ledger) for ledger in result.ledgers]
    assert result.requests["offered"] == sum(counts)
    rates = np.array(counts) / 20
    half = t.ppf(0.9995, REPLICATIONS - 1) * rates.std(ddof=1) / REPLICATIONS**0.5
    # With equal gaps nothing varies, and the 40,000th request is sent at the horizon.
    assert abs(rates.mean() - RATE) <= half + (0.06 if cv == 0 else 0)
    assert half < 0.015 * RATE


def test_a_scaled_trace_is_as_many_times_quicker(tmp_path: Any) -> None:
    (tmp_path / "trace.csv").write_text("timestamp_s\n" + "".join(f"{i * 0.25}\n" for i in range(40)))
    arrivals = {"process": "trace", "file": str(tmp_path / "trace.csv"), "scale": 2.5}
    [ledger] = offered(arrivals, 4, replications=1).ledgers
    assert ledger.requests["arrived_ns"].tolist() == [100_000_000 * i for i in range(40)]


def test_long_gaps_are_as_frequent_as_they_should_be() -> None:
    gaps = np.concatenate([np.diff(ledger.requests["arrived_ns"]) for ledger in offered(poisson(RATE), 20).ledgers])
    for means in (3, 5, 8):
        share = math.exp(-means)
        error = math.sqrt(share * (1 - share) / len(gaps))
        assert abs(np.mean(gaps > means / RATE * 1e9) - share) < 3.3 * error, means


def test_gamma_gaps_of_variation_1_are_poisson() -> None:
    both = zip(offered(poisson(RATE), 20).ledgers, offered(renewal(RATE, 1.0), 20).ledgers, strict=True)
    for first, second in both:
        difference = first.requests["arrived_ns"] - second.requests["arrived_ns"]
        assert np.abs(difference).max() <= 1


# Rates over time: what the scenario says, and the same rate as a function here.

STEPS = {"steps": [{"at": "0 s", "rate": "500 /s"}, {"at": "3 s", "rate": "0 /s"}, {"at": "4 s", "rate": "3000 /s"}]}
DAILY = {"daily": {"mean": "1000 /s", "peak": "1900 /s", "peak_at": "2 s", "period": "8 s"}}
BURSTS = {"bursts": {"base": "200 /s", "peak": "6000 /s", "every": "1.3 s", "length": "0.2 s"}}
VARYING: dict[str, tuple[Any, Callable[[float], float], list[float]]] = {
    "steps": (STEPS, lambda s: 500 if s < 3 else 0 if s < 4 else 3000, [3, 4]),
    "daily": (DAILY, lambda s: 1000 + 900 * math.cos(2 * math.pi * (s - 2) / 8), []),
    "bursts": (
        BURSTS,
        lambda s: 6000 if s % 1.3 < 0.2 else 200,
        sorted([1.3 * i for i in range(8)] + [1.3 * i + 0.2 for i in range(8)]),
    ),
}
SPAN_S, SLICES = 10.0, 80


def expected_until(name: str, instants_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """The integral of the rate up to each instant, by quadrature between the corners of the rate."""
    _, rate, corners = VARYING[name]
    cuts = np.unique(np.concatenate([[0.0], instants_s, [corner for corner in corners if corner < SPAN_S]]))
    parts = [quad(rate, low + 1e-12, high - 1e-12)[0] for low, high in itertools.pairwise(cuts.tolist())]
    reached = np.concatenate([[0.0], np.cumsum(parts)])
    return np.asarray(reached[np.searchsorted(cuts, instants_s)])


@pytest.mark.parametrize("name", VARYING)
def test_counts_in_slices_of_time_are_poisson_with_the_integral_of_the_rate(name: str) -> None:
    result = offered({"process": "poisson", "rate": VARYING[name][0]}, SPAN_S)
    edges_s = np.linspace(0, SPAN_S, SLICES + 1)
    expected = np.diff(expected_until(name, edges_s))
    counts = np.array([np.histogram(ledger.requests["arrived_ns"] / 1e9, edges_s)[0] for ledger in result.ledgers])
    busy = expected > 0
    assert not counts[:, ~busy].any()
    squares = (counts[:, busy] - expected[busy]) ** 2 / expected[busy]
    together = (counts[:, busy].sum(axis=0) - REPLICATIONS * expected[busy]) ** 2 / (REPLICATIONS * expected[busy])
    for found in (squares, together):
        assert chi2.ppf(LEAST_P / 2, found.size) < found.sum() < chi2.ppf(1 - LEAST_P / 2, found.size)


@pytest.mark.parametrize("name", VARYING)
def test_under_the_integral_of_the_rate_gaps_are_exponential(name: str) -> None:
    [ledger] = offered({"process": "poisson", "rate": VARYING[name][0]}, SPAN_S, replications=1).ledgers
    counts = expected_until(name, ledger.requests["arrived_ns"][:3000] / 1e9)
    assert kstest(np.diff(counts), "expon").pvalue > LEAST_P


@pytest.mark.parametrize("name", VARYING)
def test_equal_gaps_come_where_the_integral_is_a_whole_number(name: str) -> None:
    [ledger] = offered({"process": "deterministic", "rate": VARYING[name][0]}, SPAN_S, replications=1).ledgers
    counts = expected_until(name, ledger.requests["arrived_ns"][:3000] / 1e9)
    assert counts == pytest.approx(np.arange(1, len(counts) + 1), abs=1e-4)
