"""How often the 95 % intervals hold the truth, and whether verdicts and probabilities keep what they say.

    python benchmarks/intervals.py --seeds 400 --workers 2

Each seed is one whole answer of `simulate()`, as a user gets it. Truth is a closed form (`capsim.queueing`), but for
p99 of the batching server, which has none: it comes from one run of 20 million requests, computed here apart from
the engines, whose mean must agree with the closed form.
"""

from __future__ import annotations

import argparse
import json
import math
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import joblib
import numpy as np

from capsim import Scenario, queueing, scenario_from, simulate
from capsim.comparison import compare

SERVICE_S = 0.005
BATCH_S, ITEM_S, LARGEST = 0.04, 0.01, 8
LONG_RUN = 20_000_000
REPLICATIONS = 5


@dataclass(frozen=True)
class Case:
    """A system with a known answer.

    Attributes:
        name: in Kendall's notation where there is one.
        load: offered load over capacity.
        rate_per_s: of the Poisson arrivals.
        pool: the one pool of the scenario.
        horizon_s: of each of the five replications.
        truth: statistic to its value (s).
        spread: about half the interval of p99, relative; targets lie within 1.5 of it around the truth.
        visits: how many times a request visits the pool.
    """

    name: str
    load: float
    rate_per_s: float
    pool: Mapping[str, Any]
    horizon_s: int
    truth: Mapping[str, float]
    spread: float = 0.1
    visits: int = 1

    def scenario(self, seed: int, target_s: float) -> Scenario:
        """This case with an objective."""
        data = {
            "name": self.name,
            "workload": {"arrivals": {"process": "poisson", "rate": f"{self.rate_per_s!r} /s"}},
            "pools": [{"name": "pool", "servers": 1, **self.pool}],
            "route": [{"pools": ["pool"]}] * self.visits,
            "objective": {"p99": f"{round(target_s * 1e9)} ns"},
            "run": {"horizon": f"{self.horizon_s} s", "replications": REPLICATIONS, "seed": seed},
        }
        return scenario_from(data)


def service(law: str, **more: str) -> dict[str, Any]:
    """Service times with this law."""
    return {"service": {"distribution": law, "mean": f"{SERVICE_S * 1e3:g} ms", **more}}


def single_server(load: float, horizon_s: int) -> Iterator[Case]:
    """M/M/1 and M/D/1."""
    rate = load / SERVICE_S
    exponential = {
        "mean": queueing.mm1_mean_latency_s(rate, SERVICE_S),
        "p99": queueing.mm1_latency_quantile_s(rate, SERVICE_S, 0.99),
    }
    yield Case("M/M/1", load, rate, service("exponential"), horizon_s, exponential, 0.1 if load < 0.8 else 0.2)
    constant = {
        "mean": SERVICE_S + queueing.md1_mean_waiting_s(rate, SERVICE_S),
        "p99": queueing.md1_latency_quantile_s(rate, SERVICE_S, 0.99),
    }
    yield Case("M/D/1", load, rate, service("constant"), horizon_s, constant, 0.07 if load < 0.8 else 0.13)


def batching_server(load: float, horizon_s: int) -> Case:
    """Dynamic batching with a delay of 0: batches of up to 8 in 40 ms and 10 ms an item."""
    means = [BATCH_S + ITEM_S * size for size in range(1, LARGEST + 1)]
    rate = load * LARGEST / means[-1]
    mean, p99 = long_run(rate, means)
    known = queueing.bulk_service_mean_latency_s(rate, means, "deterministic")
    if not math.isclose(mean, known, rel_tol=0.01):
        raise ArithmeticError(f"the long run has a mean of {mean:g} s, theory {known:g} s")
    pool = {
        "service": {"distribution": "constant", "mean": f"{BATCH_S * 1e3:g} ms", "per_item": f"{ITEM_S * 1e3:g} ms"},
        "batching": {"policy": "dynamic", "max_batch_size": LARGEST},
    }
    return Case(
        f"batches of up to {LARGEST}",
        load,
        rate,
        pool,
        horizon_s,
        {"mean": known, "p99": p99},
        0.02 if load < 0.8 else 0.1,
    )


def long_run(rate_per_s: float, service_s: list[float]) -> tuple[float, float]:
    """Mean and p99 of the latency of a batching server, by following its batches one after another (s)."""
    arrived = np.cumsum(np.random.default_rng(1).exponential(1 / rate_per_s, LONG_RUN))
    instants, largest = arrived.tolist(), len(service_s)
    first, free = 0, 0.0
    ends, sizes = [], []
    while first < LONG_RUN:
        start = max(free, instants[first])
        size = min(bisect_right(instants, start, first, min(first + largest, LONG_RUN)) - first, largest)
        free = start + service_s[size - 1]
        ends.append(free)
        sizes.append(size)
        first += size
    latency = np.repeat(ends, sizes) - arrived
    return float(latency.mean()), float(np.quantile(latency, 0.99))


def cases() -> list[Case]:
    """At load 0.9 runs are longer: what happens in a queue is remembered 25 times as long as at load 0.5."""
    return [
        *single_server(0.5, 60),
        *single_server(0.9, 300),
        batching_server(0.5, 300),
        batching_server(0.9, 300),
    ]


