"""Engine speed beside others: `python benchmarks/engine.py` prints tables.

All models of a workload take turns, round after round, in this process, so that a neighbour on the machine slows
all of them; what counts is the median over the rounds of each model's ratio to the naive SimPy model. The other
parts (`--parts`) are the time to a first answer in a fresh process, the memory that runs take, and the cost of
many servers.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

# This folder has files of its own whose names others' modules bear; theirs come first.
sys.path.append(sys.path.pop(0))

try:
    import rivals_cimba
except ImportError:
    CIMBA = False
else:
    CIMBA = True
    # Before all else: it cannot compile its model once Numba has compiled others.
    rivals_cimba.cimba_model(rivals_cimba.A, 1000, 0)

import rivals
import rivals_compiled
import workloads
from rivals import RivalResult
from workloads import CLASSIC, NAMES

Model = Callable[[int, int], RivalResult]
"""From a number of requests and a seed."""

BASE = "naive SimPy"
PARTS = ("compare", "start", "memory", "servers")


def models(name: str) -> dict[str, tuple[Model, int]]:
    """The models that can express a workload, with how many requests they are given."""
    found: dict[str, tuple[Model, int]] = {}
    if name == "A" and CIMBA:
        found["cimba"] = (partial(rivals_cimba.cimba_model, CLASSIC["A"]), 1_000_000)
    found |= {
        "capsim tally": (partial(workloads.capsim_tally, name), 2_000_000),
        "capsim rows": (partial(workloads.capsim_compiled, name), 1_000_000),
        "capsim SimPy": (partial(workloads.capsim_simpy, name), 100_000),
    }
    if name in CLASSIC:
        workload = CLASSIC[name]
        found[BASE] = (partial(rivals.naive_simpy, workload), 40_000)
        if workload.balancer == "least_outstanding":
            found["Ciw"] = (partial(rivals.ciw_model, workload), 20_000)
        found["salabim"] = (partial(rivals_compiled.salabim_model, workload), 40_000)
    if name == "A":
        found["Lindley"] = (partial(rivals_compiled.lindley, CLASSIC["A"]), 2_000_000)
    return found


def compare(name: str, rounds: int, wanted: list[str]) -> None:
    """Time the models of one workload in turns and print a row for each."""
    chosen = {model: pair for model, pair in models(name).items() if not wanted or model in wanted}
    results: dict[str, list[RivalResult]] = {model: [] for model in chosen}
    for run, _ in chosen.values():
        run(1000, 0)  # compiles, where a model is compiled
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
        print(f"{name:8} {model:14} {speed:14,.0f} {ratio:>8} {mean_ms:9.3f} {p99_ms:9.3f}", flush=True)


def start(rounds: int) -> None:
    """Time `capsim run` on 1e6 requests of B in a fresh process, with and without compiled code from before."""
    import yaml

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "b.yaml"
        file.write_text(yaml.safe_dump(workloads.build("B", 1_000_000).to_document()))
        command = [sys.executable, "-m", "capsim", "run", str(file), "--json"]
        environment = {"CAPSIM_CACHE": folder, "PATH": ""}
        wall_s, cpu_s = _spent(command, environment)
        print(f"{'start':8} {'cold cache':14} {wall_s:6.2f} s wall {cpu_s:6.2f} s CPU", flush=True)
        walls, cpus = zip(*(_spent(command, environment) for _ in range(rounds)), strict=True)
        wall_s, cpu_s = statistics.median(walls), statistics.median(cpus)
        print(f"{'start':8} {'warm cache':14} {wall_s:6.2f} s wall {cpu_s:6.2f} s CPU", flush=True)


def _spent(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Wall and CPU seconds of a command."""
    started, before = time.perf_counter(), os.times()
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own command
    after = os.times()
    cpu_s = after.children_user + after.children_system - before.children_user - before.children_system
    return time.perf_counter() - started, cpu_s


def memory(sizes: list[float]) -> None:
    """Print the peak memory of a process that runs B with histograms, and its speed."""
    for size in sizes:
        code = (
            "import resource, time, workloads\n"
            f"found = workloads.capsim_tally('B', {int(size)}, 0)\n"
            "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, found.requests_per_cpu_s)"
        )
        environment = {"PYTHONPATH": ":".join(sys.path), "HOME": str(Path.home())}
        ran = subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "-c", code], env=environment, check=True, capture_output=True, text=True
        )
        mib, speed = ran.stdout.split()
        print(f"{'memory':8} {size:14.0e} {mib:>6} MiB {float(speed):14,.0f} requests/CPU s", flush=True)


def servers() -> None:
    """Print what a request costs on 1 to 4,096 servers, and on 4,096 in several pools."""
    from capsim.engine import compiled, lower

    def cost(count: int, balancer: str, pools: int) -> float:
        found = []
        for _ in range(3):
            # Enough that laying out the servers does not count.
            requests = max(400_000, 1000 * count)
            blueprint = lower(workloads.many_servers(count, balancer, pools, requests))
            started = time.process_time()
            tally = compiled.run_tally(blueprint, 0)
            found.append((time.process_time() - started) / len(tally) * 1e9)
        return statistics.median(found)

    for count in (1, 4, 16, 64, 256, 1024, 4096):
        costs = [cost(count, balancer, 1) for balancer in ("least_outstanding", "power_of_two")]
        print(
            f"servers {count:6} {'least_outstanding':18} {costs[0]:7.0f} ns  power_of_two {costs[1]:7.0f} ns",
            flush=True,
        )
    for pools in (4, 64, 512):
        print(f"pools   {pools:6} of 4,096 servers    {cost(4096, 'least_outstanding', pools):7.0f} ns", flush=True)


def main() -> None:
    """Parse the options and run what they name."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parts", nargs="*", default=list(PARTS), choices=PARTS)
    parser.add_argument("--workloads", nargs="*", default=list(NAMES), choices=NAMES)
    parser.add_argument("--models", nargs="*", default=[], help="only these, by their names in the table")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sizes", nargs="*", type=float, default=[1e6, 1e7, 1e8], help="requests for the memory")
    options = parser.parse_args()
    if "compare" in options.parts:
        print(f"{'workload':8} {'model':14} {'requests/CPU s':>14} {'x naive':>8} {'mean ms':>9} {'p99 ms':>9}")
        for name in options.workloads:
            compare(name, options.rounds, options.models)
    if "start" in options.parts:
        start(options.rounds)
    if "memory" in options.parts:
        memory(options.sizes)
    if "servers" in options.parts:
        servers()


if __name__ == "__main__":
    main()
