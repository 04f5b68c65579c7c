"""Little's law for every queue: the mean number waiting is the rate of entering times the mean wait."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from oracle_systems import REPLICATIONS, service
from scipy.stats import t

from capsim import Result, simulate
from capsim.scenario import scenario_from

START_S, END_S = 10.0, 110.0


@pytest.fixture(scope="module")
def result() -> Result:
    """Two steps: batches on servers with queues of their own, then servers that share one."""
    batching = {"policy": "dynamic", "max_batch_size": 4, "max_queue_delay": "4 ms"}
    data = {
        "name": "two steps",
        "workload": {"arrivals": {"process": "gamma", "rate": "300 /s", "cv": 1.5}},
        "pools": [
            {"name": "first", "servers": 2, "batching": batching, **service("gamma", 0.014, cv=0.5)},
            {"name": "second", "servers": 3, "queue": {"shared": True}, **service("exponential", 0.008)},
        ],
        "route": [{"pools": ["first"], "balancer": "random"}, {"pools": ["second"]}],
        "run": {"horizon": f"{END_S} s", "warmup": f"{START_S} s", "replications": REPLICATIONS, "seed": 4},
    }
    return simulate(scenario_from(data))


def number_and_flow(visits: pd.DataFrame) -> tuple[float, float]:
    """The mean number waiting, by looking at regular instants, and the rate of entering times the mean wait."""
    entered, began = (np.sort(visits[name].to_numpy(dtype=np.int64)) for name in ("enqueued_ns", "started_ns"))
    instants = np.linspace(START_S, END_S, 10_001)[:-1] * 1e9
    looked = np.searchsorted(entered, instants, side="right") - np.searchsorted(began, instants, side="right")
    inside = visits[(visits.enqueued_ns >= START_S * 1e9) & (visits.enqueued_ns < END_S * 1e9)]
    waits_s = (inside.started_ns - inside.enqueued_ns).to_numpy(dtype=np.float64) / 1e9
    return float(looked.mean()), len(inside) / (END_S - START_S) * float(waits_s.mean())


@pytest.mark.parametrize("queue", [("first", 0), ("first", 1), ("second", None)])
def test_the_number_waiting_is_the_rate_times_the_wait(result: Result, queue: tuple[str, int | None]) -> None:
    name, server = queue
    visits = result.visit_frame()
    visits = visits[(visits.pool == name) & ((visits.server == server) | (server is None))]
    found = np.array([number_and_flow(part) for _, part in visits.groupby("replication")])
    difference = found[:, 0] - found[:, 1]
    half = t.ppf(0.9995, REPLICATIONS - 1) * difference.std(ddof=1) / REPLICATIONS**0.5
    assert len(found) == REPLICATIONS
    assert abs(difference.mean()) <= half
    assert half < 0.01 * found[:, 0].mean()


def test_the_number_in_the_whole_system_is_the_rate_times_the_latency(result: Result) -> None:
    latency_s = result.latency_s["mean"].value
    assert latency_s is not None
    instants = np.linspace(START_S, END_S, 10_001)[:-1] * 1e9
    numbers = []
    for ledger in result.ledgers:
        ended = np.sort(ledger.requests["finished_ns"])
        present = np.searchsorted(ledger.requests["arrived_ns"], instants) - np.searchsorted(ended, instants)
        numbers.append(float(present.mean()))
    # 300/s are offered: what chance adds to that, 600,000 requests of cv 1.5, is below 0.7 %.
    assert np.mean(numbers) == pytest.approx(300 * latency_s, rel=0.01)
