"""Batching as TensorFlow Serving does it.

Source: tensorflow/core/kernels/batching_util/shared_batch_scheduler.h (`Queue::ScheduleBatch`,
`IsOpenBatchSchedulable`, `ValidateBatchTaskQueueCapacity`), which TensorFlow Serving's batching configuration
sets. Requests fill an open batch; a full one is closed and waits for a thread. A thread that is idle takes the
oldest closed batch, else the open one if `batch_timeout_micros` have passed since its first request. The open
batch goes on filling while all threads are busy. `num_batch_threads` is the pool's `instances`.
"""

from __future__ import annotations

from collections.abc import MutableSequence, Sequence
from typing import Annotated, Literal

from pydantic import Field

from capsim.parameters import PositiveInt, Whole, parameters
from capsim.serving.rule import BatchingRule
from capsim.units import NEVER

NS_PER_US = 1_000


@parameters
class Parameters:
    """A batch leaves when it is full or its first request has waited long enough."""

    policy: Literal["tf_serving"]
    """Which policy."""
    max_batch_size: PositiveInt
    """Most items in a batch; the server's default is 1000."""
    batch_timeout_micros: Annotated[Whole, Field(ge=0, le=10**12)] = 0
    """How long the first request of a batch waits for company (µs)."""
    max_enqueued_batches: PositiveInt | None = None
    """Most batches that wait; a request beyond them is rejected. Bounds the queue unless its capacity is less."""

    def most_requests(self, items_per_request: int) -> int:
        """The largest batch in requests."""
        return self.max_batch_size // items_per_request

    def lower(self, items_per_request: int, instances: int) -> tuple[int, ...]:
        """The timeout (ns) and the largest batch in requests."""
        return self.batch_timeout_micros * NS_PER_US, self.most_requests(items_per_request)


def most_waiting(parameters: Parameters) -> int | None:
    """The most requests that wait, of one item each."""
    most = parameters.max_enqueued_batches
    return None if most is None else most * parameters.max_batch_size


def decide(
    now_ns: int,
    waiting: int,
    oldest_ns: int,
    idle: int,
    ahead: int,
    settings: Sequence[int],
    state: MutableSequence[int],
) -> tuple[int, int]:
    """A full batch leaves at once; else all, when the oldest waited the timeout."""
    if idle == 0 or waiting == 0:
        return 0, NEVER
    if waiting >= settings[1]:
        return settings[1], NEVER
    due_ns = oldest_ns + settings[0]
    if now_ns >= due_ns:
        return waiting, NEVER
    return 0, due_ns


RULE = BatchingRule(decide, most_waiting=most_waiting)
