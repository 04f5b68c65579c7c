"""Dynamic batching as Triton Inference Server does it.

Source: triton-inference-server/core, `src/dynamic_batch_scheduler.cc` (`BatcherThread`, `GetDynamicBatch`),
`src/rate_limiter.cc` (`PayloadSlotAvailable`) and `src/instance_queue.cc` (`Dequeue`), as in release 2.51 (24.10). One
thread forms batches ahead of the instances, at most two an instance. What matters for latency:

- A batch that waits for an instance stays open until an instance takes it or it is full. With a delay of 0 every
  request joins it at once, and it closes at the first preferred size that it reaches.
- With a delay the batch is put together when a preferred size is reached, or when its oldest request has waited
  the delay, even while all instances are busy. Later requests then join only when enough of them wait to reach
  the preferred size that the thread last looked for, or when an instance takes a batch: until then it is frozen.
  A batch for which the thread did not have to wait, its requests being late already, stays open to all.
- An open batch takes one of the two places, and does not grow while both are taken.
- With a delay, an instance that takes a batch closes the next if its oldest request has waited longer, however
  small it is and however many wait; it takes the two as one where they fit the maximum.
- While an instance is idle the thread sleeps, and takes a moment to wake when a request comes.
- What an instance takes does not hold the requests that arrive at that very instant.

Without preferred sizes the maximum is the one preferred size (`src/model_config_utils.cc`). Not modelled: that a
batch of a preferred size merges with the next (only with a maximum above the largest preferred size), priorities,
and that nothing is formed ahead where the server has queue timeouts.
"""

from __future__ import annotations

from collections.abc import MutableSequence, Sequence
from typing import Annotated, Literal

from pydantic import Field

from capsim.parameters import PositiveInt, parameters
from capsim.serving.rule import BatchingRule
from capsim.units import NEVER, Duration

AHEAD_PER_INSTANCE = 2
WAKING_NS = 20_000
"""How long the thread takes to look after a request came: others that come meanwhile share its batch, and delays that
are shorter have passed by then."""


State = MutableSequence[int]
OPEN, WAKES, SINCE, BEFORE, LOOK, CLOSED, OLDEST = 0, 1, 2, 3, 4, 5, 6
"""Requests in the open batch; how many others wake the thread; since when the others wait, plus 1; batches ahead when
last asked; when to look again, plus 1; requests in a batch that was closed before it was full, ahead of the open one;
since when the oldest of the open batch waits, plus 1."""


@parameters
class Ahead:
    """How batches form ahead of the instances."""

    max_batch_size: PositiveInt
    """Most items in a batch."""
    max_queue_delay: Duration = 0
    """How long the oldest request waits for company; Triton's default is 0."""
    preferred_batch_sizes: Annotated[list[PositiveInt], Field(max_length=1000)] = Field(default_factory=list)
    """Item counts to wait for; the maximum unless given."""

    def __post_init__(self) -> None:
        """Refuse preferred sizes above the maximum."""
        if any(size > self.max_batch_size for size in self.preferred_batch_sizes):
            raise ValueError(f"preferred_batch_sizes must be at most max_batch_size ({self.max_batch_size})")

    def most_requests(self, items_per_request: int) -> int:
        """The largest batch in requests."""
        return self.max_batch_size // items_per_request

    def lower(self, items_per_request: int, instances: int) -> tuple[int, ...]:
        """Delay, most batches ahead, largest batch, then preferred sizes in requests from large to small."""
        exact = {size // items_per_request for size in self.preferred_batch_sizes if size % items_per_request == 0}
        most = self.most_requests(items_per_request)
        preferred = sorted(exact or {most}, reverse=True)
        return self.max_queue_delay, AHEAD_PER_INSTANCE * instances, most, *preferred


@parameters
class Parameters(Ahead):
    """Batches form ahead of the instances, and grow until one takes them, as in Triton Inference Server."""

    policy: Literal["triton"]
    """Which policy."""


def decide(  # noqa: C901 - the server's own rule, in one text for every engine
    now_ns: int, waiting: int, oldest_ns: int, idle: int, ahead: int, settings: Sequence[int], state: State
) -> tuple[int, int]:
    """Grow the open batch; form it when an instance is idle or it is full."""
    delay_ns, slots, most, largest = settings[0], settings[1], settings[2], settings[3]
    taken, state[BEFORE] = ahead < state[BEFORE], ahead
    closed = min(state[CLOSED], waiting)
    members = min(state[OPEN], waiting - closed)
    late = delay_ns > 0 and members > 0 and now_ns - (state[OLDEST] - 1) > delay_ns
    if closed > 0 and idle > 0:
        size = closed + members if late and closed + members <= most else closed
        state[OPEN], state[BEFORE], state[CLOSED] = closed + members - size, ahead + 1, 0
        state[WAKES] = state[WAKES] if size == closed else 0
        return size, NEVER
    if taken and late and ahead == 0 and closed == 0 and idle == 0:
        closed, members = members, 0
        state[OPEN], state[WAKES], state[CLOSED] = 0, 0, closed
    if members > 0 and (idle > 0 or (closed == 0 and delay_ns > 0 and members >= largest)):
        state[OPEN] = state[WAKES] = state[SINCE] = state[LOOK] = 0
        return members, NEVER
    while True:
        others = waiting - closed - members
        if others == 0:
            state[OPEN], state[SINCE], state[LOOK] = members, 0, 0
            return 0, NEVER
        state[SINCE] = state[SINCE] if state[SINCE] > 0 else (now_ns if members + closed > 0 else oldest_ns) + 1
        due = 0 < state[LOOK] <= now_ns + 1
        asleep = members > 0 and delay_ns > 0 and others < state[WAKES] and not taken and not due
        if asleep or ahead + (members > 0) + (closed > 0) >= slots:
            state[OPEN] = members
            return 0, state[LOOK] - 1 if state[LOOK] > 0 and asleep else NEVER
        if members == 0 and idle > 0 and not taken and now_ns < state[SINCE] - 1 + WAKING_NS:
            return 0, state[SINCE] - 1 + WAKING_NS
        joining = min(others, most - members)
        exceeded = delay_ns > 0 and (now_ns - (state[SINCE] - 1) >= delay_ns or delay_ns <= WAKING_NS)
        best, following, among = 0, 0, False
        for i in range(3, len(settings)):
            if members + joining < settings[i]:
                following = settings[i]
            elif settings[i] > members and best == 0:
                best = settings[i] - members
            among = among or settings[i] == members
        full = joining < others or members + joining >= largest
        if best > 0 and not exceeded:
            joining, full = best, delay_ns == 0
        elif delay_ns > 0 and not exceeded and not full:
            state[WAKES] = (following if following > 0 else settings[len(settings) - 1]) - members
            if members == 0 or among:
                state[OPEN], state[LOOK] = members, state[SINCE] + delay_ns
                return 0, state[LOOK] - 1
        state[OLDEST] = state[SINCE] if members == 0 else state[OLDEST]
        members += joining
        state[OPEN], state[SINCE], state[LOOK], taken = members, 0, 0, True
        if full or idle > 0:
            state[OPEN], state[WAKES], state[CLOSED] = members if closed > 0 else 0, 0, 0
            return closed if closed > 0 else members, NEVER


RULE = BatchingRule(decide, every_event=True)
