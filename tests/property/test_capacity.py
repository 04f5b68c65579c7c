"""When an instant is over, no queue holds more than its capacity, and none was turned away from a queue with room.

Batches that a server's own policy forms ahead of its instances no longer count, so that only the text book is
held to it.
"""

from __future__ import annotations

from typing import Any

from hypothesis import given
from runs import Visit, run
from strategies import TEXT_BOOK, documents
from systems import Engine


def waiting(line: list[Visit], instant_ns: int) -> int:
    """How many wait when the instant is over."""
    return sum(visit.enqueued_ns <= instant_ns < visit.left_ns for visit in line)


@given(documents(policies=TEXT_BOOK))
def test_no_queue_holds_more_than_its_capacity(engine: Engine, document: dict[str, Any]) -> None:
    for queue, line in run(engine, document).lines():
        if queue.capacity is not None:
            assert all(waiting(line, visit.enqueued_ns) <= queue.capacity for visit in line)


@given(documents(policies=TEXT_BOOK))
def test_requests_are_rejected_only_by_a_full_queue_and_at_once(engine: Engine, document: dict[str, Any]) -> None:
    seen = run(engine, document)
    for queue, line in seen.lines():
        for visit in line:
            if visit.rejected:
                assert visit.left_ns == visit.enqueued_ns
                assert visit.left_ns >= seen.known_until_ns or waiting(line, visit.left_ns) == queue.capacity
