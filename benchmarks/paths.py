"""Machine code beside SimPy on the shipped scenarios of the serving path: `python benchmarks/paths.py`.

CPU time of the engine a request, the best of three replications each, in one process; both give the same rows. Short
scenarios are run for longer, so that it is not how long a run takes to begin.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable
from dataclasses import replace

from capsim.engine import Blueprint, Ledger, compiled, lower, simpy
from capsim.scenario import load_scenario

FEWEST = 20_000
"""Requests."""
SCENARIOS = (
    "cached-ranking",
    "cascade",
    "edge-and-cloud",
    "ensemble",
    "interactive-and-bulk",
    "interactive-and-bulk-apart",
    "retry-storm",
)


def us_a_request(run: Callable[[Blueprint], Ledger], blueprint: Blueprint, rounds: int) -> tuple[float, Ledger]:
    """The best of some rounds, and what came out."""
    best, ledger = float("inf"), run(blueprint)
    for _ in range(rounds):
        began = time.process_time()
        ledger = run(blueprint)
        best = min(best, (time.process_time() - began) / len(ledger) * 1e6)
    return best, ledger


def longer(blueprint: Blueprint) -> Blueprint:
    """The same for about as many requests as are wanted, where it is known how many it sends."""
    times = math.ceil(FEWEST / blueprint.expected) if blueprint.expected else 1
    drain_ns, expected = blueprint.stop_ns - blueprint.horizon_ns, (blueprint.expected or 0) * times or None
    horizon_ns = blueprint.horizon_ns * times
    return replace(blueprint, horizon_ns=horizon_ns, stop_ns=horizon_ns + drain_ns, expected=expected)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    print(f"{'scenario':<28}{'requests':>9}{'compiled':>12}{'SimPy':>12}{'ratio':>8}")
    for name in SCENARIOS:
        blueprint = longer(lower(load_scenario(f"shipped:{name}")))
        quick, ledger = us_a_request(compiled.run, blueprint, rounds)
        slow, same = us_a_request(simpy.run, blueprint, rounds)
        equal = "" if ledger == same else "  rows differ!"
        print(f"{name:<28}{len(ledger):>9,}{quick:>9.2f} us{slow:>9.1f} us{slow / quick:>8.0f}{equal}", flush=True)


if __name__ == "__main__":
    main()
