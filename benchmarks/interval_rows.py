"""The systems that intervals are tried on, as data, and what is true of them.

Truth is a closed form (`capsim.queueing`), or comes from one long separate run: of Lindley's recursion, apart from the
engines, where there is one server that serves requests one by one; else of capsim with other random numbers. What such
runs gave is written down in `LONG_RUNS` by `python benchmarks/intervals.py --long-runs`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from capsim import Scenario, queueing, scenario_from, simulate

SERVICE_S = 0.005
EXPONENTIAL = {"distribution": "exponential", "mean": "5 ms"}
BATCH_S, ITEM_S, LARGEST = 0.04, 0.01, 8
BLOCK, BLOCKS = 5_000_000, 20
LONG_SEED = 1_000_000

Truth = Mapping[str, float]


@dataclass(frozen=True)
class Row:
    """A system, how long it is simulated, and what is true of it.

    Attributes:
        name: in Kendall's notation where there is one.
        arrivals: the workload.
        horizon_s: of each replication.
        run: replications or the wanted precision.
        truth: mean and p99 (s), where a closed form has them.
        spread: about half the interval of p99, relative; targets lie within 1.5 of it around the truth.
        pool: what differs from one server with exponential service.
        route: of more than one pool.
        counted: by histograms instead of rows.
        held_out: nothing was chosen by looking at it.
        longer: how many times as long, and how many replications, its long run is; of one server by Lindley's
            recursion where there are none.
    """

    name: str
    arrivals: Mapping[str, Any]
    horizon_s: int
    run: Mapping[str, Any]
    truth: Callable[[], Truth] | None = None
    spread: float = 0.2
    pool: Mapping[str, Any] = field(default_factory=dict)
    route: tuple[str, ...] = ("pool",)
    counted: bool = False
    held_out: bool = False
    longer: tuple[int, int] | None = None

    @property
    def key(self) -> str:
        """What tells it from the others."""
        run = ", ".join(f"{name} {value}" for name, value in self.run.items())
        return f"{self.name}, {self.horizon_s} s, {run}" + (", counted" if self.counted else "")

    @property
    def load(self) -> float:
        """Of a single server of 5 ms."""
        return float(self.arrivals["rate"].split()[0]) * SERVICE_S

    def scenario(self, seed: int, horizon_s: int | None = None, **run: Any) -> Scenario:
        """The scenario of one answer."""
        pools = [
            {"name": name, "servers": 1, "service": EXPONENTIAL, **self.pool} for name in dict.fromkeys(self.route)
        ]
        return scenario_from(
            {
                "name": self.name,
                "workload": {"arrivals": dict(self.arrivals)},
                "pools": pools,
                "route": [{"pools": [name]} for name in self.route],
                "run": {"horizon": f"{horizon_s or self.horizon_s} s", "seed": seed, **(run or self.run)},
            }
        )


def poisson(load: float, servers: int = 1) -> dict[str, Any]:
    """Arrivals that load so many servers of 5 ms."""
    return {"process": "poisson", "rate": f"{load * servers / SERVICE_S!r} /s"}


def mm1(load: float) -> Truth:
    """Of M/M/1."""
    rate = load / SERVICE_S
    return {
        "mean": queueing.mm1_mean_latency_s(rate, SERVICE_S),
        "p99": queueing.mm1_latency_quantile_s(rate, SERVICE_S, 0.99),
    }


def md1(load: float) -> Truth:
    """Of M/D/1."""
    rate = load / SERVICE_S
    mean = SERVICE_S + queueing.md1_mean_waiting_s(rate, SERVICE_S)
    return {"mean": mean, "p99": queueing.md1_latency_quantile_s(rate, SERVICE_S, 0.99)}


def mmc(load: float, servers: int) -> Truth:
    """Of M/M/c."""
    rate = load * servers / SERVICE_S
    return {
        "mean": queueing.mmc_mean_latency_s(rate, SERVICE_S, servers),
        "p99": queueing.mmc_latency_quantile_s(rate, SERVICE_S, servers, 0.99),
    }


def tandem(load: float) -> Truth:
    """Of two M/M/1 in a row: independent exponential times (Reich, Annals of Mathematical Statistics 28(3), 1957)."""
    from scipy.optimize import brentq

    pace = (1 - load) / SERVICE_S
    late = brentq(lambda x: (1 + x) * np.exp(-x) - 0.01, 1, 20)
    return {"mean": 2 / pace, "p99": late / pace}


def single(load: float, horizon_s: int, spread: float, *, held_out: bool = False, **run: Any) -> Row:
    """M/M/1."""
    name = f"M/M/1 at {load:g}"
    return Row(name, poisson(load), horizon_s, run, lambda: mm1(load), spread, held_out=held_out)


def law(distribution: str, cv: float) -> dict[str, Any]:
    """Service of mean 5 ms."""
    return {"service": {"distribution": distribution, "mean": "5 ms", "cv": cv}}


def law_constant() -> dict[str, Any]:
    """Service of 5 ms."""
    return {"service": {"distribution": "constant", "mean": "5 ms"}}


def known() -> Iterator[Row]:
    """The rows that the estimator was chosen on."""
    for replications, spread in ((5, 0.4), (10, 0.35), (20, 0.22), (50, 0.14), (100, 0.09)):
        yield single(0.9, 60, spread, replications=replications)
    yield single(0.9, 60, 0.06, precision="6 %")
    for replications, spread in ((5, 0.35), (20, 0.2), (100, 0.075)):
        yield single(0.8, 20, spread, replications=replications)
    yield single(0.95, 60, 0.5, replications=5)
    yield single(0.7, 60, 0.3, replications=1)
    yield single(0.7, 60, 0.22, replications=2)
    yield single(0.5, 60, 0.085, replications=5)
    yield single(0.9, 300, 0.2, replications=5)
    for name, arrivals, pool in (
        ("lognormal service of cv 3 at 0.7", poisson(0.7), law("lognormal", 3)),
        ("gamma service of cv 3 at 0.7", poisson(0.7), law("gamma", 3)),
        ("gamma gaps of cv 4 at 0.7", {"process": "gamma", "rate": "140 /s", "cv": 4}, {}),
    ):
        for replications in (5, 20):
            yield Row(name, arrivals, 60, {"replications": replications}, None, 0.3, pool)
    yield Row(
        "batches of up to 8 at 0.9",
        {"process": "poisson", "rate": "60 /s"},
        300,
        {"replications": 5},
        None,
        0.13,
        {
            "service": {"distribution": "constant", "mean": "40 ms", "per_item": "10 ms"},
            "batching": {"policy": "dynamic", "max_batch_size": LARGEST},
        },
        longer=(20, 60),
    )


def daily(replications: int, *, held_out: bool = False) -> Row:
    """M(t)/M/4 over a whole day of 40 s, with a load of 0.95 at its peak and 0.6 on average."""
    curve = {"mean": "480 /s", "peak": "760 /s", "period": "40 s", "peak_at": "20 s"}
    arrivals = {"process": "poisson", "rate": {"daily": curve}}
    shared = {"servers": 4, "queue": {"shared": True}}
    run = {"replications": replications}
    return Row(
        "M(t)/M/4 by day, 0.95 at the peak", arrivals, 40, run, None, 0.3, shared, held_out=held_out, longer=(1, 1000)
    )


def unknown() -> Iterator[Row]:
    """The rows that nobody looked at before the estimator stood."""
    yield daily(5, held_out=True)
    yield daily(20, held_out=True)
    yield Row(
        "M/D/1 at 0.9", poisson(0.9), 60, {"replications": 15}, lambda: md1(0.9), 0.18, law_constant(), held_out=True
    )
    four = {"servers": 4, "queue": {"shared": True}}
    yield Row("M/M/4 at 0.9", poisson(0.9, 4), 60, {"replications": 8}, lambda: mmc(0.9, 4), 0.18, four, held_out=True)
    yield Row(
        "two M/M/1 in a row at 0.8", poisson(0.8), 60, {"replications": 10}, lambda: tandem(0.8), 0.15,
        route=("first", "second"), held_out=True,
    )  # fmt: skip
    yield single(0.85, 40, 0.16, held_out=True, replications=30)
    yield Row(
        "M/M/1 at 0.85", poisson(0.85), 40, {"replications": 30}, lambda: mm1(0.85), 0.16, counted=True, held_out=True
    )
    yield Row(
        "lognormal service of cv 2 at 0.6", poisson(0.6), 60, {"replications": 10}, None, 0.2,
        law("lognormal", 2), held_out=True,
    )  # fmt: skip
    bursts = {"bursts": {"base": "100 /s", "peak": "260 /s", "every": "4 s", "length": "1 s"}}
    yield Row(
        "bursts every 4 s, 0.7 on average", {"process": "poisson", "rate": bursts}, 60, {"replications": 5}, None, 0.2,
        held_out=True, longer=(1, 1000),
    )  # fmt: skip
    loop = {"process": "closed_loop", "clients": 20, "think_time": "60 ms"}
    yield Row("closed loop of 20 clients", loop, 60, {"replications": 5}, None, 0.05, held_out=True, longer=(20, 60))
    eight = {"servers": 8}
    yield Row(
        "eight servers, least outstanding, at 0.9", poisson(0.9, 8), 30, {"replications": 10}, None, 0.2, eight,
        held_out=True, longer=(40, 60),
    )  # fmt: skip
    lost = {"queue": {"timeout": "100 ms"}}
    yield Row(
        "M/M/1 at 0.9, who wait 100 ms are lost", poisson(0.9), 60, {"replications": 5}, None, 0.03, lost,
        held_out=True, longer=(20, 60),
    )  # fmt: skip
    yield single(0.95, 60, 0.25, held_out=True, replications=60)


def differences() -> Iterator[Row]:
    """The systems that are compared with themselves, a tenth quicker."""
    for load, horizon_s, replications in ((0.5, 60, 5), (0.8, 20, 20), (0.9, 60, 20), (0.9, 300, 5)):
        yield single(load, horizon_s, 0.2, replications=replications)


Draws = Callable[[np.random.Generator, int], NDArray[np.float64]]


def lognormal(cv: float) -> Draws:
    """Service of mean 5 ms."""
    square = np.log(1 + cv**2)
    return lambda chance, count: chance.lognormal(np.log(SERVICE_S) - square / 2, square**0.5, count)


def gamma(mean_s: float, cv: float) -> Draws:
    """Times with this mean and coefficient of variation; exponential with 1."""
    return lambda chance, count: chance.gamma(cv**-2, mean_s * cv**2, count)


SINGLE_SERVERS: dict[str, tuple[Draws, Draws]] = {
    "lognormal service of cv 3 at 0.7": (gamma(SERVICE_S / 0.7, 1), lognormal(3)),
    "lognormal service of cv 2 at 0.6": (gamma(SERVICE_S / 0.6, 1), lognormal(2)),
    "gamma service of cv 3 at 0.7": (gamma(SERVICE_S / 0.7, 1), gamma(SERVICE_S, 3)),
    "gamma gaps of cv 4 at 0.7": (gamma(SERVICE_S / 0.7, 4), gamma(SERVICE_S, 1)),
}
"""Gaps and service of the systems that Lindley's recursion follows."""


