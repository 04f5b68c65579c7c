"""How visits and batches become the columns of a ledger, in one pass each."""

from __future__ import annotations

from typing import Any

from numba import types

from capsim.engine.compiled.compiler import part
from capsim.engine.compiled.model import NOTHING

INT, COLUMN = types.int64, types.CPointer(types.int64)
FIELDS = 5
"""Of a `BATCH`, in its order: server, number, started_ns, finished_ns, requests."""
ROW = types.void(COLUMN, INT, INT, COLUMN, INT, INT)
VISITS = types.void(COLUMN, COLUMN, COLUMN, COLUMN, INT, INT, INT, INT)
BATCHES = types.void(COLUMN, COLUMN, COLUMN, INT)


@part(ROW, inline=True)
def unfold_visit(found: Any, row: int, code: int, batches: Any, items: int, room: int) -> None:
    """Fill one row with what the batch of a visit tells."""
    batch = FIELDS * code
    if code < 0:
        # The request left its queue without service: what is known is the queue's first server.
        found[2 * room + row] = NOTHING - 1 - code
        for column in range(4, 8):
            found[column * room + row] = NOTHING
        return
    found[2 * room + row] = batches[batch]
    found[4 * room + row] = batches[batch + 2]
    found[5 * room + row] = batches[batch + 3]
    found[6 * room + row] = batches[batch + 1]
    found[7 * room + row] = batches[batch + 4] * items


@part(VISITS)
def unfold_visits(
    found: Any, visits: Any, enqueued_ns: Any, batches: Any, requests: int, steps: int, items: int, room: int
) -> None:
    """Fill columns of length `room`: request, step, server, enqueued, started, finished, batch and its size."""
    row = visit = 0
    for request in range(requests):
        for step in range(steps):
            if visits[visit] != NOTHING:
                found[row], found[room + row], found[3 * room + row] = request, step, enqueued_ns[visit]
                unfold_visit(found, row, visits[visit], batches, items, room)
                row += 1
            visit += 1


@part(BATCHES)
def unfold_batches(found: Any, batches: Any, places: Any, count: int) -> None:
    """Fill a column for each field, sorted by server and number; `places` says where those of a server begin."""
    for batch in range(count):
        row = places[batches[FIELDS * batch]]
        places[batches[FIELDS * batch]] += 1
        for field in range(FIELDS):
            found[field * count + row] = batches[FIELDS * batch + field]
