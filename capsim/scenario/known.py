"""Which settings a closed form knows: where a scenario uses another one, the closed form abstains.

What is known is listed, so that a setting that comes later makes every closed form abstain until somebody has thought
about it. A setting at its default changes nothing.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

Known = dict[str, str]
"""Name of a section to the fields that are known, or to `*` where none of them matters."""

STRAIGHT: Known = {
    "Scenario": "name workload pools route network objective run prices costs plan calibration validation",
    "Workload": "arrivals items_per_request keys",
    "Pool": (
        "name hardware servers instances profile service noise jitter extrapolate batching queue admission overhead "
        "front_end sharing price parallel"
    ),
    "Service": "distribution mean cv per_item",
    "Noise": "cv",
    "Jitter": "cv",
    "Queue": "discipline shared capacity timeout",
    "Overhead": "per_batch per_request overlapped",
    "Parallel": "tensor pipeline",
    "FrontEnd": "before after",
    "Sharing": "overlap turns",
    "Step": "pools balancer name",
    "Network": "client request_size response_size",
    "Link": "latency bandwidth",
    "Keys": "*",
    "LatencyProfile": "*",
    "HourlyPrice": "*",
    "OfferPrice": "*",
    "OwnPrice": "*",
    "Costs": "*",
    "Planning": "*",
    "Objective": "*",
    "Run": "*",
    "Calibration": "*",
    "Validation": "*",
}
"""Pools of servers on a route that is a line, which every request takes to its end with the same number of items."""

SYSTEM: Known = {
    **STRAIGHT,
    "Workload": "arrivals classes items_per_request keys",
    "RequestClass": (
        "name arrivals items_per_request keys priority deadline request_size response_size route objective"
    ),
    "ItemShares": "*",
    "ItemDistribution": "*",
    "Delay": "delay name",
    "Distribution": "*",
    "CacheNode": "cache name",
    "Cache": "hit_ratio look_up on_hit",
    "Fork": "parallel name",
    "Choose": "choose name",
    "Way": "share class_ classes route name",
    "Hop": "link carries name",
    "Network": "client links request_size response_size",
    "NamedLink": "latency bandwidth contention",
}
"""Classes of requests on routes that fork, join and end early by known shares."""

SINGLE_QUEUES: Known = {
    **STRAIGHT,
    "Pool": "name hardware servers instances service extrapolate batching queue overhead sharing price",
    "Queue": "shared",
    "Overhead": "per_batch per_request",
}
"""Queues that nobody leaves unserved, with nothing but servers behind them."""

RULES = {"arrivals", "batching", "balancer", "admission"}
"""They say themselves what a closed form asks of them: a mean rate, a largest batch, how a step is divided. One that
turns requests away only lets fewer be served."""


def unknown(section: Any, known: Known, path: str = "") -> Iterator[str]:
    """Paths of settings that are not at their defaults and that `known` does not list."""
    fields = known.get(type(section).__name__, "").split()
    if fields == ["*"]:
        return
    for name, value, default in _settings(section):
        here = f"{path}.{name}" if path else name
        if value == default:
            continue
        if name not in fields:
            yield here
        elif name not in RULES:
            for part in _members(value):
                if isinstance(part, BaseModel) or dataclasses.is_dataclass(part):
                    yield from unknown(part, known, here)


def knows(known: Known, scenario: Any) -> bool:
    """Whether all that the scenario uses is known."""
    return next(unknown(scenario, known), None) is None


def _members(value: Any) -> Iterator[Any]:
    """The sections in a value: itself, or those in lists and mappings, however deep."""
    if isinstance(value, (list, dict)):
        for member in value.values() if isinstance(value, dict) else value:
            yield from _members(member)
    else:
        yield value


def _settings(section: Any) -> Iterator[tuple[str, Any, Any]]:
    """The name, value and default of each setting; what has no default is never at it."""
    if isinstance(section, BaseModel):
        for name, field in type(section).model_fields.items():
            yield name, getattr(section, name), field.get_default(call_default_factory=True)
    else:
        for part in dataclasses.fields(section):
            made = None if part.default_factory is dataclasses.MISSING else part.default_factory
            yield part.name, getattr(section, part.name), part.default if made is None else made()
