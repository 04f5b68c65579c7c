"""How the event loop keeps a tally; see `capsim.engine.tally`."""

from __future__ import annotations

from typing import Any

from capsim.engine import tally
from capsim.engine.compiled.access import (
    INT,
    MODEL,
    NONE,
    bits,
    pool_at,
    request_at,
    tally_batches_of,
    tally_latency_of,
    tally_pools_of,
    tally_requests_of,
    tally_waiting_of,
)
from capsim.engine.compiled.compiler import part
from capsim.engine.ledger import Outcome
from capsim.units import NEVER

SLICES, BEFORE, AFTER, BUCKETS = tally.SLICES, tally.BEFORE, tally.AFTER, tally.BUCKETS
ROWS, COLUMNS, POOL_COLUMNS = SLICES + 2, tally.ENDED + 1, tally.BUSY_NS + 1
BITS, PER_OCTAVE = tally.PER_OCTAVE_BITS, tally.PER_OCTAVE
SENT, ANSWERED, ENDED = tally.SENT, tally.ANSWERED, tally.ENDED
LATENCY_NS, WAITED_NS, SERVED_NS = tally.LATENCY_NS, tally.WAITED_NS, tally.SERVED_NS
VISITS, BEGUN, QUEUED_NS, BUSY_NS = tally.VISITS, tally.BEGUN, tally.QUEUED_NS, tally.BUSY_NS
COMPLETED = int(Outcome.completed)


@part(INT(MODEL, INT))
def look_up_slice(m: Any, instant_ns: int) -> int:
    """The slice of an instant, which becomes the known one if it is one of the run."""
    if instant_ns < m.tally_start_ns:
        return BEFORE
    if instant_ns >= m.horizon_ns:
        return AFTER
    m.slice = (instant_ns - m.tally_start_ns) // m.tally_width_ns
    m.slice_from_ns = m.tally_start_ns + m.slice * m.tally_width_ns
    m.slice_to_ns = min(m.slice_from_ns + m.tally_width_ns, m.horizon_ns)
    found: int = m.slice
    return found


@part(INT(MODEL, INT), inline=True)
def slice_of(m: Any, instant_ns: int) -> int:
    """The slice of an instant; most are in the one looked up last."""
    if m.slice_from_ns <= instant_ns < m.slice_to_ns:
        known: int = m.slice
        return known
    return look_up_slice(m, instant_ns)


@part(INT(MODEL, INT), inline=True)
def slice_before(m: Any, instant_ns: int) -> int:
    """The slice of an instant of the past; that of the present stays the known one."""
    if m.slice_from_ns <= instant_ns < m.slice_to_ns:
        known: int = m.slice
        return known
    if instant_ns < m.tally_start_ns:
        return BEFORE
    if instant_ns >= m.horizon_ns:
        return AFTER
    found: int = (instant_ns - m.tally_start_ns) // m.tally_width_ns
    return found


@part(INT(MODEL, INT), inline=True)
def end_ns_of(m: Any, number: int) -> int:
    """Where a slice ends, or what lies before or behind all of them."""
    end_ns: int = m.tally_start_ns if number == BEFORE else NEVER
    if number < SLICES:
        end_ns = min(m.tally_start_ns + (number + 1) * m.tally_width_ns, m.horizon_ns)
    return end_ns


@part(INT(INT), inline=True)
def bucket_of(value_ns: int) -> int:
    """The bucket of a value."""
    shift = max(0, bits(value_ns) - BITS - 1)
    bucket: int = shift * PER_OCTAVE + (value_ns >> shift)
    return bucket


@part(NONE(MODEL, INT), inline=True)
def count_sent(m: Any, sent_ns: int) -> None:
    """A request was sent."""
    tally_requests_of(m)[slice_of(m, sent_ns) * COLUMNS + SENT] += 1


@part(NONE(MODEL, INT, INT, INT))
def count_ended(m: Any, r: int, outcome: int, finished_ns: int) -> None:
    """A request sent before the horizon has ended."""
    request, cells = request_at(m, r), tally_requests_of(m)
    ended, sent = slice_of(m, finished_ns) * COLUMNS, request.slice * COLUMNS
    cells[ended + ENDED] += 1
    cells[sent + 1 + outcome] += 1
    if outcome == COMPLETED:
        latency_ns = finished_ns - request.arrived_ns
        cells[ended + ANSWERED] += 1
        cells[sent + LATENCY_NS] += latency_ns
        cells[sent + WAITED_NS] += request.waited_ns
        cells[sent + SERVED_NS] += request.served_ns
        tally_latency_of(m)[request.slice * BUCKETS + bucket_of(latency_ns)] += 1
        tally_waiting_of(m)[request.slice * BUCKETS + bucket_of(request.waited_ns)] += 1


@part(NONE(MODEL, INT), inline=True)
def count_enqueued(m: Any, p: int) -> None:
    """A request sent before the horizon has entered a queue of a pool."""
    tally_pools_of(m)[(p * ROWS + slice_of(m, m.now_ns)) * POOL_COLUMNS + VISITS] += 1


@part(NONE(MODEL, INT, INT, INT), inline=True)
def count_served(m: Any, p: int, enqueued_ns: int, started_ns: int) -> None:
    """A request sent before the horizon has left a batch of a pool."""
    cells, at = tally_pools_of(m), (p * ROWS + slice_before(m, enqueued_ns)) * POOL_COLUMNS
    cells[at + BEGUN] += 1
    cells[at + QUEUED_NS] += started_ns - enqueued_ns


@part(NONE(MODEL, INT, INT))
def count_begun(m: Any, p: int, count: int) -> None:
    """A batch of a pool has begun."""
    place = slice_of(m, m.now_ns) * m.tally_sizes + pool_at(m, p).sizes + count - 1
    tally_batches_of(m)[place] += 1


@part(NONE(MODEL, INT, INT, INT))
def count_busy(m: Any, p: int, started_ns: int, ended_ns: int) -> None:
    """An instance of a pool was busy: its time goes to the slices that it overlaps."""
    cells, at_ns = tally_pools_of(m), max(started_ns, int(m.tally_start_ns))
    end_ns = min(ended_ns, int(m.horizon_ns))
    while at_ns < end_ns:
        number = slice_of(m, at_ns)
        next_ns = min(end_ns, m.tally_start_ns + (number + 1) * m.tally_width_ns)
        cells[(p * ROWS + number) * POOL_COLUMNS + BUSY_NS] += next_ns - at_ns
        at_ns = next_ns
