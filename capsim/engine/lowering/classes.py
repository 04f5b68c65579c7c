"""Who sends requests, when, and what they carry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from capsim.distributions import Distribution
from capsim.engine.blueprint import ArrivalPlan, ClassPlan, ClientsPlan, CrowdPlan, ReplayPlan
from capsim.engine.lowering.senders import senders_of
from capsim.scenario import Scenario
from capsim.scenario.classes import RequestClass
from capsim.units import NEVER, NS_PER_S
from capsim.workload import ClosedLoop, Trace


def classes_of(scenario: Scenario, firsts: Sequence[int]) -> tuple[ClassPlan, ...]:
    """The classes of a scenario, whose routes begin at the nodes `firsts`."""
    unit = scenario.items_per_unit
    return tuple(_class(scenario, each, first, unit) for each, first in zip(scenario.classes, firsts, strict=True))


def _class(scenario: Scenario, each: RequestClass, first_node: int, unit: int) -> ClassPlan:
    request_bytes, response_bytes = each.request_size or 0, each.response_size or 0
    items = each.items
    recorded = each.items_recorded
    drawn = recorded or len(items.values) > 1
    return ClassPlan(
        name=each.name,
        arrivals=_arrivals(each.arrivals),
        units=0 if drawn else items.most // unit,
        unit_values=items.values if drawn and not recorded else (),
        unit_shares=items.shares if drawn and not recorded else (),
        key_shares=None if each.keys is None or each.keys_recorded else each.keys.shares,
        priority=each.priority,
        deadline_ns=NEVER if each.deadline is None else each.deadline,
        up_ns_per_byte=scenario.network.client.ns_per_byte,
        up_ns=scenario.network.transfer_ns(request_bytes),
        down_ns=scenario.network.transfer_ns(response_bytes),
        request_bytes=request_bytes,
        response_bytes=response_bytes,
        first_node=first_node,
        senders=None if each.clients is None else senders_of(each.clients),
    )


def _arrivals(arrivals: Any) -> ArrivalPlan:
    if isinstance(arrivals, Trace):
        return ReplayPlan(arrivals)
    if not isinstance(arrivals, ClosedLoop):
        return CrowdPlan(arrivals)
    think = arrivals.think_time.variate if isinstance(arrivals.think_time, Distribution) else None
    return ClientsPlan(tuple(arrivals.starts_ns()), arrivals.mean_think_ns, think, arrivals.retry_delay)


def expected_requests(scenario: Scenario) -> float | None:
    """About how many requests are sent before the horizon, where that is known beforehand."""
    horizon_s = scenario.run.horizon / NS_PER_S
    offered = scenario.workload.combined.offered_per_s(horizon_s)
    return None if offered is None else offered * horizon_s
