"""A BentoML service that sleeps as an accelerator would compute: 16 ms a batch and 2 ms an item, without using the CPU.

For exact batches the dispatcher's rule is replaced: its batches are of one size by no setting of its own.
"""

from __future__ import annotations

import asyncio
import os
import time
from contextlib import suppress
from typing import Any

import bentoml
from bentoml._internal.marshal.dispatcher import CorkDispatcher

PER_BATCH_S = 0.016
PER_ITEM_S = 0.002
MAX_BATCH_SIZE = int(os.environ["MAX_BATCH_SIZE"])
EXACT_S = int(os.environ["EXACT_US"]) / 1e6
SMALLEST_MAXIMUM = 2


async def exact(dispatcher: Any) -> None:
    """Begin a batch when the size is reached, or after long; as soon as the one before has ended."""
    queue, changed = dispatcher._queue, dispatcher._wake_event
    while True:
        async with changed:
            with suppress(TimeoutError):
                await asyncio.wait_for(changed.wait_for(lambda: len(queue) >= MAX_BATCH_SIZE), EXACT_S)
        batch = tuple(queue.popleft() for _ in range(min(len(queue), MAX_BATCH_SIZE)))
        if batch:
            await dispatcher.outbound_call(batch)


if EXACT_S > 0:
    CorkDispatcher.controller = exact


@bentoml.service(logging={"access": {"enabled": False}})
class Sleeping:
    """What a worker serves."""

    def __init__(self) -> None:
        """Open the log: a line a batch, its size and how long it took (ns)."""
        self.log = os.open(os.environ["BATCHES"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    @bentoml.api(batchable=True, max_batch_size=max(MAX_BATCH_SIZE, SMALLEST_MAXIMUM))  # type: ignore[untyped-decorator]  # of a package without types
    def predict(self, inputs: list[float]) -> list[float]:
        """One batch."""
        began = time.perf_counter_ns()
        time.sleep(PER_BATCH_S + PER_ITEM_S * len(inputs))
        os.write(self.log, f"{len(inputs)} {time.perf_counter_ns() - began}\n".encode())
        return inputs
