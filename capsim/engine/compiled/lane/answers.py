"""What is kept of a run of the lane: a batch is answered at once, and counted by what is the same for all of it."""

from __future__ import annotations

from typing import Any

from capsim.engine.compiled.lane.records import (
    LaneMachine,
    arrived_ns_of,
    batch_of,
    clients_of,
    finished_ns_of,
    lane_at,
    numbers_of,
    outcome_of,
    since_ns_of,
)
from capsim.engine.compiled.lane.ring import cell_of, sent_ns_of
from capsim.engine.compiled.records import WANTS_REQUESTS
from capsim.engine.kernel.layout import NOTHING, Constant, inlined, word
from capsim.engine.kernel.records import tally_latency_of, tally_pools_of, tally_requests_of, tally_waiting_of
from capsim.engine.model.clients import think
from capsim.engine.model.counting import (
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
    count_busy,
    end_ns_of,
    slice_before,
    slice_of,
)
from capsim.engine.model.probes import IN_FLIGHT, KEEPS_ROWS
from capsim.units import NEVER

CLOSED: Any = Constant("closed")
"""The load is that of a closed loop."""


@inlined
def open_row(m: LaneMachine, number: int, sent_ns: int, v: int) -> None:
    """Begin the row of a request; until it is in a batch that tells its server."""
    m.requests_count = number + 1
    arrived_ns_of(m)[number], finished_ns_of(m)[number] = sent_ns, NOTHING
    outcome_of(m)[number], batch_of(m)[number] = IN_FLIGHT, NOTHING - 1 - v
    if m.requests_count == m.many_arrived_ns:
        m.wants |= WANTS_REQUESTS


@inlined
def answer(m: LaneMachine, v: int) -> None:
    """Those in service are answered; if the run stops before they know, they stay in flight."""
    lane = lane_at(m, v)
    finished_ns = m.now_ns + m.down_ns
    known = finished_ns <= m.stop_ns
    first, end = -lane.serving, last_counted(m, v)
    if KEEPS_ROWS:
        enter_batch(m, v, first, end)
    else:
        count_started(m, v, first, end)
    if known:
        m.unanswered -= end - first
        if KEEPS_ROWS:
            enter_answers(m, v, first, end, finished_ns)
        else:
            count_answers(m, v, first, end, finished_ns)
        if CLOSED:
            for k in range(first, 0):
                think(m, clients_of(m)[cell_of(m, v, k)], COMPLETED, finished_ns)
    lane.serving = 0


@inlined
def last_counted(m: LaneMachine, v: int) -> int:
    """Where those in service end that were sent before the horizon; the others are no part of the answer."""
    end = 0
    while end > -lane_at(m, v).serving and sent_ns_of(m, cell_of(m, v, end - 1)) >= m.horizon_ns:
        end -= 1
    return end


@inlined
def enter_batch(m: LaneMachine, v: int, first: int, end: int) -> None:
    """Enter in their rows in which batch requests are."""
    row = lane_at(m, v).batch
    for k in range(first, end):
        batch_of(m)[numbers_of(m)[cell_of(m, v, k)]] = row


@inlined
def enter_answers(m: LaneMachine, v: int, first: int, end: int, finished_ns: int) -> None:
    """Enter in their rows that requests have been answered."""
    for k in range(first, end):
        number = numbers_of(m)[cell_of(m, v, k)]
        finished_ns_of(m)[number], outcome_of(m)[number] = finished_ns, COMPLETED


@inlined
def count_started(m: LaneMachine, v: int, first: int, end: int) -> None:
    """Count how long requests waited, by slice of when they began to."""
    k, p, started_ns = first, lane_at(m, v).pool, lane_at(m, v).started_ns
    while k < end:
        number, before, queued_ns = slice_before(m, since_ns_of(m)[cell_of(m, v, k)]), k, 0
        end_ns = end_ns_of(m, number)
        while k < end:
            since_ns = since_ns_of(m)[cell_of(m, v, k)]
            if since_ns >= end_ns:
                break
            queued_ns += started_ns - since_ns
            k += 1
        cells, at = tally_pools_of(m), (p * ROWS + number) * POOL_COLUMNS
        cells[at + BEGUN] += k - before
        cells[at + QUEUED_NS] += queued_ns


@inlined
def count_answers(m: LaneMachine, v: int, first: int, end: int, finished_ns: int) -> None:
    """Count the answers to requests, by slice of their sending and of the answers."""
    cells, ended = tally_requests_of(m), slice_of(m, finished_ns) * COLUMNS
    cells[ended + ENDED] += end - first
    cells[ended + ANSWERED] += end - first
    k, started_ns = first, lane_at(m, v).started_ns
    while k < end:
        number, before = slice_before(m, sent_ns_of(m, cell_of(m, v, k))), k
        end_ns, latencies_ns, waits_ns = end_ns_of(m, number), 0, 0
        while k < end:
            cell = cell_of(m, v, k)
            if sent_ns_of(m, cell) >= end_ns:
                break
            latency_ns, waited_ns = finished_ns - sent_ns_of(m, cell), started_ns - since_ns_of(m)[cell]
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


@word
def over(m: LaneMachine) -> None:
    """The run is over: enter or count the batches that have not ended, as their end would have."""
    for v in range(m.servers_count):
        if lane_at(m, v).serving > 0:
            if KEEPS_ROWS:
                enter_batch(m, v, -lane_at(m, v).serving, last_counted(m, v))
            else:
                count_started(m, v, -lane_at(m, v).serving, last_counted(m, v))
                count_busy(m, lane_at(m, v).pool, lane_at(m, v).started_ns, NEVER)
