"""How long the questions about money take: `python benchmarks/plan.py`, in CPU seconds of this process.

A grid of servers × largest batch × delay × two profiles of the shipped image scenario; the staircase of 64 servers; a
forecast of 36 months in 4,000 futures after it; `capsim cost` beside `capsim run`.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Callable
from typing import TypeVar

from capsim.costing import cost
from capsim.costing.staircase import staircase
from capsim.forecasting import forecast, given_growth
from capsim.forecasting.forecast import Asked
from capsim.planner import plan
from capsim.scenario import load_scenario
from capsim.scenario.grid import Grid, load_grid
from capsim.simulation import simulate

SCENARIO = "shipped:image-classification"
FOLDER = "shipped:cpu-amd-epyc-zen4-1core"
VARY = [
    "pools.cpu.servers=1:25",
    "pools.cpu.batching.max_batch_size=1,2,4,8",
    "pools.cpu.batching.max_queue_delay=0 ms,2 ms,5 ms,10 ms,20 ms",
    f"pools.cpu.profile={FOLDER}/resnet50-fp32-onnxruntime,{FOLDER}/resnet50-int8-static-onnxruntime",
]
T = TypeVar("T")


def timed(what: str, work: Callable[[], T]) -> T:
    """Do it, and print the CPU seconds that it took."""
    began = time.process_time()
    done = work()
    print(f"{what:<58} {time.process_time() - began:6.2f} CPU s")
    return done


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--brute-force", action="store_true", help="simulate every cell too, which takes long")
    asked = parser.parse_args()
    scenario = load_scenario(SCENARIO)
    simulate(scenario)
    answer = timed("capsim run: the answer", lambda: simulate(scenario))
    costs = timed("capsim cost: the bill from it", lambda: cost(scenario, answer))
    stairs = timed("staircase of 64 servers", lambda: staircase(scenario))
    grown = Asked(36, given_growth(100, 0.04, 0.02, 0.08), peak=1.5)
    forecast(scenario, answer, costs, stairs, grown)
    timed("forecast of 36 months, 4,000 futures, after it", lambda: forecast(scenario, answer, costs, stairs, grown))
    grid = timed("reading the grid", lambda: load_grid(SCENARIO, VARY))
    told = timed(f"plan of {len(grid):,} cells", lambda: plan(grid, workers=1, bears=False))
    print(f"  {dict(Counter(candidate.state for candidate in told.candidates))}")
    print(f"  best: {told.best.settings if told.best else None}")
    if asked.brute_force:
        timed("brute force", lambda: _every(grid))


def _every(grid: Grid) -> int:
    return sum(simulate(scenario, counted=True).verdict == "stable" for scenario in grid.scenarios())


if __name__ == "__main__":
    main()
