"""What happened in each pool."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from capsim.engine.blueprint import Blueprint, PoolPlan
from capsim.engine.ledger import Ints
from capsim.scenario import Scenario
from capsim.scenario.demand import server_capacity_per_s
from capsim.serving.admission import ADMISSION
from capsim.serving.rule import LINE
from capsim.stats.availability import availabilities
from capsim.stats.crowd import Crowd
from capsim.stats.sections import Estimate, averaged
from capsim.stats.spent import Spent
from capsim.stats.verdict import POINTS, SIGNIFICANCE, rises
from capsim.units import NS_PER_S
from capsim.workload import ItemCounts


@dataclass(frozen=True)
class PoolResult:
    """What happened in a pool, over all replications after warm-up.

    Attributes:
        name: of the pool.
        servers: how many it has.
        utilisation: share of time that its instances were busy, however small their batches were.
        load_over_capacity: requests that came to it over what it serves at most, with full batches on all instances.
        mean_batch_size: items a batch.
        batch_size_counts: items in a batch to the number of batches.
        visits: how many times a request entered one of its queues.
        mean_waiting_s: mean time in the queue of those served.
        wasted: share of the time of its instances that went to attempts that were not answered, part of the
            utilisation; nothing where requests were counted in histograms and some were lost.
        availability: share of the time of its servers in which they were up; nothing where they can't fail.
        verdict: saturated where the system is, and this pool gets more than it bears or its queues grow; else stable.
    """

    name: str
    servers: int
    utilisation: float
    load_over_capacity: float
    mean_batch_size: float | None
    batch_size_counts: Mapping[int, int]
    visits: int
    mean_waiting_s: float | None
    wasted: float | None = None
    availability: float | None = None
    verdict: str = "stable"


@dataclass(frozen=True)
class AdmissionResult:
    """What the admission rule of a pool did, over all replications after warm-up.

    Attributes:
        pool: its name.
        admitted: requests that it let in.
        turned_away: requests that it did not; their outcome is rejected.
    """

    pool: str
    admitted: int
    turned_away: int


def pool_results(
    scenario: Scenario,
    blueprint: Blueprint,
    crowd: Crowd,
    spent: Spent,
    busy: Mapping[str, Estimate],
    overfull: Collection[str],
    *,
    saturated: bool,
) -> list[PoolResult]:
    """What happened in each pool to all requests.

    Args:
        scenario: what was simulated.
        blueprint: of any replication.
        crowd: all requests.
        spent: for whom instances were at work.
        busy: the `utilisations`.
        overfull: the `overfull_pools`.
        saturated: whether the system does not bear its load.
    """
    results = []
    up = availabilities(blueprint, len(crowd.runs), crowd.start_ns)
    for number, plan in enumerate(blueprint.pools):
        visited = [run.visited(plan, crowd.start_ns) for run in crowd.runs]
        visits, pool = sum(each.visits for each in visited), scenario.pool(plan.name)
        borne = plan.servers * server_capacity_per_s(pool, _carried(plan, crowd) or scenario.items_per_unit)
        load = visits / crowd.span_s / borne
        sizes, items = _summed([each.sizes for each in visited]), blueprint.items_per_unit
        formed = int(sizes.sum())
        served, waited_ns = sum(each.served for each in visited), sum(each.waited_ns for each in visited)
        results.append(
            PoolResult(
                name=plan.name,
                servers=plan.servers,
                utilisation=busy[f"utilisation.{plan.name}"].value,
                load_over_capacity=load,
                mean_batch_size=float(sizes @ np.arange(len(sizes))) * items / formed if formed else None,
                batch_size_counts={n * items: int(count) for n, count in enumerate(sizes) if count},
                visits=visits,
                mean_waiting_s=waited_ns / served / NS_PER_S if served else None,
                wasted=spent.wasted_share(plan, number, crowd.span_s * NS_PER_S),
                availability=up.get(plan.name),
                verdict="saturated" if plan.name in overfull or (saturated and load >= 1) else "stable",
            )
        )
    return results


def _carried(plan: PoolPlan, crowd: Crowd) -> ItemCounts | None:
    """How many items the requests carried that came to a pool; nothing where all carry as many, or none came."""
    seen = [run.carried(plan, crowd.start_ns) for run in crowd.runs]
    tables = [table for table in seen if table is not None]
    together = _summed(tables) if tables else np.zeros(0, np.int64)
    values = np.flatnonzero(together)
    if not len(values):
        return None
    reached = np.cumsum(together[values])
    return ItemCounts(tuple(values.tolist()), (*(reached[:-1] / reached[-1]).tolist(), 1.0))


def _summed(tables: Sequence[Ints]) -> Ints:
    """How often 0, 1, 2 … came in all tables together."""
    sums = np.zeros(max(len(table) for table in tables), np.int64)
    for table in tables:
        sums[: len(table)] += table
    return sums


def overfull_pools(blueprint: Blueprint, crowd: Crowd) -> set[str]:
    """The pools in whose queues more and more requests wait; of a single pool that is known from the whole."""
    names = set[str]()
    if len(blueprint.pools) == 1:
        return names
    instants = np.linspace(crowd.start_ns, crowd.end_ns, POINTS)
    for plan in blueprint.pools:
        lines = [run.waiting_at(plan, instants) for run in crowd.runs]
        came = [float(run.visited(plan, crowd.start_ns).visits) for run in crowd.runs]
        known = [(instants, line) for line in lines if line is not None]
        if len(known) == len(lines) and rises(known, came, SIGNIFICANCE / len(blueprint.pools)):
            names.add(plan.name)
    return names


def admission_results(blueprint: Blueprint, crowd: Crowd) -> list[AdmissionResult]:
    """What the admission rules of the pools that have one did."""
    results = []
    for plan in blueprint.pools:
        if plan.admission is not None:
            visited = [run.visited(plan, crowd.start_ns) for run in crowd.runs]
            visits, refused = sum(each.visits for each in visited), sum(each.refused for each in visited)
            # Whom a rule turns away in line has visited the queue.
            in_line = ADMISSION[plan.admission].RULE.at == LINE
            results.append(AdmissionResult(plan.name, visits - refused if in_line else visits, refused))
    return results


def utilisations(blueprint: Blueprint, crowd: Crowd) -> dict[str, Estimate]:
    """Share of time that the instances of each pool were busy, by `utilisation.POOL`."""
    return {
        f"utilisation.{plan.name}": averaged(
            crowd.sections, [run.utilisation(plan, low, high) for run, low, high in crowd.spans]
        )
        for plan in blueprint.pools
    }
