"""Engine speed beside others: `python benchmarks/engine.py` prints a table of ratios.

All models of a workload take turns, round after round, in this process, so that a neighbour on the machine slows
all of them; what counts is the median over the rounds of each model's ratio to the naive SimPy model.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable
from functools import partial

import rivals
from rivals import RivalResult
from workloads import CLASSIC, NAMES, capsim_simpy

Model = Callable[[int, int], RivalResult]
"""From a number of requests and a seed."""

BASE = "naive SimPy"


def models(name: str) -> dict[str, tuple[Model, int]]:
    """The models that can express a workload, with how many requests they are given."""
    found: dict[str, tuple[Model, int]] = {"capsim SimPy": (partial(capsim_simpy, name), 100_000)}
    if name in CLASSIC:
        workload = CLASSIC[name]
        found[BASE] = (partial(rivals.naive_simpy, workload), 40_000)
        if workload.balancer == "least_outstanding":
            found["Ciw"] = (partial(rivals.ciw_model, workload), 20_000)
    return found


def compare(name: str, rounds: int, wanted: list[str]) -> None:
    """Time the models of one workload in turns and print a row for each."""
    chosen = {model: pair for model, pair in models(name).items() if not wanted or model in wanted}
    results: dict[str, list[RivalResult]] = {model: [] for model in chosen}
    for round_number in range(rounds):
        for model, (run, requests) in chosen.items():
            results[model].append(run(requests, round_number))
    for model, found in results.items():
        speed = statistics.median(result.requests_per_cpu_s for result in found)
        ratio = "-"
        if BASE in results:
            pairs = zip(found, results[BASE], strict=True)
            ratio = f"{statistics.median(a.requests_per_cpu_s / b.requests_per_cpu_s for a, b in pairs):.3g}"
        mean_ms = statistics.median(result.mean_latency_s for result in found) * 1e3
        p99_ms = statistics.median(result.p99_latency_s for result in found) * 1e3
        print(f"{name:8} {model:18} {speed:14,.0f} {ratio:>10} {mean_ms:10.3f} {p99_ms:10.3f}")


def main() -> None:
    """Parse the options and run what they name."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workloads", nargs="*", default=list(NAMES), choices=NAMES)
    parser.add_argument("--models", nargs="*", default=[], help="only these, by their names in the table")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    print(f"{'workload':8} {'model':18} {'requests/CPU s':>14} {'x naive':>10} {'mean ms':>10} {'p99 ms':>10}")
    for name in options.workloads:
        compare(name, options.rounds, options.models)


if __name__ == "__main__":
    main()
