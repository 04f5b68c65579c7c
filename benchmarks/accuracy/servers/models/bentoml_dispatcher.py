"""BentoML's own dispatcher, on a clock that only its timers move.

    python bentoml_dispatcher.py < RUNS > FOUND

RUNS holds for each run `max_batch_size`, `max_latency_ms`, the instants at which requests come and how long its
batches take, one after the other (ns). FOUND holds for each its `batches`, as (begin in ns, requests), and the
`outcomes` of its requests: 0 for an answer, 2 for one that was turned away.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import time
from collections.abc import Sequence
from typing import Any, NoReturn

from bentoml._internal.marshal.dispatcher import CorkDispatcher

NS_PER_S = 1e9
RESOLUTION_S = 1e-10
COMPLETED, TIMED_OUT = 0, 2


class TurnedAway(Exception):  # noqa: N818 - no error
    """What the server answers with status 503."""


class Loop(asyncio.SelectorEventLoop):
    """An event loop whose clock jumps to its next timer."""

    now_s = 0.0
    _ready: Any
    _scheduled: Any
    _clock_resolution: float

    def time(self) -> float:
        """The present."""
        return self.now_s

    def _run_once(self) -> None:
        if not self._ready and self._scheduled:
            self.now_s = max(self.now_s, self._scheduled[0]._when)
        super()._run_once()  # type: ignore[misc]  # asyncio's own


def turn_away() -> NoReturn:
    """What the dispatcher does with a request that it cancels."""
    raise TurnedAway


async def served(loop: Loop, run: dict[str, Any]) -> dict[str, list[Any]]:
    """One run."""
    batches: list[tuple[int, int]] = []
    took_ns, came_ns = run["took_ns"], run["came_ns"]
    dispatcher = CorkDispatcher(
        run["max_latency_ms"], run["max_batch_size"], fallback=turn_away, get_batch_size=lambda _: 1
    )

    async def serve(batch: Sequence[int]) -> Sequence[int]:
        number = len(batches)
        batches.append((round(loop.now_s * NS_PER_S), len(batch)))
        await asyncio.sleep(took_ns[min(number, len(took_ns) - 1)] / NS_PER_S)
        return batch

    infer = dispatcher(serve)

    async def sent(number: int) -> int:
        try:
            await infer(number)
        except TurnedAway:
            return TIMED_OUT
        return COMPLETED

    under_way = []
    for number, instant_ns in enumerate(came_ns):
        comes = loop.create_future()
        loop.call_at(instant_ns / NS_PER_S, comes.set_result, None)
        await comes
        under_way.append(loop.create_task(sent(number)))
    return {"batches": batches, "outcomes": await asyncio.gather(*under_way)}


def main() -> None:
    """Every run, on a clock of its own."""
    logging.disable(logging.CRITICAL)
    found = []
    for run in json.load(sys.stdin):
        loop = Loop()
        loop._clock_resolution = RESOLUTION_S
        time.time = loop.time
        asyncio.set_event_loop(loop)
        found.append(loop.run_until_complete(served(loop, run)))
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
