"""What happens in the lane; see `engine.model` for the words."""

from __future__ import annotations

from capsim.engine.compiled.lane.answers import CLOSED, answer, open_row
from capsim.engine.compiled.lane.records import LaneMachine, clients_of, lane_at, numbers_of, since_ns_of
from capsim.engine.compiled.lane.ring import cell_of
from capsim.engine.compiled.records import WANTS_RING
from capsim.engine.compiled.words import open_batch
from capsim.engine.kernel.heap import drop, push
from capsim.engine.kernel.kept import batch_at
from capsim.engine.kernel.layout import NOTHING, inlined
from capsim.engine.kernel.records import (
    load_at,
    overhead_ns_at,
    pool_at,
    settings_at,
    station_memory_at,
    touched_of,
    trees_of,
)
from capsim.engine.kernel.tree import put
from capsim.engine.kernel.words import decide
from capsim.engine.model.balancing import choose_station
from capsim.engine.model.counting import count_begun, count_busy, count_enqueued, count_sent, slice_of
from capsim.engine.model.probes import KEEPS_ROWS
from capsim.engine.model.servers import draw_work
from capsim.units import NEVER


@inlined
def add_load(m: LaneMachine, v: int, change: int) -> None:
    """Count what is assigned to a server and not yet answered, for the balancers."""
    load, trees, lane = load_at(m, 0), trees_of(m), lane_at(m, v)
    load[v] += change
    for row in range(lane.trees, lane.trees_end):
        put(m, trees[3 * row], trees[3 * row + 1], trees[3 * row + 2], load[v])


@inlined
def touch(m: LaneMachine, v: int) -> None:
    """Something happened at this server: it decides when the instant is over."""
    lane = lane_at(m, v)
    if not lane.touched:
        lane.touched = 1
        m.touched_count = push(touched_of(m), m.touched_count, v, 0)


@inlined
def arrive(m: LaneMachine, client: int) -> None:
    """A request reaches the system from its client, now, and starts to wait."""
    number, sent_ns = m.sent, m.now_ns - m.up_ns
    m.sent += 1
    v = choose_station(m, 0, number)
    lane = lane_at(m, v)
    if sent_ns < m.horizon_ns:
        m.unanswered += 1
        if KEEPS_ROWS:
            open_row(m, number, sent_ns, v)
        else:
            count_sent(m, slice_of(m, sent_ns))
            count_enqueued(m, lane.pool)
    add_load(m, v, lane.load_unit)
    cell = cell_of(m, v, lane.waiting)
    since_ns_of(m)[cell] = m.now_ns
    if CLOSED:
        clients_of(m)[cell] = client
    if KEEPS_ROWS:
        numbers_of(m)[cell] = number
    lane.waiting += 1
    if lane.waiting + lane.serving > lane.mask:
        m.wants |= WANTS_RING
    if lane.serving == 0:
        touch(m, v)


@inlined
def begin(m: LaneMachine, v: int, count: int) -> None:
    """So many of the first become a batch."""
    lane = lane_at(m, v)
    p = lane.pool
    lane.waiting -= count
    lane.serving = count
    lane.head = (lane.head + count) & lane.mask
    lane.started_ns = m.now_ns
    if KEEPS_ROWS:
        lane.batch = open_batch(m)
        batch = batch_at(m, lane.batch)
        batch.server, batch.number, batch.requests, batch.units = v, lane.formed, count, count
        batch.started_ns, batch.finished_ns = m.now_ns, NOTHING
    else:
        count_begun(m, p, count)
    lane.formed += 1
    lane.ends_ns = m.now_ns + overhead_ns_at(m, p)[count - 1] + draw_work(m, v, count, lane.formed - 1)
    lane.wakes_ns = NEVER
    put(m, m.events_base, m.events_size, v, lane.ends_ns)


@inlined
def instant_over(m: LaneMachine) -> None:
    """Servers that were touched and are idle form a batch of those who wait, or look again later."""
    for _ in range(m.touched_count):
        v = touched_of(m)[0]
        m.touched_count = drop(touched_of(m), m.touched_count)
        lane = lane_at(m, v)
        lane.touched = 0
        if lane.waiting > 0 and lane.serving == 0:
            oldest_ns, p = since_ns_of(m)[cell_of(m, v, 0)], lane.pool
            settings, memory = settings_at(m, p), station_memory_at(m, v)
            size, wakes_ns = decide(pool_at(m, p).decide, m.now_ns, lane.waiting, oldest_ns, 1, 0, settings, memory)
            if size > 0:
                begin(m, v, size)
            elif wakes_ns != lane.wakes_ns:
                lane.wakes_ns = wakes_ns
                put(m, m.events_base, m.events_size, v, wakes_ns)


@inlined
def server_event(m: LaneMachine, v: int) -> None:
    """The batch of a server ends, or its rule wants to look again; never both, as a rule waits for an idle server."""
    lane = lane_at(m, v)
    if lane.ends_ns == m.now_ns:
        lane.ends_ns = NEVER
        if KEEPS_ROWS:
            batch_at(m, lane.batch).finished_ns = m.now_ns
        else:
            count_busy(m, lane.pool, lane.started_ns, m.now_ns)
        add_load(m, v, -lane.load_unit * lane.serving)
        answer(m, v)
    else:
        lane.wakes_ns = NEVER
    touch(m, v)
    put(m, m.events_base, m.events_size, v, NEVER)
