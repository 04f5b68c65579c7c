"""Whether the system bears its load."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from stats_rows import S, ledger, run
from systems import constant, pool, scenario

from capsim import Result, simulate
from capsim.stats.runs import LedgerRun
from capsim.stats.verdict import drifts_upwards

EXPONENTIAL = {"distribution": "exponential", "mean": "10 ms"}
SPAN_S = 100


def codes(result: Result) -> set[str]:
    return {warning.code for warning in result.warnings}


def growing(share: float, seed: int) -> LedgerRun:
    """50 requests a second, of which this share stays for good; the others take a second or so."""
    chance = np.random.default_rng(seed)
    sent = np.sort(chance.uniform(0, SPAN_S, 50 * SPAN_S))
    latency = chance.exponential(1, len(sent))
    return run(ledger(sent, np.where(chance.uniform(size=len(sent)) < share, np.inf, latency)), SPAN_S)


def drifts(share: float, replications: int) -> bool:
    return drifts_upwards([growing(share, seed) for seed in range(replications)], 10 * S, SPAN_S * S)


@pytest.mark.parametrize("replications", [1, 2, 3, 5])
def test_a_number_that_grows_by_five_percent_of_the_requests_drifts(replications: int) -> None:
    assert drifts(0.05, replications)


@pytest.mark.parametrize("replications", [1, 2, 3, 5])
@pytest.mark.parametrize("share", [0.0, 0.01])
def test_less_than_two_percent_is_no_drift(share: float, replications: int) -> None:
    assert not drifts(share, replications)


def test_growth_in_some_replications_only_is_chance() -> None:
    runs = [growing(share, seed) for seed, share in enumerate((0.0, 0.3, 0.0, 0.0, 0.1))]
    assert not drifts_upwards(runs, 10 * S, SPAN_S * S)


def test_a_number_that_falls_does_not_drift_upwards() -> None:
    sent = np.linspace(0, SPAN_S, 5000)
    falling = run(ledger(sent, 10 - sent / 10 + 0.01), SPAN_S)
    assert not drifts_upwards([falling] * 3, 10 * S, SPAN_S * S)


def test_equal_replications_that_grow_drift() -> None:
    sent = np.linspace(0, SPAN_S, 5000)
    assert drifts_upwards([run(ledger(sent, 0.01 + sent / 10), SPAN_S)] * 3, 10 * S, SPAN_S * S)


# The verdict


@pytest.mark.parametrize(("rate", "verdict"), [(90, "stable"), (100, "saturated"), (130, "saturated")])
def test_a_load_at_or_above_capacity_is_saturated(rate: int, verdict: str) -> None:
    result = simulate(scenario(arrivals={"process": "deterministic", "rate": f"{rate} /s"}, run={"horizon": "5 s"}))
    assert result.verdict == verdict
    assert ({"overload", "saturated"} <= codes(result)) == (verdict == "saturated")
    assert result.latency_s["p99"].value is not None


def test_where_it_saturates_without_a_queue_requests_are_lost_and_it_is_said() -> None:
    arrivals = {"process": "poisson", "rate": "150 /s"}
    result = simulate(scenario(pool(queue={"capacity": 3}), arrivals=arrivals, run={"horizon": "20 s"}))
    assert result.verdict == "saturated"
    assert result.requests["rejected"] > 0


HIDDEN: dict[str, tuple[list[dict[str, Any]], Any, int]] = {
    # Any two of the servers bear 200 /s, and all three together 300 visits, which are 100 requests.
    "three visits": (
        [pool(name, service=EXPONENTIAL) for name in ("a", "b", "c")],
        [{"pools": pair} for pair in (["a", "b"], ["b", "c"], ["c", "a"])],
        120,
    ),
    # The fast server is one of the two drawn for a fifth of the requests, the slow ones bear 9 /s each.
    "power of two": (
        [pool("fast", service=constant("1 ms")), pool("slow", servers=9, service=constant("111 ms"))],
        [{"pools": ["fast", "slow"], "balancer": "power_of_two"}],
        200,
    ),
}


@pytest.mark.parametrize("replications", [1, 5])
@pytest.mark.parametrize("name", HIDDEN)
def test_an_overload_that_no_formula_sees_shows_as_drift(name: str, replications: int) -> None:
    pools, route, rate = HIDDEN[name]
    arrivals = {"process": "poisson", "rate": f"{rate} /s"}
    run = {"horizon": "60 s", "replications": replications}
    result = simulate(scenario(*pools, arrivals=arrivals, route=route, run=run))
    assert "overload" not in codes(result)
    assert result.verdict == "saturated"
    assert "saturated" in codes(result)


@pytest.mark.parametrize("replications", [1, 2])
@pytest.mark.parametrize("horizon", ["10 ms", "100 ms", "500 ms"])
def test_a_short_run_at_a_quarter_of_the_load_is_not_called_saturated(replications: int, horizon: str) -> None:
    verdicts = [
        simulate(
            scenario(
                pool(servers=2, service={"distribution": "exponential", "mean": "5 ms"}),
                arrivals={"process": "poisson", "rate": "100 /s"},
                run={"horizon": horizon, "warmup": "0 s", "replications": replications, "seed": seed},
            )
        ).verdict
        for seed in range(40)
    ]
    assert verdicts.count("saturated") <= 1


@pytest.mark.parametrize(("replications", "horizon", "most"), [(5, "60 s", 1), (1, "300 s", 3)])
def test_a_load_of_90_percent_is_hardly_ever_called_saturated(replications: int, horizon: str, most: int) -> None:
    arrivals = {"process": "poisson", "rate": "90 /s"}
    verdicts = [
        simulate(
            scenario(
                pool(service=EXPONENTIAL),
                arrivals=arrivals,
                run={"horizon": horizon, "replications": replications, "seed": seed},
            )
        ).verdict
        for seed in range(60)
    ]
    assert verdicts.count("saturated") <= most


def test_what_grows_is_said_to_depend_on_the_horizon_and_what_did_not_end_is_counted() -> None:
    arrivals = {"process": "deterministic", "rate": "300 /s"}
    result = simulate(scenario(arrivals=arrivals, run={"horizon": "10 s", "drain": "1 s", "warmup": "0 s"}))
    assert {"saturated", "in_flight"} <= codes(result)
    # 100 /s are served for 11 s of those sent in 10 s.
    assert result.requests["completed"] == pytest.approx(1100, abs=2)
    assert result.requests["in_flight"] == result.requests["offered"] - result.requests["completed"]
