"""What happens when a batch ends whose requests are answered at once; the full form has `go_on` instead."""

from __future__ import annotations

from typing import Any

from capsim.engine.compiled.access import (
    INT,
    MODEL,
    NONE,
    finished_ns_of,
    outcome_of,
    queue_at,
    tally_latency_of,
    tally_pools_of,
    tally_requests_of,
    tally_waiting_of,
    visit_of,
)
from capsim.engine.compiled.compiler import part
from capsim.engine.compiled.counting import (
    ANSWERED,
    BEGUN,
    BUCKETS,
    COLUMNS,
    COMPLETED,
    ENDED,
    LATENCY_NS,
    POOL_COLUMNS,
    QUEUED_NS,
    ROWS,
    SERVED_NS,
    WAITED_NS,
    bucket_of,
    end_ns_of,
    slice_before,
    slice_of,
)
from capsim.engine.compiled.features import CLOSED, KEEPS_ROWS
from capsim.engine.compiled.requests import think
from capsim.engine.compiled.ring import number_of, request_in, sender_of, sent_ns_of, since_ns_of


@part(NONE(MODEL, INT, INT, INT), inline=True)
def answer(m: Any, q: int, batch: int, started_ns: int) -> None:
    """Those in service at a queue are answered; if the run stops before they know, they stay in flight."""
    queue = queue_at(m, q)
    finished_ns = m.now_ns + m.down_ns
    known = finished_ns <= m.stop_ns
    first = -queue.serving
    # Those sent behind the horizon are no part of the answer, and come last.
    end = 0
    while end > first and sent_ns_of(m, request_in(m, q, end - 1)) >= m.horizon_ns:
        end -= 1
    if KEEPS_ROWS:
        enter_batch(m, q, first, end, batch)
    else:
        count_served(m, q, first, end, started_ns)
    if known:
        m.unanswered -= end - first
        if KEEPS_ROWS:
            enter_answers(m, q, first, end, finished_ns)
        else:
            count_answers(m, q, first, end, started_ns, finished_ns)
        if CLOSED:
            for k in range(first, 0):
                think(m, sender_of(m, request_in(m, q, k)), COMPLETED, finished_ns)
    queue.serving = 0


@part(NONE(MODEL, INT, INT, INT, INT), inline=True)
def enter_batch(m: Any, q: int, first: int, end: int, batch: int) -> None:
    """Enter the batch of requests of a queue in their rows."""
    for k in range(first, end):
        visit_of(m)[number_of(m, request_in(m, q, k))] = batch


@part(NONE(MODEL, INT, INT, INT, INT), inline=True)
def enter_answers(m: Any, q: int, first: int, end: int, finished_ns: int) -> None:
    """Enter in their rows that requests of a queue have been answered."""
    for k in range(first, end):
        number = number_of(m, request_in(m, q, k))
        finished_ns_of(m)[number] = finished_ns
        outcome_of(m)[number] = COMPLETED


@part(NONE(MODEL, INT, INT, INT, INT), inline=True)
def count_served(m: Any, q: int, first: int, end: int, started_ns: int) -> None:
    """Count how long requests of a queue waited, by slice of when they began to."""
    k, p = first, queue_at(m, q).pool
    while k < end:
        number, before, queued_ns = slice_before(m, since_ns_of(m, request_in(m, q, k))), k, 0
        end_ns = end_ns_of(m, number)
        while k < end:
            since_ns = since_ns_of(m, request_in(m, q, k))
            if since_ns >= end_ns:
                break
            queued_ns += started_ns - since_ns
            k += 1
        cells, at = tally_pools_of(m), (p * ROWS + number) * POOL_COLUMNS
        cells[at + BEGUN] += k - before
        cells[at + QUEUED_NS] += queued_ns


@part(NONE(MODEL, INT, INT, INT, INT, INT), inline=True)
def count_answers(m: Any, q: int, first: int, end: int, started_ns: int, finished_ns: int) -> None:
    """Count the answers to requests of a queue, by slice of their sending and of the answers."""
    cells, ended = tally_requests_of(m), slice_of(m, finished_ns) * COLUMNS
    cells[ended + ENDED] += end - first
    cells[ended + ANSWERED] += end - first
    k = first
    while k < end:
        number, before = slice_before(m, sent_ns_of(m, request_in(m, q, k))), k
        end_ns, latencies_ns, waits_ns = end_ns_of(m, number), 0, 0
        while k < end:
            r = request_in(m, q, k)
            if sent_ns_of(m, r) >= end_ns:
                break
            latency_ns, waited_ns = finished_ns - sent_ns_of(m, r), started_ns - since_ns_of(m, r)
            latencies_ns += latency_ns
            waits_ns += waited_ns
            tally_latency_of(m)[number * BUCKETS + bucket_of(latency_ns)] += 1
            tally_waiting_of(m)[number * BUCKETS + bucket_of(waited_ns)] += 1
            k += 1
        sent = number * COLUMNS
        cells[sent + 1 + COMPLETED] += k - before
        cells[sent + LATENCY_NS] += latencies_ns
        cells[sent + WAITED_NS] += waits_ns
        cells[sent + SERVED_NS] += (k - before) * (m.now_ns - started_ns)
