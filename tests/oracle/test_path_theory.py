"""What theory knows of classes, forks, caches and clients; each failure tells the error of the simulation."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from oracle_measures import CONFIDENCE, student
from oracle_systems import poisson, service
from scipy.optimize import brentq

from capsim.engine import Ledger, Outcome, compiled, lower
from capsim.queueing import erlang_b, mm1_mean_latency_s
from capsim.scenario import scenario_from
from capsim.units import NS_PER_S

REPLICATIONS = 16
Ledgers = Sequence[Ledger]


def simulated(requests: int, rate: float, seed: int = 3, **document: Any) -> Ledgers:
    """So many requests in each replication, of which the first fifth does not count."""
    run = {"horizon": f"{round(requests / rate * 1e9)} ns", "warmup": "0 s", "replications": 1, "seed": seed}
    blueprint = lower(scenario_from({"name": "theory", **document, "run": run}))
    return [compiled.run(blueprint.replicated(number)) for number in range(REPLICATIONS)]


def counted(ledger: Ledger) -> NDArray[np.bool_]:
    """Which requests were sent after the first fifth."""
    sent = ledger.requests["arrived_ns"]
    return np.asarray(sent >= sent[-1] / 5)


def mean_s(part: str, kind: int = 0) -> Callable[[Ledger], float]:
    """The mean time (s) that answered requests of a class spent `waited`, or in all."""

    def measured(ledger: Ledger) -> float:
        rows = counted(ledger) & (ledger.requests["outcome"] == Outcome.completed)
        rows &= ledger.requests.get("class", np.zeros(len(rows))) == kind
        spent = ledger.latencies_ns() if part == "latency" else ledger.requests[f"{part}_ns"]
        return float(spent[rows].mean()) / NS_PER_S

    return measured


def agrees(ledgers: Ledgers, measured: Callable[[Ledger], float], theory: float, within: float) -> None:
    """Theory lies in the 99.9 % interval of the replications, which is as narrow as it should be."""
    values = [measured(ledger) for ledger in ledgers]
    mean = float(np.mean(values))
    half = student(len(values), CONFIDENCE) * float(np.std(values, ddof=1)) / math.sqrt(len(values))
    told = f"simulated {mean:.6g} ± {half / mean:.2%}, theory {theory:.6g}: an error of {mean / theory - 1:+.2%}"
    assert abs(mean - theory) <= half, told
    assert half <= within * mean, told


def classes(**rates_and_settings: tuple[float, dict[str, Any]]) -> dict[str, Any]:
    """Poisson classes by name."""
    return {
        "classes": [
            {"name": name, "arrivals": poisson(rate), **settings}
            for name, (rate, settings) in rates_and_settings.items()
        ]
    }


def cobham_waits_s(rates: Sequence[float], means_s: Sequence[float], squares_s2: Sequence[float]) -> list[float]:
    """Mean waits by priority in M/G/1, non-preemptive (Cobham, Operations Research 2, 1954, equation 3)."""
    work = sum(rate * square for rate, square in zip(rates, squares_s2, strict=True)) / 2
    busy = [0.0, *itertools.accumulate(rate * mean for rate, mean in zip(rates, means_s, strict=True))]
    return [work / ((1 - above) * (1 - here)) for above, here in itertools.pairwise(busy)]


def test_priorities_in_m_m_1() -> None:
    rates = [60.0, 90.0]
    ledgers = simulated(
        20_000,
        sum(rates),
        workload=classes(high=(60, {"priority": 0}), low=(90, {"priority": 1})),
        pools=[{"name": "p", "servers": 1, "queue": {"discipline": "priority"}, **service("exponential", 0.005)}],
    )
    for kind, theory in enumerate(cobham_waits_s(rates, [0.005] * 2, [2 * 0.005**2] * 2)):
        agrees(ledgers, mean_s("waited", kind), theory, 0.1)


def test_priorities_in_m_g_1_where_each_class_has_its_own_length() -> None:
    """1 ms, and 1 ms an item."""
    rates, items = [100.0, 60.0, 40.0], [1, 3, 6]
    means = [0.001 * (1 + count) for count in items]
    ledgers = simulated(
        20_000,
        sum(rates),
        workload=classes(
            **{
                name: (rate, {"priority": place, "items_per_request": count})
                for place, (name, rate, count) in enumerate(zip("abc", rates, items, strict=True))
            }
        ),
        pools=[
            {
                "name": "p",
                "servers": 1,
                "queue": {"discipline": "priority"},
                "service": {"distribution": "constant", "mean": "1 ms", "per_item": "1 ms"},
            }
        ],
    )
    for kind, theory in enumerate(cobham_waits_s(rates, means, [mean**2 for mean in means])):
        agrees(ledgers, mean_s("waited", kind), theory, 0.1)


def test_fork_and_join_of_two() -> None:
    """Nelson and Tantawi, IEEE Transactions on Computers 37(6), 1988, after Flatto and Hahn: exact for two branches."""
    rate, each_s = 120.0, 0.005
    ledgers = simulated(
        30_000,
        rate,
        workload={"arrivals": poisson(rate)},
        pools=[{"name": name, "servers": 1, **service("exponential", each_s)} for name in "ab"],
        route=[{"parallel": [[{"pools": ["a"]}], [{"pools": ["b"]}]]}],
    )
    theory = (12 - rate * each_s) / 8 * mm1_mean_latency_s(rate, each_s)
    agrees(ledgers, mean_s("latency"), theory, 0.05)


def test_a_network_with_branching_has_product_form() -> None:
    """Jackson, Operations Research 5, 1957: each station is M/M/1 under the load that comes to it."""
    rate, share, means = 150.0, 0.3, {"first": 0.004, "large": 0.015, "small": 0.005, "last": 0.003}
    ledgers = simulated(
        25_000,
        rate,
        workload={"arrivals": poisson(rate)},
        pools=[{"name": name, "servers": 1, **service("exponential", mean)} for name, mean in means.items()],
        route=[
            {"pools": ["first"]},
            {
                "choose": [
                    {"share": "30 %", "route": [{"pools": ["large"]}]},
                    {"share": "70 %", "route": [{"pools": ["small"]}]},
                ]
            },
            {"pools": ["last"]},
        ],
    )
    loads = {"first": 1.0, "large": share, "small": 1 - share, "last": 1.0}
    theory = sum(load * mm1_mean_latency_s(load * rate, means[name]) for name, load in loads.items())
    agrees(ledgers, mean_s("latency"), theory, 0.08)


def test_a_delay_has_its_distribution_whatever_the_load() -> None:
    """M/G/∞: latency is the delay, here lognormal of cv 2, up to its 99th percentile."""
    ledgers = simulated(
        25_000,
        1000,
        workload={"arrivals": poisson(1000)},
        pools=[{"name": "p", "servers": 1000, "service": {"distribution": "constant", "mean": "1 ns"}}],
        route=[{"delay": {"distribution": "lognormal", "mean": "50 ms", "cv": 2}}, {"pools": ["p"]}],
    )
    agrees(ledgers, mean_s("delayed"), 0.050, 0.02)
    late_s = 0.050 * math.exp(math.sqrt(math.log(5)) * 2.3263478740408408 - math.log(5) / 2)
    agrees(ledgers, lambda ledger: float(np.mean(ledger.latencies_ns() > late_s * NS_PER_S)), 0.01, 0.06)


@pytest.mark.parametrize("after_s", [0.0, 0.004])
def test_hedging_at_no_load_is_the_minimum_of_two_draws(after_s: float) -> None:
    """The copy finds a server idle, `after` later; both draws are exponential."""
    mean_service_s, rate = 0.010, 20.0
    ledgers = simulated(
        8_000,
        rate,
        workload={"arrivals": poisson(rate)},
        pools=[{"name": "p", "servers": 20, **service("exponential", mean_service_s)}],
        clients={"hedge": {"after": f"{after_s * 1e3} ms"}},
    )
    late = math.exp(-after_s / mean_service_s)
    agrees(ledgers, mean_s("latency"), mean_service_s * (1 - late + late / 2), 0.03)
    tail_s = after_s + mean_service_s * math.log(late / 0.01) / 2
    agrees(ledgers, lambda ledger: float(np.mean(ledger.latencies_ns() > tail_s * NS_PER_S)), 0.01, 0.12)


def che_hit_ratio(shares: NDArray[np.float64], capacity: int) -> float:
    """The hit ratio of an LRU cache (Che, Tung and Wang, IEEE JSAC 20(7), 2002, equations 7 and 8)."""
    lasts = brentq(lambda t: float(-np.expm1(-shares * t).sum()) - capacity, 1.0, 1e9)
    return float(shares @ -np.expm1(-shares * lasts))


def test_an_lru_cache_under_zipf() -> None:
    """Within 1 % of Che's approximation; the cache is filled first."""
    rate, keys, zipf, capacity = 1000.0, 5000, 0.9, 500
    ledgers = simulated(
        30_000,
        rate,
        workload={"arrivals": poisson(rate), "keys": {"zipf": zipf, "count": keys}},
        pools=[{"name": "p", "servers": 4, "service": {"distribution": "constant", "mean": "1 us"}}],
        route=[{"cache": {"capacity": capacity}}, {"pools": ["p"]}],
    )
    weights = np.arange(1, keys + 1, dtype=np.float64) ** -zipf
    theory = che_hit_ratio(weights / weights.sum(), capacity)
    hit = float(np.mean([np.mean(ledger.latencies_ns()[counted(ledger)] == 0) for ledger in ledgers]))
    assert hit == pytest.approx(theory, rel=0.01), f"simulated {hit:.4%}, Che {theory:.4%}: {hit / theory - 1:+.2%}"


