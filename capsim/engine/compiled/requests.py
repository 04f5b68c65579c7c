"""What happens to requests: they arrive, choose a queue, pass front ends, go on and end."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import carray

from capsim.engine.compiled.access import (
    INT,
    MODEL,
    NONE,
    arrived_ns_of,
    beyond,
    cycles_of,
    enqueued_ns_of,
    finished_ns_of,
    load_of,
    outcome_of,
    passing_of,
    pool_at,
    queue_at,
    queues_of_step_of,
    request_at,
    ring_numbers_of,
    ring_senders_of,
    ring_since_ns_of,
    rings_of,
    server_at,
    shares_of_step_of,
    step_at,
    step_state_of,
    think_of,
    touched_of,
    trees_of,
    visit_of,
    winners_of,
)
from capsim.engine.compiled.chance import uniform
from capsim.engine.compiled.compiler import part
from capsim.engine.compiled.counting import count_ended, count_enqueued, count_sent, slice_of
from capsim.engine.compiled.features import CLOSED, FULL, KEEPS_ROWS
from capsim.engine.compiled.functions import choose
from capsim.engine.compiled.heap import push
from capsim.engine.compiled.model import (
    NOTHING,
    STATE_CELLS,
    WANTS_ARRIVALS,
    WANTS_RING,
    WANTS_ROWS,
    WANTS_SLOTS,
    WANTS_THINK,
)
from capsim.engine.compiled.ring import cell_of, number_of
from capsim.engine.compiled.tree import ROOT, put
from capsim.engine.ledger import Outcome
from capsim.units import NEVER

COMPLETED = int(Outcome.completed)
IN_FLIGHT = int(Outcome.in_flight)
REJECTED = int(Outcome.rejected)


@part(NONE(MODEL, INT), inline=True)
def arrive(m: Any, client: int) -> None:
    """A request reaches the system from its client, now."""
    number = m.sent
    m.sent += 1
    sent_ns = m.now_ns - m.up_ns
    if not CLOSED:
        m.next_arrival += 1
        if m.next_arrival == m.many_arrivals_ns:
            m.wants |= WANTS_ARRIVALS
    else:
        put(m, m.clients_base, m.clients_size, client, NEVER)
    if sent_ns < m.horizon_ns:
        m.unanswered += 1
        if KEEPS_ROWS:
            open_row(m, number, sent_ns)
        else:
            count_sent(m, sent_ns)
    if FULL:
        balance(m, take_place(m, number, sent_ns, client))
    else:
        q = choose_queue(m, 0, number)
        add_load(m, q, queue_at(m, q).load_unit)
        enqueue(m, take_cell(m, q, number, client), q, sent_ns)


@part(NONE(MODEL, INT, INT), inline=True)
def open_row(m: Any, number: int, sent_ns: int) -> None:
    """Begin the row of a request, and those of its visits."""
    m.in_rows += 1
    arrived_ns_of(m)[number] = sent_ns
    finished_ns_of(m)[number] = NOTHING
    outcome_of(m)[number] = IN_FLIGHT
    for visit in range(number * (m.last_step + 1), (number + 1) * (m.last_step + 1)):
        visit_of(m)[visit] = NOTHING
    if number + 1 == m.many_arrived_ns:
        m.wants |= WANTS_ROWS


@part(INT(MODEL, INT, INT, INT), inline=True)
def take_place(m: Any, number: int, sent_ns: int, client: int) -> int:
    """A place for a request in the table of those on their way."""
    r: int = m.free
    request = request_at(m, r)
    m.free = request.next
    if m.free == NOTHING:
        m.wants |= WANTS_SLOTS
    request.number, request.arrived_ns, request.sender = number, sent_ns, client
    request.step = request.waited_ns = request.served_ns = 0
    if not KEEPS_ROWS:
        request.slice = slice_of(m, sent_ns)
    return r


@part(INT(MODEL, INT, INT, INT), inline=True)
def take_cell(m: Any, q: int, number: int, client: int) -> int:
    """A cell for a request in the ring of the only queue that it meets, behind all others."""
    queue = queue_at(m, q)
    r = cell_of(m, q, queue.formed_requests + queue.waiting)
    ring_since_ns_of(m)[r] = m.now_ns
    if CLOSED:
        ring_senders_of(m)[r] = client
    if KEEPS_ROWS:
        ring_numbers_of(m)[r] = number
    return r


@part(NONE(MODEL, INT, INT), inline=True)
def add_load(m: Any, q: int, change: int) -> None:
    """Count what is assigned to a queue and not yet answered, for the balancers."""
    load, trees = load_of(m), trees_of(m)
    load[q] += change
    queue = queue_at(m, q)
    for row in range(queue.trees, queue.trees_end):
        put(m, trees[3 * row], trees[3 * row + 1], trees[3 * row + 2], load[q])


@part(NONE(MODEL, INT), inline=True)
def touch(m: Any, q: int) -> None:
    """Something happened at this queue: it decides when the instant is over."""
    queue = queue_at(m, q)
    if not queue.touched:
        queue.touched = 1
        m.in_touched = push(touched_of(m), m.in_touched, q, 0)


@part(NONE(MODEL, INT, INT, INT), inline=True)
def enqueue(m: Any, r: int, q: int, sent_ns: int) -> None:
    """The request starts to wait."""
    queue = queue_at(m, q)
    filled = queue.formed_requests + queue.waiting
    step = 0
    if FULL:
        if filled == 0:
            queue.head = 0
        rings_of(m)[cell_of(m, q, filled)] = r
        request_at(m, r).at_ns, step = m.now_ns, request_at(m, r).step
    queue.waiting += 1
    if filled + queue.serving == queue.mask:
        m.wants |= WANTS_RING
    if sent_ns < m.horizon_ns:
        if KEEPS_ROWS:
            visit = number_of(m, r) * (m.last_step + 1) + step
            enqueued_ns_of(m)[visit] = m.now_ns
            visit_of(m)[visit] = NOTHING - 1 - queue.first_server
        else:
            count_enqueued(m, queue.pool)
    if queue.idle > 0 or (FULL and queue.watchful):
        touch(m, q)


@part(INT(MODEL, INT, INT), inline=True)
def choose_queue(m: Any, step_number: int, number: int) -> int:
    """The queue for the request of a number at a step."""
    step = step_at(m, step_number)
    count = step.queues_end - step.queues
    queues = beyond(queues_of_step_of(m), step.queues)
    if count == 1:
        only: int = queues[0]
        return only
    if step.tree_base != NOTHING:
        least_loaded: int = queues[winners_of(m)[step.tree_base + ROOT]]
        return least_loaded
    u = v = 0.0
    if step.uniforms:
        u, v = uniform(step.key, 2 * number), uniform(step.key, 2 * number + 1)
    chosen: int = choose(
        step.choose,
        carray(queues, count),
        carray(load_of(m), m.many_queues),
        carray(beyond(shares_of_step_of(m), step.queues), count),
        u,
        v,
        carray(beyond(step_state_of(m), STATE_CELLS * step_number), STATE_CELLS),
    )
    return chosen


@part(NONE(MODEL, INT), inline=True)
def balance(m: Any, r: int) -> None:
    """Choose a queue for the request's step, and send it there past the front end."""
    request = request_at(m, r)
    chosen = choose_queue(m, request.step, request.number)
    queue = queue_at(m, chosen)
    request.queue = chosen
    add_load(m, chosen, queue.load_unit)
    before_ns = pool_at(m, queue.pool).before_ns
    if before_ns == 0:
        enqueue(m, r, chosen, request.arrived_ns)
        return
    server = server_at(m, queue.first_server)
    server.before_free_ns = max(server.before_free_ns, m.now_ns) + before_ns
    request.at_ns = server.before_free_ns
    request.next = NOTHING
    if server.before_first == NOTHING:
        server.before_first = r
        put(m, 0, m.events_size, m.before_leaf + queue.first_server, request.at_ns)
    else:
        request_at(m, server.before_last).next = r
    server.before_last = r


