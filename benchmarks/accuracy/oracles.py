"""How far simulated values are from theory, on every system of `tests/oracle` that has an exact answer.

    python benchmarks/accuracy/oracles.py                # about a million requests a system
    python benchmarks/accuracy/oracles.py --factor 5     # five times as many

Each system is simulated in 20 replications. The interval is Student's of 99.9 %, from these replications; the error
is the simulated value over the theory's, less 1.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "oracle"))

from oracle_cases import all_cases
from oracle_measures import measure
from oracle_systems import REPLICATIONS, Case

UNITS = {"latency": (1e3, " ms"), "waiting": (1e3, " ms"), "throughput": (1, " /s")}


def compared(case: Case, seed: int, engine: str) -> Iterator[dict[str, Any]]:
    """Every quantity of a system: theory, what was simulated, and their difference."""
    result = case.simulated(seed, engine)
    for quantity, exact in case.theory.items():
        found = measure(result, quantity)
        yield {
            "case": case.name,
            "quantity": quantity,
            "requests": result.provenance["requests_simulated"],
            "theory": exact,
            "simulated": found.value,
            "interval": [found.low, found.high],
            "error": found.value / exact - 1,
            "holds": found.holds(exact),
        }


def text_of(row: dict[str, Any]) -> str:
    """A row of the table."""
    scale, unit = UNITS.get(row["quantity"].split()[-1], (1, ""))
    theory, simulated, low, high = (
        f"{scale * value:.5g}" for value in (row["theory"], row["simulated"], *row["interval"])
    )
    inside = "" if row["holds"] else " outside"
    numbers = f"{theory}{unit} | {simulated}{unit} | {low} to {high} | {row['error']:+.2%}{inside}"
    return f"| {row['case']} | {row['quantity']} | {numbers} |"


def summary(rows: list[dict[str, Any]]) -> str:
    """All errors in one line."""
    errors = sorted(abs(row["error"]) for row in rows)
    outside = sum(not row["holds"] for row in rows)
    typical, high = errors[len(errors) // 2], errors[math.ceil(0.9 * len(errors)) - 1]
    return (
        f"{len(rows)} values of {len({row['case'] for row in rows})} systems: median error {typical:.2%}, "
        f"p90 {high:.2%}, largest {errors[-1]:.2%}; {outside} outside their 99.9 % interval"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--factor", type=float, default=1.0, help="requests, as a multiple of those in the tests")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--engine", default="auto", choices=["auto", "simpy", "compiled"])
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if not given.json:
        print(f"{REPLICATIONS} replications, seed {given.seed}, engine {given.engine}\n")
        print("| system | quantity | theory | simulated | 99.9 % interval | error |\n|---|---|---|---|---|---|")
    rows = []
    for case in all_cases():
        for row in compared(case.longer(given.factor), given.seed, given.engine):
            rows.append(row)
            if not given.json:
                print(text_of(row), flush=True)
    print(json.dumps(rows, indent=2) if given.json else f"\n{summary(rows)}")


if __name__ == "__main__":
    main()
