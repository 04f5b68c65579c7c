"""Adaptive batching as MLServer does it.

Source: SeldonIO/MLServer, `mlserver/batching/adaptive.py` (`AdaptiveBatcher._batch_requests`), 1.x. A batch leaves
when `max_batch_size` requests are there or its time is over, and does not wait for the batch before it: batches
queue for the workers. The time left shrinks by the age of the batch at every request that joins (the code never
moves its reference instant), so that requests in quick succession shorten the window. Parallel workers are the
pool's `instances`; with `parallel_workers: 0` the model blocks the event loop, which this does not describe.
"""

from __future__ import annotations

from collections.abc import MutableSequence, Sequence
from typing import Literal

from capsim.parameters import PositiveInt, parameters
from capsim.units import NEVER, Duration

EVERY_EVENT = True


@parameters
class Parameters:
    """Batches form on their own clock, whatever the workers do."""

    policy: Literal["mlserver"]
    """Which policy."""
    max_batch_size: PositiveInt
    """Most items in a batch."""
    max_batch_time: Duration
    """How long a batch stays open."""

    def most_requests(self, items_per_request: int) -> int:
        """The largest batch in requests."""
        return self.max_batch_size // items_per_request

    def lower(self, items_per_request: int, instances: int) -> tuple[int, ...]:
        """The time (ns) and the largest batch in requests."""
        return self.max_batch_time, self.most_requests(items_per_request)


def decide(
    now_ns: int,
    waiting: int,
    oldest_ns: int,
    idle: int,
    ahead: int,
    settings: Sequence[int],
    state: MutableSequence[int],
) -> tuple[int, int]:
    """A full batch leaves at once; else what waits when its time is over. State: requests seen, when it closes."""
    if waiting == 0:
        state[0] = 0
        return 0, NEVER
    if state[0] == 0:
        state[0], state[1] = 1, oldest_ns + settings[0]
    while state[0] < min(waiting, settings[1]):
        # A request joins at age a: the wait starts anew with a less of it than was left when the last one joined.
        state[1] -= state[2] if state[0] > 1 else 0
        state[2] = now_ns - oldest_ns
        state[0] += 1
    if waiting >= settings[1] or now_ns >= state[1]:
        size = min(waiting, settings[1])
        state[0] = state[1] = state[2] = 0
        return size, NEVER
    return 0, state[1]