@part(NONE(MODEL, INT), inline=True)
def enter_queue(m: Any, s: int) -> None:
    """The front end of a server has passed its first request on to the queue."""
    server = server_at(m, s)
    r = server.before_first
    server.before_first = request_at(m, r).next
    following = NEVER if server.before_first == NOTHING else request_at(m, server.before_first).at_ns
    put(m, 0, m.events_size, m.before_leaf + s, following)
    enqueue(m, r, server.queue, request_at(m, r).arrived_ns)


@part(NONE(MODEL, INT, INT, INT))
def think(m: Any, client: int, outcome: int, answered_ns: int) -> None:
    """A client has its answer: it thinks and sends its next request."""
    cycles, pause_ns = cycles_of(m), m.think_ns
    if m.think_drawn:
        place = cycles[2 * client] - cycles[2 * client + 1]
        pause_ns = int(np.rint(think_of(m)[client * m.think_room + place] * m.think_ns))
        # From one look at what is wanted to the next a client is answered twice at most.
        if place + 3 > m.think_room:
            m.wants |= WANTS_THINK
    cycles[2 * client] += 1
    if outcome == REJECTED:
        pause_ns += m.retry_delay_ns
    put(m, m.clients_base, m.clients_size, client, answered_ns + pause_ns + m.up_ns)


@part(NONE(MODEL, INT, INT))
def finish(m: Any, r: int, outcome: int) -> None:
    """A request has ended; its client knows a network latency later.

    If the run stops before, the request stays in flight.
    """
    request = request_at(m, r)
    finished_ns = m.now_ns + m.down_ns
    known = finished_ns <= m.stop_ns
    if known and request.arrived_ns < m.horizon_ns:
        m.unanswered -= 1
        if KEEPS_ROWS:
            finished_ns_of(m)[request.number] = finished_ns
            outcome_of(m)[request.number] = outcome
        else:
            count_ended(m, r, outcome, finished_ns)
    if CLOSED and known:
        think(m, request.sender, outcome, finished_ns)
    request.next = m.free
    m.free = r


@part(NONE(MODEL, INT, INT, INT))
def leave_unserved(m: Any, r: int, q: int, outcome: int) -> None:
    """A request leaves its queue without service."""
    add_load(m, q, -queue_at(m, q).load_unit)
    finish(m, r, outcome)


@part(NONE(MODEL, INT))
def go_on(m: Any, r: int) -> None:
    """A request has been served at its step: on to the next, or back to the client."""
    request = request_at(m, r)
    if request.step == m.last_step:
        finish(m, r, COMPLETED)
        return
    request.step += 1
    m.in_passing = push(passing_of(m), m.in_passing, request.number, r)


@part(NONE(MODEL, INT), inline=True)
def leave_front_end(m: Any, s: int) -> None:
    """The front end of a server has handed over the answer of its first request."""
    server = server_at(m, s)
    r = server.after_first
    server.after_first = request_at(m, r).next
    following = NEVER if server.after_first == NOTHING else request_at(m, server.after_first).at_ns
    put(m, 0, m.events_size, m.after_leaf + s, following)
    q = request_at(m, r).queue
    add_load(m, q, -queue_at(m, q).load_unit)
    go_on(m, r)
