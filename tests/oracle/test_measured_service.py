"""Service from a profile has the measured distribution, tail included."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from oracle_measures import measure
from oracle_systems import Case, clients, poisson
from oracle_theory import piecewise_linear_moments

from capsim import queueing
from capsim.engine import Ledger
from capsim.scenario import scenario_from
from capsim.scenario.service import service_times
from capsim.serving.service import profiled_work_ns

GRID = np.linspace(0, 1, 1001)
SIZES = (1, 4, 8)
ALPHA = 0.001


@pytest.fixture(scope="module")
def samples_ms() -> dict[int, NDArray[np.float64]]:
    """500 latencies of each batch size, with a heavy tail: p99 is about four times the median."""
    chance = np.random.default_rng(3)
    return {size: np.round((2 + size) * chance.lognormal(0, 0.6, 500), 6) for size in SIZES}


@pytest.fixture(scope="module")
def profile(samples_ms: dict[int, NDArray[np.float64]], tmp_path_factory: pytest.TempPathFactory) -> str:
    path: Path = tmp_path_factory.mktemp("profile") / "samples.csv"
    rows = [f"{size},{value:.6f}\n" for size, values in samples_ms.items() for value in values]
    path.write_text("batch_size,latency_ms\n" + "".join(rows))
    return str(path)


def served(profile: str, batch_size: int) -> list[Ledger]:
    """20 replications in which all batches have this size: as many clients, who do not think."""
    batching = {"policy": "dynamic", "max_batch_size": batch_size}
    system = {"pools": [{"name": "pool", "servers": 1, "profile": profile, "batching": batching}]}
    loop = Case("full batches", clients(batch_size, 0, "constant"), 100 * batch_size, system, {}, requests=10_000)
    return list(loop.simulated(seed=2).ledgers)


def service_ms(ledgers: list[Ledger], batch_size: int) -> NDArray[np.float64]:
    """How long each batch of this size took."""
    found = []
    for ledger in ledgers:
        table = ledger.batches
        kept = (table["requests"] == batch_size) & (table["finished_ns"] > 0)
        found.append((table["finished_ns"] - table["started_ns"])[kept] / 1e6)
    return np.concatenate(found)


@pytest.mark.parametrize("batch_size", [1, 2, 4, 7, 8])
def test_batches_take_as_long_as_measured(
    batch_size: int, profile: str, samples_ms: dict[int, NDArray[np.float64]]
) -> None:
    took = np.sort(service_ms(served(profile, batch_size), batch_size))
    lower = max(size for size in SIZES if size <= batch_size)
    upper = min(size for size in SIZES if size >= batch_size)
    weight = (batch_size - lower) / (upper - lower) if upper > lower else 0.0
    curve = (1 - weight) * np.quantile(samples_ms[lower], GRID) + weight * np.quantile(samples_ms[upper], GRID)
    assert len(took) > 10_000
    # The largest distance of the distributions is within the band of Dvoretzky, Kiefer, Wolfowitz and Massart.
    band = math.sqrt(math.log(2 / ALPHA) / 2 / len(took))
    assert np.abs(np.searchsorted(took, curve, side="right") / len(took) - GRID).max() < band
    for level in (0.5, 0.9, 0.99, 0.999):
        later = np.mean(took > curve[round(level * 1000)])
        assert abs(later - (1 - level)) < 3.3 * math.sqrt(level * (1 - level) / len(took)), level
    assert took.max() <= curve[-1] + 1e-6


@pytest.mark.parametrize("batch_size", SIZES)
def test_every_thousandth_of_the_measured_quantiles_is_exact(
    batch_size: int, profile: str, samples_ms: dict[int, NDArray[np.float64]]
) -> None:
    pool = {"name": "pool", "servers": 1, "profile": profile, "batching": {"policy": "dynamic", "max_batch_size": 8}}
    workload = {"arrivals": dict(poisson(1.0))}
    [found] = scenario_from({"name": "grid", "workload": workload, "pools": [pool]}).pools
    times = service_times(found, 1)
    assert times.curves_ns is not None
    row = times.lower[batch_size - 1]
    lower, upper, weight = times.curves_ns[row], times.curves_ns[row + 1], times.weight[batch_size - 1]
    for level in (0.001, 0.5, 0.9, 0.95, 0.99, 0.999):
        exact_ns = float(np.quantile(samples_ms[batch_size], level)) * 1e6
        assert profiled_work_ns(level, lower, upper, weight) == pytest.approx(exact_ns, abs=1)


def test_waiting_behind_measured_service_is_pollaczek_and_khinchines(
    profile: str, samples_ms: dict[int, NDArray[np.float64]]
) -> None:
    mean_ms, cv = piecewise_linear_moments(np.quantile(samples_ms[1], GRID))
    rate = 0.5 / mean_ms * 1e3
    waiting = queueing.mg1_mean_waiting_s(rate, mean_ms / 1e3, cv)
    system = {"pools": [{"name": "pool", "servers": 1, "profile": profile}]}
    case = Case("M/G/1, measured service", poisson(rate), rate, system, {"mean waiting": waiting, "utilisation": 0.5})
    result = case.simulated(seed=1)
    for quantity, exact in case.theory.items():
        found = measure(result, quantity)
        assert found.holds(exact), (quantity, exact, found)
        assert found.half <= case.within, (quantity, found.half)
