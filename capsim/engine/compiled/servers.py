"""What happens on servers: batches begin, share the device and end."""

from __future__ import annotations

from typing import Any

from numba import carray

from capsim.engine.compiled.access import (
    FLOAT,
    FLOATS,
    INT,
    MODEL,
    NONE,
    batch_at,
    beyond,
    curves_ns_of,
    draws_of,
    instance_at,
    lower_of,
    mean_ns_of,
    members_of,
    overhead_ns_of,
    pool_at,
    queue_at,
    queue_state_of,
    request_at,
    server_at,
    settings_of,
    slowdown_of,
    visit_of,
    weight_of,
    winners_of,
)
from capsim.engine.compiled.answers import answer
from capsim.engine.compiled.chance import uniform
from capsim.engine.compiled.compiler import part
from capsim.engine.compiled.counting import count_begun, count_busy, count_served
from capsim.engine.compiled.features import FULL, KEEPS_ROWS
from capsim.engine.compiled.functions import call_learn
from capsim.engine.compiled.model import (
    CONSTANT,
    IDLE,
    NOTHING,
    OFF_DEVICE,
    ON_DEVICE,
    PROFILED,
    WANTS_BATCHES,
    WANTS_DRAWS,
)
from capsim.engine.compiled.requests import add_load, go_on, touch
from capsim.engine.compiled.ring import request_in
from capsim.engine.compiled.tree import ROOT, put
from capsim.serving import service, sharing
from capsim.units import NEVER

profiled_work_ns = part(INT(FLOAT, FLOATS, FLOATS, FLOAT))(service.profiled_work_ns)
drawn_work_ns = part(INT(FLOAT, FLOAT))(service.drawn_work_ns)
wall_ns, done_ns = part(INT(INT, INT))(sharing.wall_ns), part(INT(INT, INT))(sharing.done_ns)


@part(INT(MODEL, INT, INT), inline=True)
def draw_work(m: Any, s: int, count: int) -> int:
    """The device's work on the batch that a server has just formed (ns)."""
    server = server_at(m, s)
    pool = pool_at(m, server.pool)
    size, number = pool.sizes + count - 1, server.formed - 1
    if pool.draws == PROFILED:
        low = pool.curve + lower_of(m)[size]
        lower = carray(beyond(curves_ns_of(m), low * m.curve_points), m.curve_points)
        upper = carray(beyond(curves_ns_of(m), (low + 1) * m.curve_points), m.curve_points)
        return profiled_work_ns(uniform(server.key, number), lower, upper, weight_of(m)[size])
    if pool.draws == CONSTANT:
        return drawn_work_ns(1.0, mean_ns_of(m)[size])
    place = number - server.drawn_from
    # At one instant a server begins as many batches as it has instances, at most.
    if place + 1 + pool.instances > m.draws_room:
        m.wants |= WANTS_DRAWS
    return drawn_work_ns(draws_of(m)[s * m.draws_room + place], mean_ns_of(m)[size])


@part(NONE(MODEL, INT))
def work_until_now(m: Any, s: int) -> None:
    """Count what the device of a server has done since it was last timed."""
    server = server_at(m, s)
    pool = pool_at(m, server.pool)
    done = done_ns(m.now_ns - server.timed_ns, slowdown_of(m)[pool.slowdown + server.on_device])
    for i in range(server.first_instance, server.first_instance + pool.instances):
        if instance_at(m, i).state == ON_DEVICE:
            instance_at(m, i).remaining_ns -= done
    server.timed_ns = m.now_ns


@part(NONE(MODEL, INT))
def set_next_end(m: Any, s: int) -> None:
    """Put what comes next at a server on the calendar: the end of a batch, or of its overhead."""
    server = server_at(m, s)
    pool = pool_at(m, server.pool)
    next_ns, shortest = NEVER, NEVER
    for i in range(server.first_instance, server.first_instance + pool.instances):
        instance = instance_at(m, i)
        if instance.state == OFF_DEVICE:
            next_ns = min(next_ns, instance.ends_ns)
        elif instance.state == ON_DEVICE:
            shortest = min(shortest, instance.remaining_ns)
    if server.on_device > 0:
        slow = slowdown_of(m)[pool.slowdown + server.on_device]
        next_ns = min(next_ns, server.timed_ns + wall_ns(max(0, shortest), slow))
    put(m, 0, m.events_size, s, next_ns)


