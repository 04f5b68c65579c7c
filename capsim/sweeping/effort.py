"""How long a grid takes, measured on one of its own scenarios."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import NamedTuple

from capsim.processes import processors
from capsim.scenario import Scenario
from capsim.scenario.demand import expected_requests
from capsim.scenario.grid import Grid
from capsim.simulation import simulate
from capsim.units import NS_PER_S

SAMPLED = 50
FIRST_REQUESTS, TIMES = 1_000, 4
SHORT_S, LONG_S = 0.1, 0.7
"""A probe of this length tells the speed well enough, of work that is done in seconds and of other work."""
SOON_S = 5.0
WORTH = 0.7
START_S = 4.0
"""About how long processes take to start and to read what they run."""


@dataclass(frozen=True)
class Effort:
    """What a grid takes.

    Attributes:
        cells: how many combinations.
        requests: about how many requests are simulated.
        seconds: about how long that takes.
        workers: in so many processes.
    """

    cells: int
    requests: float
    seconds: float
    workers: int


class Probe(NamedTuple):
    """What simulating some requests took."""

    requests: float
    wall_s: float
    cpu_s: float


def estimate(grid: Grid, workers: int | None, engine: str = "auto") -> Effort:
    """What simulating a grid takes, from evenly spread combinations and the speed of the middle one.

    Without `workers` as many as make it shortest.
    """
    count = min(SAMPLED, len(grid))
    picked = [grid.scenario(i * (len(grid) - 1) // max(count - 1, 1)) for i in range(count)]
    requests = sum(map(expected_requests, picked)) / count * len(grid)
    few, many = _probes(picked[count // 2], engine, requests)
    wall_s = _scaled(few.wall_s, many.wall_s, few, many, len(grid), requests)
    cpu_s = max(wall_s, _scaled(few.cpu_s, many.cpu_s, few, many, len(grid), requests))
    most = workers or min(processors(), len(grid))
    # Other processes are worth it only where they save much: replications may keep all processors busy.
    together_s = START_S + max(cpu_s / min(most, processors()), wall_s / most)
    if most == 1 or (workers is None and WORTH * wall_s <= together_s):
        return Effort(len(grid), requests, wall_s, 1)
    return Effort(len(grid), requests, together_s, most)


def _scaled(few_s: float, many_s: float, few: Probe, many: Probe, cells: int, requests: float) -> float:
    """The time of so many cells with so many requests, each with a part that does not depend on the requests."""
    each_s = max(many_s - few_s, 0.0) / (many.requests - few.requests) if many.requests > few.requests else 0.0
    fixed_s = max(many_s - each_s * many.requests, 0.0)
    return cells * fixed_s + requests * each_s


def _probes(scenario: Scenario, engine: str, requests: float) -> tuple[Probe, Probe]:
    """A short run and a longer one, the whole scenario where that is short; `requests` are all that come."""
    simulate(_cut(scenario, FIRST_REQUESTS), engine)  # what is compiled or read once
    wanted = FIRST_REQUESTS
    few = many = _probe(_cut(scenario, wanted), engine)
    while wanted < expected_requests(scenario):
        soon = requests * many.wall_s / max(many.requests, 1.0) < SOON_S
        if many.wall_s > (SHORT_S if soon else LONG_S):
            break
        wanted *= TIMES
        many = _probe(_cut(scenario, wanted), engine)
    return few, many


def _probe(scenario: Scenario, engine: str) -> Probe:
    wall, cpu = time.perf_counter(), time.process_time()
    result = simulate(scenario, engine)
    requests = float(result.provenance["requests_simulated"])
    return Probe(requests, time.perf_counter() - wall, time.process_time() - cpu)


def _cut(scenario: Scenario, requests: float) -> Scenario:
    """The scenario with its replications as they are, and a horizon of about so many requests in all."""
    share = requests / max(expected_requests(scenario), 1e-9)
    change: dict[str, object] = {"precision": None, "replications": scenario.run.least_replications}
    if share < 1:
        change |= {"horizon": max(int(scenario.run.horizon * share), NS_PER_S // 1000), "warmup": "auto"}
    return scenario.model_copy(update={"run": scenario.run.model_copy(update=change)})
