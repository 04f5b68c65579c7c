"""How much of the time servers were up."""

from __future__ import annotations

from capsim.engine.blueprint import Blueprint
from capsim.engine.outages import outages_of


def availabilities(blueprint: Blueprint, replications: int, start_ns: int) -> dict[str, float]:
    """By pool the share of server time in which servers were up, from an instant to the horizon in all replications.

    Only pools are told whose servers can fail.
    """
    fail = [pool for pool in blueprint.pools if pool.faults is not None or pool.zones]
    down_ns = dict.fromkeys((pool.name for pool in fail), 0)
    for number in range(replications if fail else 0):
        outages = outages_of(blueprint.replicated(number))
        for pool in fail:
            for spans in outages[pool.first_server : pool.first_server + pool.servers]:
                down_ns[pool.name] += _within(spans, start_ns, blueprint.horizon_ns)
    span_ns = replications * (blueprint.horizon_ns - start_ns)
    return {pool.name: 1 - down_ns[pool.name] / (pool.servers * span_ns) for pool in fail}


def _within(spans: list[tuple[int, int]], start_ns: int, end_ns: int) -> int:
    """How much of some spans lies between two instants (ns)."""
    return sum(max(0, min(end, end_ns) - max(start, start_ns)) for start, end in spans)
