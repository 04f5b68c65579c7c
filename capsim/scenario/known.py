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

SYSTEM: Known = {
    "Scenario": "name workload pools route network objective run prices costs calibration validation",
    "Workload": "arrivals items_per_request",
    "Pool": (
        "name hardware servers instances profile service noise jitter extrapolate batching queue admission overhead "
        "front_end sharing price parallel"
    ),
    "Service": "distribution mean cv per_item",
    "Noise": "cv",
    "Jitter": "cv",
    "Queue": "shared capacity timeout",
    "Overhead": "per_batch per_request overlapped",
    "Parallel": "tensor pipeline",
    "FrontEnd": "before after",
    "Sharing": "overlap turns",
    "Step": "pools balancer",
    "Network": "client request_size response_size",
    "Link": "latency bandwidth",
    "LatencyProfile": "*",
    "HourlyPrice": "*",
    "OfferPrice": "*",
    "OwnPrice": "*",
    "Costs": "*",
    "Objective": "*",
    "Run": "*",
    "Calibration": "*",
    "Validation": "*",
}
"""Pools of servers on a route that is a line, which every request takes to its end."""

SINGLE_QUEUES: Known = {
    **SYSTEM,
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
            for part in value if isinstance(value, list) else [value]:
                if isinstance(part, BaseModel) or dataclasses.is_dataclass(part):
                    yield from unknown(part, known, here)


def knows(known: Known, scenario: Any) -> bool:
    """Whether all that the scenario uses is known."""
    return next(unknown(scenario, known), None) is None


def _settings(section: Any) -> Iterator[tuple[str, Any, Any]]:
    """The name, value and default of each setting; what has no default is never at it."""
    if isinstance(section, BaseModel):
        for name, field in type(section).model_fields.items():
            yield name, getattr(section, name), field.get_default(call_default_factory=True)
    else:
        for part in dataclasses.fields(section):
            yield part.name, getattr(section, part.name), part.default
