"""How much load so many servers bear under the objective: a staircase, simulated at some knots and interpolated.

With more servers each of them bears more, as they help each other out; between the knots the utilisation is linear in
the logarithm of the number of servers, and beyond the last knot it stays as it is there.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from capsim.errors import Fault, InputError
from capsim.planner.headroom import loaded
from capsim.scenario import Scenario
from capsim.scenario.demand import capacity_per_s, offered_per_s
from capsim.scenario.objective import Objective
from capsim.simulation import simulate
from capsim.units import NS_PER_S

KNOTS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)
NEAR = 1 / 128
"""Utilisations are found to this."""
SLACK = 0.05
"""By how much utilisation may fall from one knot to the next before it is looked for from 0 on."""
REQUESTS = 60_000
"""Simulated for each load that is tried."""
REPLICATIONS = 2
TIMES_OF_THE_TARGET = 100
"""A run is at least so many times as long as the longest latency allowed."""
MOST_BLOCKS = 1e15
"""So many fit into 64 bits, whatever a demand grows to."""

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Told = Callable[[int, int], None]
"""Told how many knots are done, and how many there are."""


@dataclass(frozen=True)
class Knot:
    """The most load that a number of blocks bears.

    Attributes:
        blocks: how many.
        utilisation: load over capacity, the most that was simulated and meets the objective.
        load_per_s: the load itself (requests/s).
        simulations: how many it took to find.
    """

    blocks: int
    utilisation: float
    load_per_s: float
    simulations: int


@dataclass(frozen=True)
class Staircase:
    """The most load for any number of servers.

    Attributes:
        block: pool to its servers in a block, the smallest fleet in the proportions of the scenario.
        given: how many blocks the scenario has.
        capacity_per_s: requests per second that a block serves at most.
        knots: what was simulated, by blocks.
    """

    block: Mapping[str, int]
    given: int
    capacity_per_s: float
    knots: Sequence[Knot]

    @property
    def servers(self) -> int:
        """Servers in a block."""
        return sum(self.block.values())

    def bears_per_s(self, blocks: Any) -> Floats:
        """The most load that these many blocks bear (requests/s); of any shape."""
        counts = np.asarray(blocks, dtype=np.float64)
        at = np.log([knot.blocks for knot in self.knots])
        use = np.interp(np.log(np.maximum(counts, 1)), at, [knot.utilisation for knot in self.knots])
        return np.asarray(counts * use * self.capacity_per_s)

    def blocks_for(self, load_per_s: Any) -> Counts:
        """The fewest blocks that bear these loads, at least one; of any shape."""
        loads, last = np.asarray(load_per_s, dtype=np.float64), self.knots[-1]
        steps = np.maximum.accumulate(self.bears_per_s(np.arange(1, last.blocks + 1)))
        few = np.searchsorted(steps, loads, side="left") + 1
        many = np.ceil(np.minimum(loads / (last.load_per_s / last.blocks), MOST_BLOCKS))
        return np.where(loads <= steps[-1], few, many).astype(np.int64)


def staircase(scenario: Scenario, engine: str = "auto", told: Told | None = None, most: int = KNOTS[-1]) -> Staircase:
    """Find the staircase of a scenario, all of its pools together in the proportions that they have.

    Load that varies over time is taken at its mean: each hour is looked at alone.

    Args:
        scenario: with an objective and a load in requests per second.
        engine: as for `simulate`.
        told: called as knots are done.
        most: blocks at the last knot.

    Raises:
        InputError: no objective, a closed loop, a capacity that no formula knows, or a system that misses the
            objective even with hardly any load.
    """
    _check(scenario)
    given = math.gcd(*(pool.servers for pool in scenario.pools))
    block = {pool.name: pool.servers // given for pool in scenario.pools}
    capacity = capacity_per_s(_with_blocks(scenario, block, 1))
    if capacity is None or not math.isfinite(capacity):
        said = "what a server can bear is not known by a formula for these settings, so that no staircase is found"
        raise InputError(scenario.name, [Fault("pools", said)])
    knots: list[Knot] = []
    wanted = [count for count in KNOTS if count <= most]
    for count in wanted:
        before = knots[-1].utilisation if knots else 0.0
        knots.append(_knot(_with_blocks(scenario, block, count), count, capacity * count, engine, before))
        if told is not None:
            told(len(knots), len(wanted))
    if not knots[-1].utilisation:
        said = "is missed even with hardly any load, so that no number of servers helps"
        raise InputError(scenario.name, [Fault("objective", said)])
    return Staircase(block, given, capacity, [knot for knot in knots if knot.utilisation] or knots)


def _check(scenario: Scenario) -> None:
    faults = []
    if not _objectives(scenario):
        faults.append(Fault("objective", "is needed: how much load servers bear is a question of latency"))
    if offered_per_s(scenario) is None:
        faults.append(Fault("workload.arrivals", "is a closed loop, which has no demand in requests per second"))
    if faults:
        raise InputError(scenario.name, faults)


def _with_blocks(scenario: Scenario, block: Mapping[str, int], count: int) -> Scenario:
    pools = [pool.model_copy(update={"servers": block[pool.name] * count}) for pool in scenario.pools]
    return scenario.model_copy(update={"pools": pools})


def _knot(scenario: Scenario, blocks: int, capacity_per_s: float, engine: str, before: float) -> Knot:
    """By bisection of the utilisation, first from hardly less than what fewer servers bear."""
    start = max(0.0, before - SLACK)
    low, high, tried = start, 1.0, 0
    while high - low > NEAR:
        middle = (low + high) / 2
        tried += 1
        if _bears(scenario, middle * capacity_per_s, engine):
            low = middle
        else:
            high = middle
        if high - low <= NEAR and low == start > 0:
            start, low = 0.0, 0.0
    return Knot(blocks, low, low * capacity_per_s, tried)


def _bears(scenario: Scenario, load_per_s: float, engine: str) -> bool:
    result = simulate(at_load(scenario, load_per_s), engine, counted=True, beyond_chance=False)
    return result.objective is not None and bool(result.objective.met) and result.verdict == "stable"


def at_load(scenario: Scenario, load_per_s: float) -> Scenario:
    """The scenario under another, steady load, cut to the requests of a try."""
    steady = _steady(scenario)
    more = loaded(steady, load_per_s / (offered_per_s(steady) or 1.0))
    targets = [target for each in _objectives(scenario) for target in each.targets_ns().values()]
    least = TIMES_OF_THE_TARGET * max(targets)
    horizon = max(least, round(REQUESTS / REPLICATIONS / load_per_s * NS_PER_S))
    run = {"horizon": horizon, "warmup": "auto", "replications": REPLICATIONS, "precision": None, "drain": None}
    return more.model_copy(update={"run": more.run.model_copy(update=run)})


def _steady(scenario: Scenario) -> Scenario:
    """The scenario with its load at the mean, where it varies by a rate."""
    horizon_s = scenario.run.horizon / NS_PER_S

    def level(arrivals: Any) -> Any:
        if arrivals.steady or not hasattr(arrivals, "rate"):
            return arrivals
        return replace(arrivals, rate=arrivals.offered_per_s(horizon_s))

    return scenario.model_copy(update={"workload": scenario.workload.with_arrivals(level)})


def _objectives(scenario: Scenario) -> list[Objective]:
    """The objective of the scenario and those of its classes."""
    given = [scenario.objective, *(each.objective for each in scenario.classes)]
    return [objective for objective in given if objective is not None]
