"""What happens in queues: batches form, requests time out, and the newest are turned away."""

from __future__ import annotations

from typing import Any

from numba import carray

from capsim.engine.compiled.access import (
    INT,
    MODEL,
    NONE,
    beyond,
    deciding_of,
    formed_sizes_of,
    instance_at,
    pool_at,
    queue_at,
    queue_state_of,
    rings_of,
    server_at,
    settings_of,
    touched_of,
)
from capsim.engine.compiled.compiler import part
from capsim.engine.compiled.features import FULL
from capsim.engine.compiled.functions import decide
from capsim.engine.compiled.heap import drop
from capsim.engine.compiled.requests import leave_unserved, touch
from capsim.engine.compiled.ring import cell_of, request_in, since_ns_of
from capsim.engine.compiled.servers import batches_end, begin
from capsim.engine.compiled.tree import put
from capsim.engine.ledger import Outcome
from capsim.units import NEVER

REJECTED = int(Outcome.rejected)
TIMED_OUT = int(Outcome.timed_out)


@part(INT(MODEL, INT), inline=True)
def oldest_since_ns(m: Any, q: int) -> int:
    """Since when the oldest request waits."""
    return since_ns_of(m, request_in(m, q, queue_at(m, q).formed_requests))


@part(INT(MODEL, INT))
def take_oldest(m: Any, q: int) -> int:
    """Remove the oldest request that waits; batches formed ahead move up behind it."""
    queue, rings, sizes = queue_at(m, q), rings_of(m), formed_sizes_of(m)
    r = request_in(m, q, queue.formed_requests)
    for k in range(queue.formed_requests, 0, -1):
        to, back = cell_of(m, q, k), cell_of(m, q, k - 1)
        rings[to], sizes[to] = rings[back], sizes[back]
    queue.head = (queue.head + 1) & queue.mask
    queue.waiting -= 1
    return r


@part(NONE(MODEL, INT))
def set_timer(m: Any, q: int) -> None:
    """Put the next timer of a queue on the calendar."""
    queue = queue_at(m, q)
    due_ns = min(queue.wakes_ns, queue.expires_ns)
    if not FULL:
        due_ns = min(due_ns, instance_at(m, server_at(m, queue.first_server).first_instance).ends_ns)
    put(m, 0, m.events_size, m.timer_leaf + q, due_ns)


@part(INT(MODEL, INT))
def take_formed(m: Any, q: int) -> int:
    """How many requests are in the first batch formed ahead, with those behind it that join it."""
    queue, sizes = queue_at(m, q), formed_sizes_of(m)
    pool = pool_at(m, queue.pool)
    size = int(sizes[cell_of(m, q, 0)])
    queue.formed -= 1
    while FULL and queue.formed > 0:
        joining = int(sizes[cell_of(m, q, size)])
        since_ns = since_ns_of(m, request_in(m, q, size))
        if size + joining > pool.merged_most or since_ns >= m.now_ns - pool.merged_after_ns:
            break
        size += joining
        queue.formed -= 1
    queue.formed_requests -= size
    return size


@part(NONE(MODEL, INT), inline=True)
def form_batches(m: Any, q: int) -> None:
    """Let the policy form batches until it forms no more, and begin those for which an instance is idle."""
    queue = queue_at(m, q)
    pool = pool_at(m, queue.pool)
    settings = carray(beyond(settings_of(m), pool.settings), pool.settings_end - pool.settings)
    state = carray(beyond(queue_state_of(m), queue.state), pool.state_cells)
    if FULL and pool.newest and queue.waiting > 0:
        state[0] = since_ns_of(m, request_in(m, q, queue.formed_requests + queue.waiting - 1))
    sizes = formed_sizes_of(m)
    wakes_ns = NEVER
    while True:
        # Batches formed ahead go first, in the order in which they were formed.
        if queue.formed > 0 and queue.idle > 0:
            size = take_formed(m, q)
        else:
            oldest_ns = oldest_since_ns(m, q) if queue.waiting > 0 else NEVER
            size, wakes_ns = decide(
                pool.decide, m.now_ns, queue.waiting, oldest_ns, queue.idle, queue.formed, settings, state
            )
            if size == 0:
                break
            if FULL and size < 0:
                for _ in range(-size):
                    leave_unserved(m, take_oldest(m, q), q, TIMED_OUT)
                continue
            queue.waiting -= size
            if queue.idle == 0 or queue.formed > 0:
                sizes[cell_of(m, q, queue.formed_requests)] = size
                queue.formed += 1
                queue.formed_requests += size
                continue
        begin(m, q, size)
    if wakes_ns != queue.wakes_ns:
        queue.wakes_ns = wakes_ns
        set_timer(m, q)


@part(NONE(MODEL, INT), inline=True)
def set_timeout(m: Any, q: int) -> None:
    """Keep one timeout of the queue: that of its oldest request, or an earlier one."""
    queue = queue_at(m, q)
    if queue.timeout_ns == NEVER or queue.waiting == 0 or queue.expires_ns < NEVER:
        return
    queue.expires_ns = oldest_since_ns(m, q) + queue.timeout_ns
    set_timer(m, q)


@part(NONE(MODEL), inline=True)
def instant_over(m: Any) -> None:
    """Queues that were touched form batches, then turn away the newest beyond their capacity."""
    count = m.in_touched
    for i in range(count):
        q = touched_of(m)[0]
        m.in_touched = drop(touched_of(m), m.in_touched)
        if FULL:
            deciding_of(m)[i] = q
        queue = queue_at(m, q)
        queue.touched = 0
        if (FULL and pool_at(m, queue.pool).every_event) or (queue.waiting > 0 and queue.idle > 0):
            form_batches(m, q)
    for i in range(count if FULL else 0):
        q = deciding_of(m)[i]
        queue = queue_at(m, q)
        if queue.watchful:
            while queue.waiting > queue.capacity:
                queue.waiting -= 1
                leave_unserved(m, request_in(m, q, queue.formed_requests + queue.waiting), q, REJECTED)
            set_timeout(m, q)


@part(NONE(MODEL, INT), inline=True)
def timer_rings(m: Any, q: int) -> None:
    """A policy wants to look again, or requests have waited for the timeout."""
    queue = queue_at(m, q)
    if queue.wakes_ns == m.now_ns:
        queue.wakes_ns = NEVER
        touch(m, q)
    if FULL and queue.expires_ns == m.now_ns:
        queue.expires_ns = NEVER
        while queue.waiting > 0 and oldest_since_ns(m, q) <= m.now_ns - queue.timeout_ns:
            leave_unserved(m, take_oldest(m, q), q, TIMED_OUT)
        touch(m, q)
    set_timer(m, q)


@part(NONE(MODEL, INT), inline=True)
def server_event(m: Any, s: int) -> None:
    """The only batch of a server ends, or the timer of its queue rings; if both, the other is still to come."""
    server = server_at(m, s)
    if instance_at(m, server.first_instance).ends_ns == m.now_ns:
        batches_end(m, s)
    else:
        timer_rings(m, server.queue)
