"""When servers are down."""

from __future__ import annotations

import numpy as np
import pytest
from systems import pool, scenario

from capsim.engine import lower
from capsim.engine.outages import apart, outages_of

HOUR_NS = 3_600_000_000_000


def downtime(faults: dict[str, str], servers: int = 50) -> float:
    """The share of an hour in which servers are down."""
    blueprint = lower(scenario(pool(servers=servers, faults=faults), run={"horizon": "1 h", "drain": "0 s"}))
    return sum(min(end, HOUR_NS) - start for spans in outages_of(blueprint) for start, end in spans) / HOUR_NS / servers


@pytest.mark.parametrize("distribution", ["exponential", "constant"])
def test_servers_are_down_for_mttr_over_both_means_of_the_time(distribution: str) -> None:
    assert downtime({"mtbf": "90 s", "mttr": "10 s", "distribution": distribution}) == pytest.approx(0.1, rel=0.05)


def test_spans_that_touch_are_one() -> None:
    assert apart([(5, 7), (1, 2), (2, 4), (6, 9)]) == [(1, 4), (5, 9)]


def test_a_longer_run_begins_with_the_same_outages() -> None:
    short, long = (
        outages_of(lower(scenario(pool(faults={"mtbf": "5 s", "mttr": "1 s"}), run={"horizon": horizon})))[0]
        for horizon in ("30 s", "300 s")
    )
    assert short == long[: len(short)]
    assert len(long) > len(short) > 0


def test_servers_of_a_zone_are_down_together_and_each_zone_for_itself() -> None:
    zones = {"faults": {"mtbf": "20 s", "mttr": "5 s"}}
    pools = (pool("a", servers=3, zones=["east", "west"]), pool("b", servers=1, zone="east"))
    route = [{"pools": ["a", "b"]}]
    first, second, third, beside = outages_of(lower(scenario(*pools, zones=zones, route=route, run={"horizon": "1 h"})))
    assert first == third == beside
    assert first != second
    assert np.all(np.diff(np.array(first).ravel()) > 0)
