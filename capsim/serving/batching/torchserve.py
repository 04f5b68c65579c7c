"""Batching as TorchServe does it.

Source: pytorch/serve, `frontend/server/src/main/java/org/pytorch/serve/wlm/Model.java` (`pollBatch`). A worker
that is idle takes the oldest request as soon as there is one, and from then on waits up to `max_batch_delay` for
`batch_size` requests: the window opens when the worker takes its first request, not when that request arrived.
One worker collects at a time. With a delay of 0 the server looks for one more request and no further.
"""

from __future__ import annotations

from collections.abc import MutableSequence, Sequence
from typing import Literal

from capsim.parameters import PositiveInt, parameters
from capsim.serving.rule import BatchingRule
from capsim.units import NEVER, Duration

MOST_WITHOUT_DELAY = 2
SINCE = 0
"""The cell of when the first of the batch was taken, plus 1; 0 while there is none."""


@parameters
class Parameters:
    """A worker takes the first request and waits for others from then on."""

    policy: Literal["torchserve"]
    """Which policy."""
    batch_size: PositiveInt
    """Most items in a batch."""
    max_batch_delay: Duration = 100_000_000
    """How long a worker waits once it has a request; the server's default is 100 ms."""

    @property
    def max_batch_size(self) -> int:
        """`batch_size` by the name that other policies give it."""
        return self.batch_size

    def most_requests(self, items_per_request: int) -> int:
        """The largest batch in requests."""
        return self.batch_size // items_per_request

    def lower(self, items_per_request: int, instances: int) -> tuple[int, ...]:
        """The delay and the largest batch in requests."""
        most = self.most_requests(items_per_request)
        return self.max_batch_delay, most if self.max_batch_delay else min(most, MOST_WITHOUT_DELAY)


def decide(
    now_ns: int,
    waiting: int,
    oldest_ns: int,
    idle: int,
    ahead: int,
    settings: Sequence[int],
    state: MutableSequence[int],
) -> tuple[int, int]:
    """A full batch leaves at once; else what waits, a delay after the first was taken."""
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
