"""Routes, classes and clients as the plain numbers that engines read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from systems import document, dynamic, pool, scenario

from capsim.distributions import Distribution, unit_quantile
from capsim.engine import Blueprint, lower
from capsim.engine.blueprint import (
    END,
    PRIORITY,
    CachePlan,
    ChoosePlan,
    DelayPlan,
    JoinPlan,
    LinkPlan,
    SplitPlan,
    StepPlan,
)
from capsim.engine.lowering.delays import quantile_plan
from capsim.scenario import scenario_from
from capsim.units import NEVER

A, B = {"pools": ["a"]}, {"pools": ["b"]}
POOLS = (pool("a"), pool("b"))


def lowered(*route: Any, **changes: Any) -> Blueprint:
    """The blueprint of a scenario with this route over two pools."""
    return lower(scenario(*POOLS, route=list(route), **changes))


def test_a_line_of_steps_is_numbered_along_it() -> None:
    plan = lowered(A, B, A)
    assert [node.next for node in plan.steps] == [1, 2, END]
    assert plan.plain


def test_branches_end_at_their_join_and_are_numbered_through() -> None:
    inner = {"parallel": [[A], [B]], "wait_for": 1}
    plan = lowered({"parallel": [[A, B], [inner, A]]}, B)
    split, first, second, within, left, right, joined, behind, join, last = plan.nodes
    assert isinstance(split, SplitPlan)
    assert (split.starts, split.wait_for, split.first_branch) == ((1, 3), 2, 1)
    assert split.next == 9
    assert isinstance(first, StepPlan)
    assert first.next == 2
    assert isinstance(second, StepPlan)
    assert second.next == 8
    assert isinstance(within, SplitPlan)
    assert (within.starts, within.wait_for, within.first_branch) == ((4, 5), 1, 3)
    assert within.next == 7
    assert isinstance(left, StepPlan)
    assert isinstance(right, StepPlan)
    assert left.next == right.next == 6
    assert joined == JoinPlan(3)
    assert isinstance(behind, StepPlan)
    assert behind.next == 8
    assert join == JoinPlan(0)
    assert isinstance(last, StepPlan)
    assert last.next == END


def test_an_empty_way_goes_on_at_once() -> None:
    plan = lowered({"choose": [{"share": "30 %", "route": [A]}, {"share": "rest", "route": []}]}, B)
    chosen, taken, last = plan.nodes
    assert isinstance(chosen, ChoosePlan)
    assert (chosen.starts, chosen.shares) == ((1, 2), (0.3, 1.0))
    assert isinstance(taken, StepPlan)
    assert taken.next == 2
    assert isinstance(last, StepPlan)
    ending = lowered({"choose": [{"share": "0 %", "route": []}, {"share": "rest", "route": [A, B]}]}).nodes[0]
    assert isinstance(ending, ChoosePlan)
    assert ending.starts == (END, 1)


def test_a_hit_leaves_out_the_rest_of_its_own_route() -> None:
    cache = {"cache": {"hit_ratio": "60 %", "look_up": "2 ms"}}
    plan = lowered({"choose": [{"share": "100 %", "route": [cache, A]}]}, cache, B)
    assert [(node.next, node.hit) for node in plan.nodes if isinstance(node, CachePlan)] == [(2, 3), (4, END)]
    by_keys = {"capacity": 10, "keys": {"zipf": 1, "count": 4}, "ttl": "1 s", "coalesce": True}
    (known, *_) = lowered({"cache": by_keys}, A).nodes
    assert isinstance(known, CachePlan)
    assert (known.hit_share, known.capacity, known.keys, known.ttl_ns, known.coalesces) == (None, 10, 4, 10**9, True)
    assert known.key_shares is not None
    assert known.key_shares.tolist() == pytest.approx([12 / 25, 18 / 25, 22 / 25, 1])


def test_links_share_a_line_by_name_where_they_are_contended() -> None:
    links = {
        "wan": {"latency": "40 ms"},
        "edge": {"latency": "3 ms", "bandwidth": "20 Mbit/s", "contention": True},
        "other": {"bandwidth": "8 Gbit/s", "contention": True},
    }
    route = [{"link": "edge"}, {"link": "wan"}, {"link": "other"}, A, {"link": "edge", "carries": "response"}]
    hops = [node for node in lowered(*route, network={"links": links}).nodes if isinstance(node, LinkPlan)]
    assert [hop.line for hop in hops] == [0, None, 1, 0]
    assert [hop.latency_ns for hop in hops] == [3_000_000, 40_000_000, 0, 3_000_000]
    assert [hop.ns_per_byte for hop in hops] == [400.0, 0.0, 1.0, 400.0]
    assert [hop.carries_response for hop in hops] == [False, False, False, True]


def test_classes_begin_where_their_routes_do() -> None:
    classes: list[dict[str, Any]] = [
        {"name": "x", "route": [B], "priority": 3, "deadline": "1 s", "request_size": "1 kB"},
        {"name": "y", "items_per_request": {"values": {"2": "25 %", "5": "75 %"}}},
        {"name": "z", "route": [A, B], "keys": {"zipf": 0, "count": 2}},
    ]
    arrivals = {"process": "poisson", "rate": "1 /s"}
    pools = [pool("a", batching=dynamic(8), queue={"discipline": "priority"}), pool("b", batching=dynamic(8))]
    choice = {"choose": [{"classes": ["y"], "route": [A]}]}
    given = {
        **document(*pools, route=[choice, B], network={"client": {"bandwidth": "8 Mbit/s"}}),
        "workload": {"classes": [{"arrivals": arrivals, **each} for each in classes]},
    }
    plan = lower(scenario_from(given, Path()))
    assert [each.first_node for each in plan.classes] == [3, 0, 4]
    assert [each.priority for each in plan.classes] == [3, 0, 0]
    assert [each.deadline_ns for each in plan.classes] == [10**9, NEVER, NEVER]
    assert [each.up_ns for each in plan.classes] == [1_000_000, 0, 0]
    assert [(each.units, each.unit_values, each.unit_shares) for each in plan.classes] == [
        (1, (), ()),
        (0, (2, 5), (0.25, 1.0)),
        (1, (), ()),
    ]
    assert plan.classes[2].key_shares is not None
    assert plan.classes[2].key_shares.tolist() == [0.5, 1.0]
    assert isinstance(plan.nodes[0], ChoosePlan)
    assert plan.nodes[0].by_class == (0, 0, 0)
    assert [each.discipline for each in plan.pools] == [PRIORITY, 0]
    assert plan.items_per_unit == 1
    assert not plan.plain


def test_the_overhead_is_by_requests_and_there_are_times_for_the_largest() -> None:
    items = {"values": {"1": "50 %", "6": "50 %"}}
    overhead = {"per_batch": "3 ms", "per_request": "1 ms"}
    mixed = lower(scenario(pool(overhead=overhead), items=items)).pools[0]
    # A pool that serves requests one by one still has times for the largest.
    assert mixed.service.overhead_ns.tolist() == [ms * 1_000_000 for ms in (4, 5, 6, 7, 8, 9)]
    assert len(mixed.service.mean_ns) == 6
    alike = lower(scenario(pool(overhead=overhead), items=6)).pools[0]
    assert alike.service.overhead_ns.tolist() == [4_000_000]


def test_clients_in_numbers() -> None:
    clients = {
        "timeout": "500 ms",
        "cancel": True,
        "retry": {
            "most": 3,
            "backoff": {"first": "50 ms", "factor": 3, "jitter": "equal"},
            "on": ["rejected", "failed"],
        },
        "hedge": {"after": "p95", "most": 2},
        "breaker": {"failures": "50 %", "window": "10 s", "open": "5 s"},
    }
    senders = lower(scenario(clients=clients)).classes[0].senders
    assert senders is not None
    assert (senders.timeout_ns, senders.cancels, senders.jitter) == (500_000_000, True, 2)
    assert senders.backoff_ns == (50_000_000, 150_000_000, 450_000_000)
    assert senders.retried == (False, True, False, True, False)
    assert (senders.hedge_ns, senders.hedge_share, senders.most_hedges) == (NEVER, 0.95, 2)
    assert senders.breaker is not None
    assert senders.breaker.least == 20
    assert senders.most_attempts == 12


@pytest.mark.parametrize(
    ("name", "cv"), [("exponential", None), ("lognormal", 0.5), ("gamma", 2.0), ("lognormal", 5.0)]
)
def test_delays_have_their_mean_exactly_and_their_quantiles_nearly(name: Any, cv: float | None) -> None:
    plan = quantile_plan(Distribution(distribution=name, mean=8_000_000, cv=cv))
    assert plan.shares[0] == 0
    assert plan.shares[-1] == 1
    mean = np.diff(plan.shares) @ (plan.values_ns[1:] + plan.values_ns[:-1]) / 2
    assert mean == pytest.approx(8e6, rel=1e-12)
    at = np.array([0.1, 0.5, 0.9, 0.99, 0.9999, 1 - 1e-7])
    exact = 8e6 * unit_quantile(name, 1.0 if cv is None else cv, at)
    assert np.interp(at, plan.shares, plan.values_ns) == pytest.approx(exact, rel=5e-4)
    assert np.all(np.diff(plan.values_ns) >= 0)


def test_a_constant_delay_is_the_same_for_all() -> None:
    (delay, _) = lowered({"delay": "3 ms"}, A).nodes
    assert isinstance(delay, DelayPlan)
    assert (delay.delay.shares.tolist(), delay.delay.values_ns.tolist()) == ([0, 1], [3e6, 3e6])