def lindley(gaps: Draws, service: Draws) -> Truth:
    """Mean and p99 of 100 million requests to one server, in blocks that each begin where the last has ended."""
    chance, waited, latencies = np.random.default_rng(1), 0.0, []
    for _ in range(BLOCKS):
        served, gap = service(chance, BLOCK), gaps(chance, BLOCK)
        # The waiting time is the walk of service less gaps over its lowest point so far (Lindley, 1952).
        walk = waited + np.concatenate([[0.0], np.cumsum(served - gap)[:-1]])
        waiting = walk - np.minimum(np.minimum.accumulate(walk), 0.0)
        latencies.append((waiting + served).astype(np.float32))
        waited = max(0.0, float(waiting[-1] + served[-1] - gap[-1]))
    together = np.concatenate(latencies)
    place = int(0.99 * len(together))
    return {"mean": float(together.mean(dtype=np.float64)), "p99": float(np.partition(together, place)[place])}


def long_run(row: Row) -> Truth:
    """Mean and p99 by a run apart from those that are tried."""
    if row.name in SINGLE_SERVERS:
        return lindley(*SINGLE_SERVERS[row.name])
    assert row.longer is not None, row.key  # noqa: S101 - a benchmark's own rows
    times, replications = row.longer
    scenario = row.scenario(LONG_SEED, row.horizon_s * times, replications=replications)
    result = simulate(scenario)
    return {name: value for name in ("mean", "p99") if (value := result.latency_s[name].value) is not None}


