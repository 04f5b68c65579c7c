"""Batching as Ray Serve's `@serve.batch` does it.

Source: ray-project/ray, `python/ray/serve/batching.py` (`_BatchQueue.wait_for_batch`, `_process_batches`), releases
from 2.3 on. A replica that has finished a batch takes the oldest request as soon as there is one, and waits up to
`batch_wait_timeout_s` from then on for `max_batch_size` requests. A replica works on one batch at a time, so that
a replica is a server with one instance (the server's `max_concurrent_batches` at its default of 1).
"""

from __future__ import annotations

from collections.abc import MutableSequence, Sequence
from typing import Annotated, Literal

from pydantic import Field

from capsim.parameters import Number, PositiveInt, parameters
from capsim.serving.rule import BatchingRule
from capsim.units import NEVER, NS_PER_S

SINCE = 0
"""The cell of when the first of the batch was taken, plus 1; 0 while there is none."""


@parameters
class Parameters:
    """A replica takes the first request and waits for others from then on."""

    policy: Literal["ray_serve"]
    """Which policy."""
    max_batch_size: PositiveInt = 10
    """Most items in a batch; the server's default is 10."""
    batch_wait_timeout_s: Annotated[Number, Field(ge=0, le=86_400)] = 0.01
    """How long a replica waits once it has a request (s); the server's default is 0.01."""

    def most_requests(self, items_per_request: int) -> int:
        """The largest batch in requests."""
        return self.max_batch_size // items_per_request

    def lower(self, items_per_request: int, instances: int) -> tuple[int, ...]:
        """The timeout (ns) and the largest batch in requests."""
        return round(self.batch_wait_timeout_s * NS_PER_S), self.most_requests(items_per_request)


def decide(
    now_ns: int,
    waiting: int,
    oldest_ns: int,
    idle: int,
    ahead: int,
    settings: Sequence[int],
    state: MutableSequence[int],
) -> tuple[int, int]:
    """A full batch leaves at once; else what waits, a timeout after the first was taken."""
    if idle == 0 or waiting == 0:
        state[SINCE] = 0
        return 0, NEVER
    if state[SINCE] == 0:
        state[SINCE] = now_ns + 1
    due_ns = state[SINCE] - 1 + settings[0]
    if waiting >= settings[1] or now_ns >= due_ns:
        state[SINCE] = 0
        return min(waiting, settings[1]), NEVER
    return 0, due_ns


RULE = BatchingRule(decide)
