"""When requests are sent, and what they carry where that is recorded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from capsim.engine import Blueprint
from capsim.engine.blueprint import ClassPlan, ClientsPlan, CrowdPlan, ReplayPlan
from capsim.workload import arrival_times

DRAWN = 1024
UNKNOWN = -1


class Sent(NamedTuple):
    """A request: when it is sent, how long it is on its way, and what is recorded of it."""

    at_ns: int
    up_ns: int
    units: int = UNKNOWN
    key: int = UNKNOWN
    request_bytes: int = UNKNOWN
    watched: bool = False
    """Whether its sender watches over it, and so knows of it before it is at the door."""

    @property
    def comes_ns(self) -> int:
        """When it is first heard of."""
        return self.at_ns if self.watched else self.at_ns + self.up_ns


def sent_by(blueprint: Blueprint, kind: int) -> Iterator[Sent]:
    """The requests of a class that are sent whatever becomes of them, in the order in which they come to the door."""
    plan, stream = blueprint.classes[kind], blueprint.class_stream("arrivals", kind)
    watched = plan.senders is not None
    if isinstance(plan.arrivals, ReplayPlan):
        sent = plan.arrivals.trace.sent(stream)
        unknown = np.full(len(sent.times_ns), UNKNOWN)
        items, keys, sizes = (
            unknown if column is None else column for column in (sent.items, sent.keys, sent.request_bytes)
        )
        units = np.where(items == UNKNOWN, UNKNOWN, items // blueprint.items_per_unit)
        rows = zip(*(each.tolist() for each in (sent.times_ns, units, keys, sizes)), strict=True)
        coming = [Sent(at_ns, up_ns(plan, size), unit, key, size, watched) for at_ns, unit, key, size in rows]
        yield from sorted(coming, key=lambda request: request.comes_ns)
    start, reached = 0, 0.0
    if isinstance(plan.arrivals, CrowdPlan):
        modulation = blueprint.class_stream("arrivals/modulation", kind)
        process = plan.arrivals.process.drawn(modulation, blueprint.stop_ns)
    while isinstance(plan.arrivals, CrowdPlan):
        times, reached = arrival_times(process, stream, start, start + DRAWN, reached)
        yield from (Sent(at_ns, plan.up_ns, watched=watched) for at_ns in times.tolist())
        start += DRAWN


def up_ns(plan: ClassPlan, size: int) -> int:
    """How long a request of a size is on its way."""
    return plan.up_ns if size == UNKNOWN else plan.up_ns + round((size - plan.request_bytes) * plan.up_ns_per_byte)


def think_times_ns(blueprint: Blueprint, kind: int, plan: ClientsPlan, client: int) -> Iterator[int]:
    """How long a client thinks, time after time."""
    stream = blueprint.class_stream(f"think/{client}", kind)
    for cycle in range(2**40):
        drawn = 1.0 if plan.think is None else plan.think.quantile(stream.uniforms(cycle, cycle + 1))[0]
        yield int(np.rint(drawn * plan.think_ns))