LONG_RUNS: dict[str, Truth] = {
    "lognormal service of cv 3 at 0.7": {"mean": 0.06362022846567465, "p99": 0.6154435276985168},
    "gamma service of cv 3 at 0.7": {"mean": 0.06336807014059737, "p99": 0.3866516947746277},
    "gamma gaps of cv 4 at 0.7": {"mean": 0.12769728877480616, "p99": 0.5868127346038818},
    "batches of up to 8 at 0.9": {"mean": 0.1970127760073495, "p99": 0.4708106235},
    "M(t)/M/4 by day, 0.95 at the peak": {"mean": 0.011377398769517065, "p99": 0.0710410235},
    "lognormal service of cv 2 at 0.6": {"mean": 0.02380411418859772, "p99": 0.20078144967556},
    "bursts every 4 s, 0.7 on average": {"mean": 0.10541352297721006, "p99": 0.458764688},
    "closed loop of 20 clients": {"mean": 0.04104961838734453, "p99": 0.0993525755},
    "eight servers, least outstanding, at 0.9": {"mean": 0.010680033979570996, "p99": 0.0441712635},
    "M/M/1 at 0.9, who wait 100 ms are lost": {"mean": 0.035524698869584696, "p99": 0.1024983035},
}
"""Made by `python benchmarks/intervals.py --long-runs`."""
