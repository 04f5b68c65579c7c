"""The ring of a queue, where its requests stand.

From `head` on stand those of batches formed ahead, then those that wait. In the full form a cell names a place in
the table of requests, which go from queue to queue. Otherwise a request stays in the ring of its one queue until it
is answered, with its batch just before `head`; then the cell is the request, in as many columns as a form needs, so
that the requests of a batch lie side by side.
"""

from __future__ import annotations

from typing import Any

from capsim.engine.compiled.access import (
    INT,
    MODEL,
    queue_at,
    request_at,
    ring_numbers_of,
    ring_senders_of,
    ring_since_ns_of,
    rings_of,
)
from capsim.engine.compiled.compiler import part
from capsim.engine.compiled.features import FULL


@part(INT(MODEL, INT, INT), inline=True)
def cell_of(m: Any, q: int, k: int) -> int:
    """The cell so many places behind the head of a queue."""
    queue = queue_at(m, q)
    cell: int = queue.ring + ((queue.head + k) & queue.mask)
    return cell


@part(INT(MODEL, INT, INT), inline=True)
def request_in(m: Any, q: int, k: int) -> int:
    """The request so many places behind the head of a queue."""
    cell = cell_of(m, q, k)
    return int(rings_of(m)[cell]) if FULL else cell


@part(INT(MODEL, INT), inline=True)
def sent_ns_of(m: Any, r: int) -> int:
    """When a request was sent."""
    sent_ns: int = request_at(m, r).arrived_ns if FULL else ring_since_ns_of(m)[r] - m.up_ns
    return sent_ns


@part(INT(MODEL, INT), inline=True)
def since_ns_of(m: Any, r: int) -> int:
    """Since when a request waits in its queue."""
    since_ns: int = request_at(m, r).at_ns if FULL else ring_since_ns_of(m)[r]
    return since_ns


@part(INT(MODEL, INT), inline=True)
def number_of(m: Any, r: int) -> int:
    """The number of a request, where rows are kept."""
    number: int = request_at(m, r).number if FULL else ring_numbers_of(m)[r]
    return number


@part(INT(MODEL, INT), inline=True)
def sender_of(m: Any, r: int) -> int:
    """The client of a request, in a closed loop."""
    sender: int = request_at(m, r).sender if FULL else ring_senders_of(m)[r]
    return sender
