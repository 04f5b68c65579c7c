"""Batching as LitServe does it.

Source: Lightning-AI/LitServe, `src/litserve/loops/base.py` (`collate_requests`). A worker collects in windows of
`batch_timeout`: a window opens when the worker has finished a batch, whether or not a request waits, and closes
when `max_batch_size` requests are there or the time is over; an empty window is followed by the next at once. A
timeout of 0 takes what waits. Several workers collect from one queue at a time of their own; here they share the
window of the one that became idle last.
"""

from __future__ import annotations

from collections.abc import MutableSequence, Sequence
from typing import Literal

from capsim.parameters import PositiveInt, parameters
from capsim.serving.rule import BatchingRule
from capsim.units import NEVER, Duration

OPENED, IDLE, ASKED = 0, 1, 2
"""When the window opened (the first with the run); how many were idle when last asked; whether ever asked."""


@parameters
class Parameters:
    """A worker collects in windows that open when it becomes idle."""

    policy: Literal["litserve"]
    """Which policy."""
    max_batch_size: PositiveInt = 1
    """Most items in a batch; the server's default is 1."""
    batch_timeout: Duration = 0
    """Length of a window; the server's default is 0."""

    def most_requests(self, items_per_request: int) -> int:
        """The largest batch in requests."""
        return self.max_batch_size // items_per_request

    def lower(self, items_per_request: int, instances: int) -> tuple[int, ...]:
        """The timeout (ns) and the largest batch in requests."""
        return self.batch_timeout, self.most_requests(items_per_request)


def decide(
    now_ns: int,
    waiting: int,
    oldest_ns: int,
    idle: int,
    ahead: int,
    settings: Sequence[int],
    state: MutableSequence[int],
) -> tuple[int, int]:
    """A full batch leaves at once; else what waits when the window closes."""
    if idle > state[IDLE] and state[ASKED] == 1:
        state[OPENED] = now_ns
    state[IDLE], state[ASKED] = idle, 1
    if idle == 0 or waiting == 0:
        return 0, NEVER
    window_ns = settings[0]
    size = 0
    if waiting >= settings[1] or window_ns == 0:
        size = min(waiting, settings[1])
    else:
        opened_ns = state[OPENED]
        if oldest_ns > opened_ns:
            opened_ns += (oldest_ns - opened_ns) // window_ns * window_ns
        if now_ns < opened_ns + window_ns:
            return 0, opened_ns + window_ns
        size = waiting
    state[OPENED], state[IDLE] = now_ns, idle - 1
    return size, NEVER


RULE = BatchingRule(decide, every_event=True)