def test_retries_without_a_queue_multiply_the_load() -> None:
    """Slow retries come as if by chance: the load is 1 / (1 - p) times as much, and p is Erlang B at that load.

    Cohen, Philips Telecommunication Review 18, 1957, in the limit of slow retries.
    """
    rate, mean_service_s, servers = 300.0, 0.010, 4
    ledgers = simulated(
        12_000,
        rate,
        workload={"arrivals": poisson(rate)},
        pools=[
            {
                "name": "p",
                "servers": servers,
                "queue": {"shared": True, "capacity": 0},
                **service("exponential", mean_service_s),
            }
        ],
        clients={"retry": {"most": 20, "backoff": {"first": "2 s", "factor": 1, "jitter": "full"}, "on": ["rejected"]}},
    )
    lost = brentq(lambda p: erlang_b(servers, rate * mean_service_s / (1 - p)) - p, 0.0, 0.9)

    def attempts(ledger: Ledger) -> float:
        return float(ledger.requests["attempts"][counted(ledger)].mean())

    agrees(ledgers, attempts, 1 / (1 - lost), 0.05)


@pytest.mark.parametrize("number", range(4))
def test_the_earliest_deadline_first_misses_as_little_as_any_order_could(number: int, tmp_path: Path) -> None:
    """All at once: no order of six has a smaller largest lateness (Jackson, UCLA research report 43, 1955)."""
    dice = np.random.default_rng(number)
    items, deadlines_ms = dice.integers(1, 9, size=6), dice.integers(5, 40, size=6)
    (tmp_path / "once.csv").write_text("timestamp_s\n0\n")
    arrivals = {"process": "trace", "file": "once.csv", "resolution": "0 s"}
    kinds = [
        {"name": f"c{i}", "arrivals": arrivals, "items_per_request": int(items[i]), "deadline": f"{deadlines_ms[i]} ms"}
        for i in range(6)
    ]
    document = {
        "name": "edf",
        "workload": {"classes": kinds},
        "pools": [
            {
                "name": "p",
                "servers": 1,
                "queue": {"discipline": "edf"},
                "service": {"distribution": "constant", "mean": "1 ms", "per_item": "1 ms"},
            }
        ],
        "run": {"horizon": "1 s", "replications": 1, "warmup": "0 s"},
    }
    requests = compiled.run(lower(scenario_from(document, tmp_path))).requests
    finished_ms = requests["finished_ns"] / 1e6
    latest = max(finished_ms - deadlines_ms[requests["class"]])
    orders = itertools.permutations(range(6))
    least = min(max(np.cumsum(1 + items[list(order)]) - deadlines_ms[list(order)]) for order in orders)
    assert latest == least, f"{latest} ms late at most, {least} ms could be had"
