"""The tables that the compiled event loop works on; names are those of the reference engine.

A table is an array of records, so that the loop reads `queue.waiting` as the reference does. Places in tables
stand for objects; `NOTHING` is no place.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

NOTHING = -1
CACHE_LINE = 64

STATE_CELLS = 8
"""What a policy may keep between calls, unless it needs more."""

IDLE, OFF_DEVICE, ON_DEVICE = 0, 1, 2
"""An instance: without a batch; with one whose end is known or that spends its overhead; with one timed anew."""

CONSTANT, PROFILED, DRAWN = 0, 1, 2
"""Where the draws of a pool's service come from: none needed, uniforms, variates of mean 1 from outside."""

WANTS_ARRIVALS, WANTS_DRAWS, WANTS_THINK, WANTS_SLOTS, WANTS_ROWS, WANTS_BATCHES, WANTS_RING, TICKS = (
    1,
    2,
    4,
    8,
    16,
    32,
    64,
    128,
)
"""Why the loop pauses: what it has used up, or that there is progress to tell."""

SENDING, DRAINING, OVER = 0, 1, 2
"""Until the last request sent before the horizon has arrived; until all have ended; the end."""


def _record(**fields: str) -> np.dtype[Any]:
    return np.dtype(list(fields.items()), align=True)


