"""How a tally is kept; see `capsim.engine.tally`."""

from __future__ import annotations

from capsim.engine import tally
from capsim.engine.kernel.layout import inlined, word
from capsim.engine.kernel.records import (
    Model,
    pool_at,
    tally_batches_of,
    tally_latency_of,
    tally_pools_of,
    tally_requests_of,
    tally_waiting_of,
    token_at,
)
from capsim.engine.kernel.words import bits
from capsim.engine.ledger import Outcome
from capsim.units import NEVER

SLICES, BEFORE, AFTER, BUCKETS = tally.SLICES, tally.BEFORE, tally.AFTER, tally.BUCKETS
ROWS, COLUMNS, POOL_COLUMNS = SLICES + 2, tally.ENDED + 1, tally.REFUSED + 1
BITS, PER_OCTAVE = tally.PER_OCTAVE_BITS, tally.PER_OCTAVE
SENT, ANSWERED, ENDED = tally.SENT, tally.ANSWERED, tally.ENDED
LATENCY_NS, WAITED_NS, SERVED_NS = tally.LATENCY_NS, tally.WAITED_NS, tally.SERVED_NS
VISITS, BEGUN, QUEUED_NS = tally.VISITS, tally.BEGUN, tally.QUEUED_NS
BUSY_NS, REFUSED = tally.BUSY_NS, tally.REFUSED
COMPLETED = int(Outcome.completed)


@word
def look_up_slice(m: Model, instant_ns: int) -> int:
    """The slice of an instant, which becomes the known one if it is one of the run."""
    if instant_ns < m.tally_start_ns:
        return BEFORE
    if instant_ns >= m.horizon_ns:
        return AFTER
    m.slice = (instant_ns - m.tally_start_ns) // m.tally_width_ns
    m.slice_from_ns = m.tally_start_ns + m.slice * m.tally_width_ns
    m.slice_to_ns = min(m.slice_from_ns + m.tally_width_ns, m.horizon_ns)
    return m.slice


@inlined
def slice_of(m: Model, instant_ns: int) -> int:
    """The slice of an instant; most are in the one looked up last."""
    if m.slice_from_ns <= instant_ns < m.slice_to_ns:
        return m.slice
    return look_up_slice(m, instant_ns)


@inlined
def slice_before(m: Model, instant_ns: int) -> int:
    """The slice of an instant of the past; that of the present stays the known one."""
    if m.slice_from_ns <= instant_ns < m.slice_to_ns:
        return m.slice
    if instant_ns < m.tally_start_ns:
        return BEFORE
    if instant_ns >= m.horizon_ns:
        return AFTER
    return (instant_ns - m.tally_start_ns) // m.tally_width_ns


@inlined
def end_ns_of(m: Model, number: int) -> int:
    """Where a slice ends, or what lies before or behind all of them."""
    if number < SLICES:
        return min(m.tally_start_ns + (number + 1) * m.tally_width_ns, m.horizon_ns)
    return m.tally_start_ns if number == BEFORE else NEVER


@inlined
def bucket_of(value_ns: int) -> int:
    """The bucket of a value."""
    shift = max(0, bits(value_ns) - BITS - 1)
    return shift * PER_OCTAVE + (value_ns >> shift)


@inlined
def count_sent(m: Model, number: int) -> None:
    """A request was sent in the slice of a number."""
    tally_requests_of(m)[number * COLUMNS + SENT] += 1


@word
def count_ended(m: Model, t: int, outcome: int, finished_ns: int) -> None:
    """A request sent before the horizon has ended."""
    token, cells = token_at(m, t), tally_requests_of(m)
    ended, sent = slice_of(m, finished_ns) * COLUMNS, token.row * COLUMNS
    cells[ended + ENDED] += 1
    cells[sent + 1 + outcome] += 1
    if outcome == COMPLETED:
        latency_ns = finished_ns - token.sent_ns
        cells[ended + ANSWERED] += 1
        cells[sent + LATENCY_NS] += latency_ns
        cells[sent + WAITED_NS] += token.waited_ns
        cells[sent + SERVED_NS] += token.served_ns
        tally_latency_of(m)[token.row * BUCKETS + bucket_of(latency_ns)] += 1
        tally_waiting_of(m)[token.row * BUCKETS + bucket_of(token.waited_ns)] += 1


@inlined
def count_enqueued(m: Model, p: int) -> None:
    """A request sent before the horizon has entered a queue of a pool."""
    tally_pools_of(m)[(p * ROWS + slice_of(m, m.now_ns)) * POOL_COLUMNS + VISITS] += 1


@inlined
def count_started(m: Model, p: int, enqueued_ns: int) -> None:
    """The batch of a request sent before the horizon has begun in a pool."""
    cells, at = tally_pools_of(m), (p * ROWS + slice_before(m, enqueued_ns)) * POOL_COLUMNS
    cells[at + BEGUN] += 1
    cells[at + QUEUED_NS] += m.now_ns - enqueued_ns


@word
def count_refused(m: Model, p: int, since_ns: int) -> None:
    """A request sent before the horizon has been turned away by the admission rule of a pool."""
    tally_pools_of(m)[(p * ROWS + slice_before(m, since_ns)) * POOL_COLUMNS + REFUSED] += 1


@word
def count_begun(m: Model, p: int, units: int) -> None:
    """A batch of so many units has begun in a pool."""
    place = slice_of(m, m.now_ns) * m.tally_sizes + pool_at(m, p).sizes + units - 1
    tally_batches_of(m)[place] += 1


@word
def count_busy(m: Model, p: int, started_ns: int, ended_ns: int) -> None:
    """An instance of a pool was busy: its time goes to the slices that it overlaps."""
    cells, at_ns = tally_pools_of(m), max(started_ns, m.tally_start_ns)
    end_ns = min(ended_ns, m.horizon_ns)
    while at_ns < end_ns:
        number = slice_of(m, at_ns)
        next_ns = min(end_ns, m.tally_start_ns + (number + 1) * m.tally_width_ns)
        cells[(p * ROWS + number) * POOL_COLUMNS + BUSY_NS] += next_ns - at_ns
        at_ns = next_ns
