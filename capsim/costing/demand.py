"""How many servers each hour needs, and on which terms to pay for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from capsim.costing.commitment import Mix, mix
from capsim.costing.rates import rates_of
from capsim.costing.series import HOURS, read_series
from capsim.costing.staircase import Staircase
from capsim.errors import Fault, InputError
from capsim.prices import Catalogue
from capsim.scenario import Scenario
from capsim.stats import Result
from capsim.workload.rates import mean_per_s

LEAST_HOURS = 24
HOURS_PER_WEEK = 168

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Demand:
    """A demand over time, the servers that it needs, and how to pay for them.

    Attributes:
        source: where the demand stands.
        mean_per_s: on average (requests/s).
        peak_per_s: in the busiest hour.
        servers: in a block.
        block: pool to its servers in a block.
        most_servers: needed in the busiest hour.
        mean_servers: needed on average.
        mix: the cheapest terms.
        knots: blocks, utilisation and load of what was simulated.
        assumes: what is taken for granted.
    """

    source: str
    mean_per_s: float
    peak_per_s: float
    servers: int
    block: Mapping[str, int]
    most_servers: int
    mean_servers: float
    mix: Mix
    knots: list[dict[str, Any]]
    assumes: tuple[str, ...]


ASSUMES = (
    "within an hour the load is steady at its mean",
    "what is taken by the hour follows the hours at once: no time to start",
    "this demand comes again for as long as the commitments last",
)


def hourly(scenario: Scenario, file: Path | None) -> tuple[str, Floats]:
    """The mean requests per second of each hour: from a CSV table, or a week of the scenario's own curve.

    Raises:
        InputError: what is wrong with the table, or the scenario has no curve.
    """
    if file is not None:
        series = read_series(file, HOURS, LEAST_HOURS)
        return series.file, series.per_s
    rates: list[Any] = [getattr(each.arrivals, "rate", None) for each in scenario.classes]
    if scenario.workload.combined.steady or None in rates:
        said = "does not vary: give the demand of each hour as a table, --demand FILE.csv"
        place = "workload.arrivals.rate" if scenario.workload.classes is None else "workload.classes"
        raise InputError(scenario.name, [Fault(place, said)])
    ends_s = np.arange(1, HOURS_PER_WEEK + 1) * 3600.0
    counts = np.array([sum(mean_per_s(rate, end) for rate in rates) * end for end in ends_s])
    return "a week of the scenario's own curve", np.diff(np.concatenate([[0.0], counts])) / 3600


def demand(
    scenario: Scenario, result: Result, stairs: Staircase, source: str, per_s: Floats, catalogue: Catalogue
) -> Demand:
    """The servers that each hour needs, and the cheapest terms for them.

    Args:
        scenario: with prices.
        result: its answer, for the use of its servers.
        stairs: how much load servers bear.
        source: where the demand stands.
        per_s: mean requests per second of each hour.
        catalogue: offers on other terms.

    Raises:
        InputError: a pool has no price by the hour.
    """
    needed, halved = stairs.blocks_for(per_s), stairs.blocks_for(per_s / 2)
    chosen = mix(needed, halved, rates_of(scenario, result, stairs.block, catalogue))
    return Demand(
        source=source,
        mean_per_s=float(per_s.mean()),
        peak_per_s=float(per_s.max()),
        servers=stairs.servers,
        block=dict(stairs.block),
        most_servers=chosen.most_blocks * stairs.servers,
        mean_servers=chosen.mean_blocks * stairs.servers,
        mix=chosen,
        knots=[asdict(knot) for knot in stairs.knots],
        assumes=ASSUMES,
    )