def _lines(**fields: str) -> np.dtype[Any]:
    """A record of whole cache lines."""
    kind = _record(**fields)
    offsets = [place[1] for place in (kind.fields or {}).values()]
    size = -(-kind.itemsize // CACHE_LINE) * CACHE_LINE
    lines: Any = {"names": list(fields), "formats": list(fields.values()), "offsets": offsets, "itemsize": size}
    found: np.dtype[Any] = np.dtype(lines, align=True)
    return found


CLOCK = {
    "now_ns": "i8",
    "last_ns": "i8",
    "stop_ns": "i8",
    "horizon_ns": "i8",
    "last_sent_arrives_ns": "i8",
    "up_ns": "i8",
    "down_ns": "i8",
    "tick_ns": "i8",
    "phase": "i8",
    "wants": "i8",
    "unanswered": "i8",
    "sent": "i8",
    "next_arrival": "i8",
    "free": "i8",
    "in_passing": "i8",
    "in_touched": "i8",
    "last_step": "i8",
    "in_batches": "i8",
    "in_rows": "i8",
    # Where leaves of each kind begin in the tree of events; the kinds are in the order of `Order`.
    "events_size": "i8",
    "after_leaf": "i8",
    "before_leaf": "i8",
    "timer_leaf": "i8",
    "closed": "i8",
    "clients_base": "i8",
    "clients_size": "i8",
    "think_ns": "i8",
    "think_drawn": "i8",
    "retry_delay_ns": "i8",
    "keeps_rows": "i8",
    "tally_start_ns": "i8",
    "tally_width_ns": "i8",
    "tally_sizes": "i8",
    "slice": "i8",
    "slice_from_ns": "i8",
    "slice_to_ns": "i8",
}
"""The present, and what does not belong to a single pool, queue or server."""

POOL = _record(
    instances="i8",
    interact="i8",
    slowdown="i8",
    before_ns="i8",
    after_ns="i8",
    decide="i8",
    every_event="i8",
    settings="i8",
    settings_end="i8",
    merged_most="i8",
    merged_after_ns="i8",
    learn="i8",
    newest="i8",
    state_cells="i8",
    draws="i8",
    service="i8",
    curve="i8",
    sizes="i8",
)

SERVER = _lines(
    pool="i4",
    queue="i4",
    first_instance="i4",
    running="i4",
    formed="i8",
    drawn_from="i8",
    key="u8",
    timed_ns="i8",
    on_device="i8",
    before_free_ns="i8",
    after_free_ns="i8",
    before_first="i4",
    before_last="i4",
    after_first="i4",
    after_last="i4",
)
"""The first cache line is what a batch needs."""

INSTANCE = _record(
    state="i8",
    number="i8",
    started_ns="i8",
    ends_ns="i8",
    remaining_ns="i8",
    members="i8",
    count="i8",
    row="i8",
)

QUEUE = _lines(
    ring="i8",
    mask="i4",
    head="i4",
    waiting="i4",
    formed_requests="i4",
    serving="i4",
    idle="i4",
    watchful="i2",
    touched="i2",
    pool="i4",
    load_unit="i8",
    trees="i4",
    trees_end="i4",
    formed="i8",
    first_server="i4",
    servers="i4",
    wakes_ns="i8",
    expires_ns="i8",
    timeout_ns="i8",
    capacity="i8",
    servers_base="i8",
    servers_size="i8",
    state="i8",
)
"""`ring` is where its cells begin; see `ring`. `serving` is how many of them belong to requests in service.
`trees` are the rows of `trees` that hold its load; `servers_base` is the tree of its servers' batches; `state` is where
its policy's row of `queue_state` begins. The first cache line is what an arrival needs."""

STEP = _record(
    queues="i8",
    queues_end="i8",
    choose="i8",
    uniforms="i8",
    key="u8",
    tree_base="i8",
)

REQUEST = _record(
    number="i8",
    arrived_ns="i8",
    at_ns="i8",
    waited_ns="i8",
    served_ns="i8",
    next="i4",
    queue="i4",
    sender="i4",
    step="i4",
    slice="i8",
)
"""A request on its way, a cache line long. `at_ns` is since when it waits, in a front end when it leaves that; `next`
is the one behind it there, or the next free place; `slice` is that of the tally in which it was sent."""

BATCH = _record(server="i8", number="i8", started_ns="i8", finished_ns="i8", requests="i8")

TABLES = {
    "pools": POOL,
    "servers": SERVER,
    "instances": INSTANCE,
    "queues": QUEUE,
    "steps": STEP,
    "requests": REQUEST,
    "batches": BATCH,
}
"""Tables of records."""

COLUMNS = {
    # Winner trees: that of the events from 0 on, then those of clients, steps and shared queues.
    "keys": "i8",
    "winners": "i8",
    # Where the load of a queue stands in them: base, size, leaf, three cells each.
    "trees": "i8",
    "load": "i8",
    "queues_of_step": "i8",
    "shares_of_step": "f8",
    "settings": "i8",
    "queue_state": "i8",
    "step_state": "i8",
    # Queues that decide when the instant is over (a heap), and in that order.
    "touched": "i8",
    "deciding": "i8",
    # Rings: places of requests, or since when they wait, who sent them and their numbers; at the first of a batch
    # formed ahead how many are in it; the requests of batches.
    "rings": "i4",
    "ring_since_ns": "i8",
    "ring_senders": "i4",
    "ring_numbers": "i8",
    "formed_sizes": "i4",
    "members": "i4",
    # Requests between steps: a heap of number and place.
    "passing": "i8",
    # Service by pool and batch size.
    "overhead_ns": "i8",
    "mean_ns": "f8",
    "lower": "i8",
    "weight": "f8",
    "curves_ns": "f8",
    "slowdown": "i8",
    # What comes from outside, in chunks; `cycles` counts each client's think times and says where its chunk begins.
    "arrivals_ns": "i8",
    "draws": "f8",
    "think": "f8",
    "cycles": "i8",
    # Rows by request; by request and step.
    "arrived_ns": "i8",
    "finished_ns": "i8",
    "outcome": "i8",
    "enqueued_ns": "i8",
    "visit": "i8",
    # Where there are no rows, the fields of a `Tally`.
    "tally_requests": "f8",
    "tally_latency": "i4",
    "tally_waiting": "i4",
    "tally_pools": "f8",
    "tally_batches": "i4",
}
"""Columns of numbers, of one or two dimensions."""

LINED = ("servers", "instances", "queues", "requests")
"""Of whose records as little as can be crosses cache lines."""

LENGTHS = ("requests", "instances", "queues", "batches", "arrivals_ns", "arrived_ns")
"""Whose lengths the loop reads, as `many_` and the name."""

MODEL = _record(
    **CLOCK,
    **dict.fromkeys([*TABLES, *COLUMNS], "i8"),
    **{f"many_{name}": "i8" for name in LENGTHS},
    draws_room="i8",
    think_room="i8",
    curve_points="i8",
)
"""What the loop gets: `CLOCK`, and the address of every table and column."""


def lined(array: NDArray[Any]) -> NDArray[Any]:
    """A copy that begins where a cache line does."""
    room = np.empty(array.nbytes + CACHE_LINE, np.uint8)
    start = -room.ctypes.data % CACHE_LINE
    copy = room[start : start + array.nbytes].view(array.dtype).reshape(array.shape)
    copy[...] = array
    return copy


class Model:
    """The arrays behind a `MODEL` record, kept alive and in step with it."""

    def __init__(self, clock: dict[str, int], arrays: dict[str, NDArray[Any]]) -> None:
        self.record = np.zeros(1, MODEL)
        self.now = self.record[0]
        self._arrays: dict[str, NDArray[Any]] = {}
        for name, value in clock.items():
            self.now[name] = value
        for name, array in arrays.items():
            self[name] = array

    def __getitem__(self, name: str) -> NDArray[Any]:
        """The array of this name."""
        return self._arrays[name]

    def __setitem__(self, name: str, array: NDArray[Any]) -> None:
        """Put another array in the place of one."""
        kind = TABLES.get(name) or np.dtype(COLUMNS[name])
        kept = np.ascontiguousarray(array, dtype=kind)
        if name in LINED:
            kept = lined(kept)
        self._arrays[name] = kept
        self.now[name] = kept.ctypes.data
        if name in LENGTHS:
            self.now[f"many_{name}"] = len(kept)
        for room, column in (("draws_room", "draws"), ("think_room", "think"), ("curve_points", "curves_ns")):
            if name == column:
                self.now[room] = kept.shape[1]
