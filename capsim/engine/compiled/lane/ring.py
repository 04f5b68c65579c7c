"""The ring of a server, where its requests stand."""

from __future__ import annotations

from capsim.engine.compiled.lane.records import LaneMachine, lane_at, since_ns_of
from capsim.engine.kernel.layout import inlined


@inlined
def cell_of(m: LaneMachine, v: int, k: int) -> int:
    """The cell so many places behind the first that waits."""
    lane = lane_at(m, v)
    return lane.ring + ((lane.head + k) & lane.mask)


@inlined
def sent_ns_of(m: LaneMachine, cell: int) -> int:
    """When a request was sent."""
    return since_ns_of(m)[cell] - m.up_ns
