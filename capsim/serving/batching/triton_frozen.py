"""Dynamic batching of Triton Inference Server with batches that stay as they were formed.

`triton` follows release 2.51, where the batch that waits for an instance grows. In the tables that NVIDIA published of
earlier releases it does not: up to four batches wait for two busy instances, however small (see "The rule of earlier
releases" in `docs/explanation/accuracy.md`). What matters for latency:

- One thread forms batches ahead of the instances, at most two an instance, as soon as it may: of all that wait at a
  delay of 0, otherwise when a preferred size is reached or the oldest has waited the delay.
- A batch that was formed grows no more.
- With a delay, an instance that takes a batch takes those behind it too, while each has waited longer than the delay
  and all fit the maximum (`src/instance_queue.cc` of triton-inference-server/core, `Dequeue`).
- The thread sleeps while nothing waits or no more may be formed ahead, and takes a moment to wake.

Not modelled: priorities, and that nothing is formed ahead where the server has queue timeouts.
"""

from __future__ import annotations

from collections.abc import MutableSequence, Sequence
from typing import Literal

from capsim.parameters import parameters
from capsim.serving.batching.triton import WAKING_NS, Ahead
from capsim.serving.rule import BatchingRule
from capsim.units import NEVER

State = MutableSequence[int]
SINCE = 0
"""Since when the thread has something to do, plus 1."""


@parameters
class Parameters(Ahead):
    """Batches form ahead of the instances and stay as they are, as in earlier releases of Triton Inference Server."""

    policy: Literal["triton_frozen"]
    """Which policy."""

    def merging(self, items_per_request: int) -> tuple[int, int]:
        """The largest batch that batches formed ahead are joined to, and how long the oldest must have waited (ns)."""
        return (self.most_requests(items_per_request), self.max_queue_delay) if self.max_queue_delay else (0, 0)


def decide(
    now_ns: int, waiting: int, oldest_ns: int, idle: int, ahead: int, settings: Sequence[int], state: State
) -> tuple[int, int]:
    """Form a batch of what waits, if there is room ahead and it need not wait."""
    delay_ns, slots, most, largest = settings[0], settings[1], settings[2], settings[3]
    if waiting == 0 or (idle == 0 and ahead >= slots):
        state[SINCE] = 0
        return 0, NEVER
    state[SINCE] = state[SINCE] if state[SINCE] > 0 else now_ns + 1
    if now_ns < state[SINCE] - 1 + WAKING_NS:
        return 0, state[SINCE] - 1 + WAKING_NS
    exceeded = delay_ns > 0 and (now_ns - oldest_ns >= delay_ns or delay_ns <= WAKING_NS)
    if not exceeded:
        for i in range(3, len(settings)):
            if settings[i] <= waiting:
                return settings[i], NEVER
        if delay_ns > 0 and waiting < largest:
            return 0, oldest_ns + delay_ns
    return min(waiting, most), NEVER


RULE = BatchingRule(decide, every_event=True, merging=Parameters.merging)
