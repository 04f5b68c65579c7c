"""Dynamic batching as the text book has it."""

from __future__ import annotations

from collections.abc import MutableSequence, Sequence
from typing import Annotated, Literal

from pydantic import Field

from capsim.parameters import PositiveInt, parameters
from capsim.serving.rule import BatchingRule
from capsim.units import NEVER, Duration


@parameters
class Parameters:
    """Batches form when an instance is idle and a preferred size is reached or the oldest waited long enough."""

    policy: Literal["dynamic"]
    """Which policy."""
    max_batch_size: PositiveInt
    """Most items in a batch."""
    max_queue_delay: Duration = 0
    """How long the oldest request waits for company; 0 takes what waits."""
    preferred_batch_sizes: Annotated[list[PositiveInt], Field(max_length=1000)] = Field(default_factory=list)
    """Item counts that leave at once when reached; the maximum is always one of them."""

    def __post_init__(self) -> None:
        """Refuse preferred sizes above the maximum."""
        if any(size > self.max_batch_size for size in self.preferred_batch_sizes):
            raise ValueError(f"preferred_batch_sizes must be at most max_batch_size ({self.max_batch_size})")

    def most_requests(self, items_per_request: int) -> int:
        """The largest batch in requests."""
        return self.max_batch_size // items_per_request

    def lower(self, items_per_request: int, instances: int) -> tuple[int, ...]:
        """The delay, then the sizes that leave at once, in requests, from large to small.

        A preferred size counts where whole requests reach it exactly; the maximum where no further request fits.
        """
        exact = {size // items_per_request for size in self.preferred_batch_sizes if size % items_per_request == 0}
        return self.max_queue_delay, *sorted(exact | {self.most_requests(items_per_request)}, reverse=True)


def decide(
    now_ns: int,
    waiting: int,
    oldest_ns: int,
    idle: int,
    ahead: int,
    settings: Sequence[int],
    state: MutableSequence[int],
) -> tuple[int, int]:
    """The largest preferred size that is reached leaves at once; else all, when the oldest waited the delay."""
    if idle == 0 or waiting == 0:
        return 0, NEVER
    for i in range(1, len(settings)):
        if waiting >= settings[i]:
            return settings[i], NEVER
    due_ns = oldest_ns + settings[0]
    if now_ns >= due_ns:
        return waiting, NEVER
    return 0, due_ns


RULE = BatchingRule(decide)
