"""Adaptive batching as MLServer does it.

Source: SeldonIO/MLServer, `mlserver/batching/adaptive.py` (`AdaptiveBatcher._batch_requests`), as in release 1.7.1. A
batch leaves when `max_batch_size` requests are there or `max_batch_time` after its first, and does not wait for the
batch before it: batches queue for the workers. Parallel workers are the pool's `instances`; with `parallel_workers: 0`
the model blocks the event loop, which this does not describe. Nor does it describe releases up to 1.6, in which every
request after the second shortens the time that is left by the age of the batch.
"""

from __future__ import annotations

from collections.abc import MutableSequence, Sequence
from typing import Literal

from capsim.parameters import PositiveInt, parameters
from capsim.serving.rule import BatchingRule
from capsim.units import NEVER, Duration


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
    """A full batch leaves at once; else what waits when the time of the oldest is over."""
    if waiting == 0:
        return 0, NEVER
    closes_ns = oldest_ns + settings[0]
    if waiting >= settings[1] or now_ns >= closes_ns:
        return min(waiting, settings[1]), NEVER
    return 0, closes_ns


RULE = BatchingRule(decide, every_event=True)