@part(NONE(MODEL, INT, INT), inline=True)
def begin(m: Any, q: int, count: int) -> None:
    """A batch goes to the server with the fewest running batches; of equals to the first."""
    queue = queue_at(m, q)
    queue.idle -= 1
    s = queue.first_server
    if FULL and queue.servers > 1:
        s += winners_of(m)[queue.servers_base + ROOT]
    server, pool = server_at(m, s), pool_at(m, queue.pool)
    server.running += 1
    if FULL and queue.servers > 1:
        put(m, queue.servers_base, queue.servers_size, s - queue.first_server, server.running)
    i = server.first_instance
    while FULL and instance_at(m, i).state != IDLE:
        i += 1
    instance = instance_at(m, i)
    instance.number = server.formed
    instance.started_ns = m.now_ns
    instance.count, instance.row = count, m.in_batches
    if FULL:
        for k in range(count):
            members_of(m)[instance.members + k] = request_in(m, q, k)
    else:
        queue.serving = count
    queue.head = (queue.head + count) & queue.mask
    server.formed += 1
    if KEEPS_ROWS:
        batch = batch_at(m, m.in_batches)
        batch.server, batch.number, batch.requests = s, instance.number, count
        batch.started_ns, batch.finished_ns = m.now_ns, NOTHING
        m.in_batches += 1
        # At one instant each instance begins one batch at most.
        if m.in_batches + m.many_instances > m.many_batches:
            m.wants |= WANTS_BATCHES
    else:
        count_begun(m, queue.pool, count)
    overhead_ns, work_ns = overhead_ns_of(m)[pool.sizes + count - 1], draw_work(m, s, count)
    if not FULL or pool.instances == 1:
        instance.state = OFF_DEVICE
        instance.ends_ns = m.now_ns + overhead_ns + work_ns
        due_ns = instance.ends_ns if FULL else min(instance.ends_ns, queue.wakes_ns)
        put(m, 0, m.events_size, s, due_ns)
        return
    instance.state = OFF_DEVICE
    if not pool.interact:
        instance.ends_ns = m.now_ns + overhead_ns + work_ns
    else:
        instance.remaining_ns = work_ns
        instance.ends_ns = m.now_ns + overhead_ns
        if overhead_ns == 0:
            work_until_now(m, s)
            instance.state = ON_DEVICE
            server.on_device += 1
    set_next_end(m, s)


@part(NONE(MODEL, INT, INT))
def teach(m: Any, q: int, i: int) -> None:
    """A policy is told of the batch that an instance has ended."""
    queue, instance = queue_at(m, q), instance_at(m, i)
    pool = pool_at(m, queue.pool)
    waited_ns = instance.started_ns - request_at(m, int(members_of(m)[instance.members])).at_ns
    call_learn(
        pool.learn,
        m.now_ns,
        instance.count,
        waited_ns,
        m.now_ns - instance.started_ns,
        carray(beyond(settings_of(m), pool.settings), pool.settings_end - pool.settings),
        carray(beyond(queue_state_of(m), queue.state), pool.state_cells),
    )


@part(NONE(MODEL, INT, INT), inline=True)
def batch_ends(m: Any, s: int, i: int) -> None:
    """An instance is idle again; the requests of its batch leave past the front end."""
    server, instance = server_at(m, s), instance_at(m, i)
    q = server.queue
    queue, pool = queue_at(m, q), pool_at(m, server.pool)
    server.running -= 1
    if FULL and queue.servers > 1:
        put(m, queue.servers_base, queue.servers_size, s - queue.first_server, server.running)
    if KEEPS_ROWS:
        batch_at(m, instance.row).finished_ns = m.now_ns
    else:
        count_busy(m, server.pool, instance.started_ns, m.now_ns)
    queue.idle += 1
    touch(m, q)
    if FULL and pool.learn:
        teach(m, q, i)
    if not FULL or pool.after_ns == 0:
        add_load(m, q, -queue.load_unit * instance.count)
    if not FULL:
        answer(m, q, instance.row, instance.started_ns)
        return
    for k in range(instance.count):
        r = int(members_of(m)[instance.members + k])
        request = request_at(m, r)
        if KEEPS_ROWS:
            if request.arrived_ns < m.horizon_ns:
                visit_of(m)[request.number * (m.last_step + 1) + request.step] = instance.row
        else:
            request.waited_ns += instance.started_ns - request.at_ns
            request.served_ns += m.now_ns - instance.started_ns
            if request.arrived_ns < m.horizon_ns:
                count_served(m, server.pool, request.at_ns, instance.started_ns)
        if pool.after_ns == 0:
            go_on(m, r)
        else:
            server.after_free_ns = max(server.after_free_ns, m.now_ns) + pool.after_ns
            request.at_ns = server.after_free_ns
            request.next = NOTHING
            if server.after_first == NOTHING:
                server.after_first = r
                put(m, 0, m.events_size, m.after_leaf + s, request.at_ns)
            else:
                request_at(m, server.after_last).next = r
            server.after_last = r


@part(NONE(MODEL, INT), inline=True)
def batches_end(m: Any, s: int) -> None:
    """Batches of a server end, in the order in which they began; or their work reaches the device."""
    server = server_at(m, s)
    if not FULL:
        instance = instance_at(m, server.first_instance)
        instance.state, instance.ends_ns = IDLE, NEVER
        batch_ends(m, s, server.first_instance)
        put(m, 0, m.events_size, s, queue_at(m, server.queue).wakes_ns)
        return
    pool = pool_at(m, server.pool)
    first, last = server.first_instance, server.first_instance + pool.instances
    if pool.interact:
        work_until_now(m, s)
    while True:
        over = NOTHING
        for i in range(first, last):
            instance = instance_at(m, i)
            if instance.state == OFF_DEVICE and instance.ends_ns == m.now_ns and pool.interact:
                instance.state = ON_DEVICE
                server.on_device += 1
                continue
            ended = instance.ends_ns == m.now_ns if instance.state == OFF_DEVICE else instance.remaining_ns <= 0
            earlier = over == NOTHING or instance.number < instance_at(m, over).number
            if instance.state != IDLE and ended and earlier:
                over = i
        if over == NOTHING:
            break
        if instance_at(m, over).state == ON_DEVICE:
            server.on_device -= 1
        instance_at(m, over).state = IDLE
        batch_ends(m, s, over)
        if pool.instances == 1:
            put(m, 0, m.events_size, s, NEVER)
            return
    set_next_end(m, s)