def overloaded() -> list[Case]:
    """Two visits to one server: each step alone has the capacity, so that only the drift shows the overload."""
    return [
        Case("two visits to M/M/1", load, load / SERVICE_S / 2, service("exponential"), 60, {"p99": 1.0}, visits=2)
        for load in (1.05, 1.1)
    ]


def one_seed(case: Case, seed: int) -> dict[str, Any]:
    """What one answer says of a case; its objective is a p99 above or below the true one."""
    away = 1.5 * case.spread * (2 * ((seed * 0.6180339887498949) % 1) - 1)
    result: Any = simulate(case.scenario(seed, case.truth["p99"] * math.exp(away)))
    held = {
        name: low <= case.truth[name] <= high
        for name, (low, high) in ((name, result.latency_s[name].ci95) for name in case.truth)
    }
    half = {name: (result.latency_s[name].ci95[1] - result.latency_s[name].ci95[0]) / 2 for name in case.truth}
    return {
        "held": held,
        "half": half,
        "saturated": result.verdict == "saturated",
        "probability": result.objective.probability,
        "holds": away >= 0,
    }


def quicker(case: Case) -> Case:
    """M/M/1 with a tenth less service: what it is compared with."""
    shorter = 0.9 * SERVICE_S
    truth = {
        "mean": queueing.mm1_mean_latency_s(case.rate_per_s, shorter),
        "p99": queueing.mm1_latency_quantile_s(case.rate_per_s, shorter, 0.99),
    }
    pool = {"service": {"distribution": "exponential", "mean": f"{shorter * 1e3:g} ms"}}
    return replace(case, pool=pool, truth=truth)


def one_difference(a: Case, b: Case, seed: int) -> dict[str, bool]:
    """Whether the intervals of the relative changes from `a` to `b` hold the truth."""
    found = compare(a.scenario(seed, 1.0), b.scenario(seed, 1.0)).latency_s
    held = {}
    for name, before in a.truth.items():
        low, high = found[name].relative.ci95 or (math.nan, math.nan)
        held[name] = low <= b.truth[name] / before - 1 <= high
    return held


def table(seeds: int, workers: int) -> dict[str, Any]:
    """Coverage and verdicts by case, and how often objectives hold by how probable they were said to be."""
    rows, said = [], []
    run = joblib.Parallel(n_jobs=workers)
    for case in [*cases(), *overloaded()]:
        answers = run(joblib.delayed(one_seed)(case, seed) for seed in range(seeds))
        row = {"case": case.name, "load": case.load, "saturated": np.mean([a["saturated"] for a in answers])}
        if case.visits == 1:
            row["horizon_s"] = case.horizon_s
            row["coverage"] = {name: float(np.mean([a["held"][name] for a in answers])) for name in case.truth}
            row["half_width"] = {
                name: float(np.mean([a["half"][name] for a in answers])) / true for name, true in case.truth.items()
            }
            said += [(a["probability"], a["holds"]) for a in answers]
        rows.append(row)
    found = {"seeds": seeds, "replications": REPLICATIONS, "cases": rows, "calibration": _calibration(said)}
    return {**found, "differences": _differences(seeds, run)}


def _differences(seeds: int, run: Any) -> list[dict[str, Any]]:
    rows = []
    for case in (next(single_server(0.5, 60)), next(single_server(0.9, 300))):
        held = run(joblib.delayed(one_difference)(case, quicker(case), seed) for seed in range(seeds))
        shares = {name: float(np.mean([each[name] for each in held])) for name in case.truth}
        rows.append({"case": f"{case.name}, service a tenth shorter", "load": case.load, "coverage": shares})
    return rows


def _calibration(said: list[tuple[float, bool]]) -> list[dict[str, float]]:
    found = []
    for low, high in ((0.02, 0.3), (0.3, 0.7), (0.7, 0.9), (0.9, 0.98), (0.98, 1.01)):
        inside = [(probability, holds) for probability, holds in said if low <= probability < high]
        if inside:
            stated, held = np.mean(inside, axis=0)
            found.append({"answers": len(inside), "said": float(stated), "held": float(held)})
    return found


def _text(found: dict[str, Any]) -> Iterator[str]:
    yield f"{found['seeds']} seeds, {found['replications']} replications each"
    yield ""
    yield "| system | load | horizon | mean covers | half width | p99 covers | half width | said to be saturated |"
    yield "|---|---|---|---|---|---|---|---|"
    for row in found["cases"]:
        cells = ["–"] * 5
        if "coverage" in row:
            cells = [f"{row['horizon_s']} s"]
            for name in ("mean", "p99"):
                cells += [f"{row['coverage'][name]:.1%}", f"{row['half_width'][name]:.1%}"]
        yield f"| {row['case']} | {row['load']:g} | {' | '.join(cells)} | {row['saturated']:.1%} |"
    yield ""
    yield "| objectives said to hold with, on average | answers | hold |"
    yield "|---|---|---|"
    for row in found["calibration"]:
        yield f"| {row['said']:.1%} | {row['answers']} | {row['held']:.1%} |"
    yield ""
    yield "| difference | load | change of the mean covers | change of p99 covers |"
    yield "|---|---|---|---|"
    for row in found["differences"]:
        yield f"| {row['case']} | {row['load']:g} | {row['coverage']['mean']:.1%} | {row['coverage']['p99']:.1%} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=400)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found = table(given.seeds, given.workers)
    print(json.dumps(found, indent=2) if given.json else "\n".join(_text(found)))


if __name__ == "__main__":
    main()
