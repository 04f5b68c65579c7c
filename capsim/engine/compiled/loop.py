"""The event loop, compiled. It reads like `reference.system`, and every rule here is one there.

What happens at one instant happens in the order of `reference.calendar.Order`: the tree of events has its leaves
in that order (ends of batches by server, front ends by server, timers by queue), then come the requests from
earlier steps by number, then arrivals; when the instant is over, one decision pass.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import carray

from capsim.engine.compiled.access import (
    FLOAT,
    FLOATS,
    INT,
    MODEL,
    MODEL_ROW,
    NONE,
    arrivals_ns_of,
    arrived_ns_of,
    batch_at,
    beyond,
    curves_ns_of,
    cycles_of,
    deciding_of,
    draws_of,
    enqueued_ns_of,
    finished_ns_of,
    formed_sizes_of,
    instance_at,
    keys_of,
    load_of,
    lower_of,
    mean_ns_of,
    members_of,
    outcome_of,
    overhead_ns_of,
    passing_of,
    pool_at,
    queue_at,
    queue_state_of,
    queues_of_step_of,
    request_at,
    rings_of,
    server_at,
    settings_of,
    shares_of_step_of,
    slowdown_of,
    step_at,
    step_state_of,
    think_of,
    touched_of,
    trees_of,
    visit_of,
    weight_of,
    winners_of,
)
from capsim.engine.compiled.cache import entry, part
from capsim.engine.compiled.chance import uniform
from capsim.engine.compiled.counting import (
    count_begun,
    count_busy,
    count_ended,
    count_enqueued,
    count_sent,
    count_served,
)
from capsim.engine.compiled.functions import choose, decide
from capsim.engine.compiled.heap import drop, push
from capsim.engine.compiled.model import (
    CONSTANT,
    DRAINING,
    IDLE,
    NOTHING,
    OFF_DEVICE,
    ON_DEVICE,
    OVER,
    PROFILED,
    SENDING,
    STATE_CELLS,
    TICKS,
    WANTS_ARRIVALS,
    WANTS_BATCHES,
    WANTS_DRAWS,
    WANTS_RING,
    WANTS_ROWS,
    WANTS_SLOTS,
    WANTS_THINK,
)
from capsim.engine.compiled.tree import ROOT, put
from capsim.engine.ledger import Outcome
from capsim.serving import service, sharing
from capsim.units import NEVER

COMPLETED, REJECTED, TIMED_OUT = int(Outcome.completed), int(Outcome.rejected), int(Outcome.timed_out)

profiled_work_ns = part(INT(FLOAT, FLOATS, FLOATS, FLOAT))(service.profiled_work_ns)
drawn_work_ns = part(INT(FLOAT, FLOAT))(service.drawn_work_ns)
wall_ns, done_ns = part(INT(INT, INT))(sharing.wall_ns), part(INT(INT, INT))(sharing.done_ns)


@part(INT(MODEL, INT), inline=True)
def arrive(m: Any, client: int) -> int:
    """A request reaches the system from its client, now."""
    r: int = m.free
    request = request_at(m, r)
    m.free = request.next
    if m.free == NOTHING:
        m.wants |= WANTS_SLOTS
    number = m.sent
    m.sent += 1
    sent_ns = m.now_ns - m.up_ns
    request.number = number
    request.arrived_ns = sent_ns
    request.sender = client
    request.step = 0
    request.waited_ns = 0
    request.served_ns = 0
    if client == NOTHING:
        m.next_arrival += 1
        if m.next_arrival == m.many_arrivals_ns:
            m.wants |= WANTS_ARRIVALS
    else:
        put(m, m.clients_base, m.clients_size, client, NEVER)
    if sent_ns < m.horizon_ns:
        m.unanswered += 1
        if m.keeps_rows:
            arrived_ns_of(m)[number] = sent_ns
            if number + 1 == m.many_arrived_ns:
                m.wants |= WANTS_ROWS
        else:
            count_sent(m, r)
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


@part(NONE(MODEL, INT, INT), inline=True)
def enqueue(m: Any, r: int, q: int) -> None:
    """The request starts to wait."""
    request, queue = request_at(m, r), queue_at(m, q)
    request.at_ns = m.now_ns
    filled = queue.formed_requests + queue.waiting
    if filled == 0:
        queue.head = 0
    rings_of(m)[queue.ring + ((queue.head + filled) & queue.mask)] = r
    queue.waiting += 1
    if filled == queue.mask:
        m.wants |= WANTS_RING
    if request.arrived_ns < m.horizon_ns:
        if m.keeps_rows:
            visit = request.number * (m.last_step + 1) + request.step
            enqueued_ns_of(m)[visit] = m.now_ns
            visit_of(m)[visit] = NOTHING - 1 - queue.first_server
        else:
            count_enqueued(m, queue.pool)
    if queue.idle > 0 or queue.watchful:
        touch(m, q)


@part(NONE(MODEL, INT), inline=True)
def balance(m: Any, r: int) -> None:
    """Choose a queue for the request's step, and send it there past the front end."""
    request = request_at(m, r)
    step = step_at(m, request.step)
    if step.queues + 1 == step.queues_end:
        chosen = queues_of_step_of(m)[step.queues]
    elif step.tree_base != NOTHING:
        chosen = queues_of_step_of(m)[step.queues + winners_of(m)[step.tree_base + ROOT]]
    else:
        u = v = 0.0
        count = step.queues_end - step.queues
        if step.uniforms:
            u, v = uniform(step.key, 2 * request.number), uniform(step.key, 2 * request.number + 1)
        chosen = choose(
            step.choose,
            carray(beyond(queues_of_step_of(m), step.queues), count),
            carray(load_of(m), m.many_queues),
            carray(beyond(shares_of_step_of(m), step.queues), count),
            u,
            v,
            carray(beyond(step_state_of(m), STATE_CELLS * request.step), STATE_CELLS),
        )
    queue = queue_at(m, chosen)
    request.queue = chosen
    add_load(m, chosen, queue.load_unit)
    before_ns = pool_at(m, queue.pool).before_ns
    if before_ns == 0:
        enqueue(m, r, chosen)
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


@part(INT(MODEL, INT), inline=True)
def oldest_since_ns(m: Any, q: int) -> int:
    """Since when the oldest request waits."""
    queue = queue_at(m, q)
    place = (queue.head + queue.formed_requests) & queue.mask
    since_ns: int = request_at(m, rings_of(m)[queue.ring + place]).at_ns
    return since_ns


@part(INT(MODEL, INT))
def take_oldest(m: Any, q: int) -> int:
    """Remove the oldest request that waits; batches formed ahead move up behind it."""
    queue, rings, sizes = queue_at(m, q), rings_of(m), formed_sizes_of(m)
    r: int = rings[queue.ring + ((queue.head + queue.formed_requests) & queue.mask)]
    for k in range(queue.formed_requests, 0, -1):
        to, back = queue.ring + ((queue.head + k) & queue.mask), queue.ring + ((queue.head + k - 1) & queue.mask)
        rings[to], sizes[to] = rings[back], sizes[back]
    queue.head = (queue.head + 1) & queue.mask
    queue.waiting -= 1
    return r


@part(NONE(MODEL, INT), inline=True)
def enter_queue(m: Any, s: int) -> None:
    """The front end of a server has passed its first request on to the queue."""
    server = server_at(m, s)
    r = server.before_first
    server.before_first = request_at(m, r).next
    following = NEVER if server.before_first == NOTHING else request_at(m, server.before_first).at_ns
    put(m, 0, m.events_size, m.before_leaf + s, following)
    enqueue(m, r, server.queue)


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
    if queue.servers > 1:
        s += winners_of(m)[queue.servers_base + ROOT]
    server, pool = server_at(m, s), pool_at(m, queue.pool)
    server.running += 1
    if queue.servers > 1:
        put(m, queue.servers_base, queue.servers_size, s - queue.first_server, server.running)
    i = server.first_instance
    while instance_at(m, i).state != IDLE:
        i += 1
    instance = instance_at(m, i)
    instance.number = server.formed
    instance.started_ns = m.now_ns
    instance.count, instance.row = count, m.in_batches
    rings, members = rings_of(m), members_of(m)
    for k in range(count):
        members[instance.members + k] = rings[queue.ring + ((queue.head + k) & queue.mask)]
    queue.head = (queue.head + count) & queue.mask
    server.formed += 1
    if m.keeps_rows:
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
    if pool.instances == 1:
        instance.state = OFF_DEVICE
        instance.ends_ns = m.now_ns + overhead_ns + work_ns
        put(m, 0, m.events_size, s, instance.ends_ns)
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


@part(NONE(MODEL, INT))
def set_timer(m: Any, q: int) -> None:
    """Put the next timer of a queue on the calendar."""
    queue = queue_at(m, q)
    put(m, 0, m.events_size, m.timer_leaf + q, min(queue.wakes_ns, queue.expires_ns))


@part(NONE(MODEL, INT), inline=True)
def form_batches(m: Any, q: int) -> None:
    """Let the policy form batches until it forms no more, and begin those for which an instance is idle."""
    queue = queue_at(m, q)
    pool = pool_at(m, queue.pool)
    settings = carray(beyond(settings_of(m), pool.settings), pool.settings_end - pool.settings)
    state = carray(beyond(queue_state_of(m), STATE_CELLS * q), STATE_CELLS)
    sizes = formed_sizes_of(m)
    wakes_ns = NEVER
    while True:
        # Batches formed ahead go first, in the order in which they were formed.
        if queue.formed > 0 and queue.idle > 0:
            size = int(sizes[queue.ring + (queue.head & queue.mask)])
            queue.formed -= 1
            queue.formed_requests -= size
        else:
            place = (queue.head + queue.formed_requests) & queue.mask
            oldest_ns = oldest_since_ns(m, q) if queue.waiting > 0 else NEVER
            size, wakes_ns = decide(
                pool.decide, m.now_ns, queue.waiting, oldest_ns, queue.idle, queue.formed, settings, state
            )
            if size == 0:
                break
            queue.waiting -= size
            if queue.idle == 0 or queue.formed > 0:
                sizes[queue.ring + place] = size
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


@part(NONE(MODEL, INT, INT))
def finish(m: Any, r: int, outcome: int) -> None:
    """A request has ended; its client knows a network latency later, thinks and sends its next request."""
    request = request_at(m, r)
    finished_ns = m.now_ns + m.down_ns
    if request.arrived_ns < m.horizon_ns:
        m.unanswered -= 1
        if m.keeps_rows:
            finished_ns_of(m)[request.number] = finished_ns
            outcome_of(m)[request.number] = outcome
        else:
            count_ended(m, r, outcome, finished_ns)
    if m.closed:
        client, cycles = request.sender, cycles_of(m)
        pause_ns = m.think_ns
        if m.think_drawn:
            place = cycles[2 * client] - cycles[2 * client + 1]
            pause_ns = int(np.rint(think_of(m)[client * m.think_room + place] * m.think_ns))
            # From one look at what is wanted to the next a client is answered twice at most.
            if place + 3 > m.think_room:
                m.wants |= WANTS_THINK
        cycles[2 * client] += 1
        if outcome == REJECTED:
            pause_ns += m.retry_delay_ns
        put(m, m.clients_base, m.clients_size, client, finished_ns + pause_ns + m.up_ns)
    request.next = m.free
    m.free = r


@part(NONE(MODEL, INT, INT, INT))
def leave_unserved(m: Any, r: int, q: int, outcome: int) -> None:
    """A request leaves its queue without service."""
    add_load(m, q, -queue_at(m, q).load_unit)
    finish(m, r, outcome)


@part(NONE(MODEL), inline=True)
def instant_over(m: Any) -> None:
    """Queues that were touched form batches, then turn away the newest beyond their capacity."""
    count = m.in_touched
    for i in range(count):
        q = touched_of(m)[0]
        m.in_touched = drop(touched_of(m), m.in_touched)
        deciding_of(m)[i] = q
        queue = queue_at(m, q)
        queue.touched = 0
        if pool_at(m, queue.pool).every_event or (queue.waiting > 0 and queue.idle > 0):
            form_batches(m, q)
    for i in range(count):
        q = deciding_of(m)[i]
        queue = queue_at(m, q)
        if queue.watchful:
            while queue.waiting > queue.capacity:
                queue.waiting -= 1
                place = queue.head + queue.formed_requests + queue.waiting
                leave_unserved(m, rings_of(m)[queue.ring + (place & queue.mask)], q, REJECTED)
            set_timeout(m, q)


@part(NONE(MODEL, INT))
def go_on(m: Any, r: int) -> None:
    """A request has been served at its step: on to the next, or back to the client."""
    request = request_at(m, r)
    if request.step == m.last_step:
        finish(m, r, COMPLETED)
        return
    request.step += 1
    m.in_passing = push(passing_of(m), m.in_passing, request.number, r)


@part(NONE(MODEL, INT, INT), inline=True)
def batch_ends(m: Any, s: int, i: int) -> None:
    """An instance is idle again; the requests of its batch leave past the front end."""
    server, instance = server_at(m, s), instance_at(m, i)
    q = server.queue
    queue, pool = queue_at(m, q), pool_at(m, server.pool)
    server.running -= 1
    if queue.servers > 1:
        put(m, queue.servers_base, queue.servers_size, s - queue.first_server, server.running)
    if m.keeps_rows:
        batch_at(m, instance.row).finished_ns = m.now_ns
    else:
        count_busy(m, server.pool, instance.started_ns, m.now_ns)
    queue.idle += 1
    touch(m, q)
    if pool.after_ns == 0:
        add_load(m, q, -queue.load_unit * instance.count)
    for k in range(instance.count):
        r = int(members_of(m)[instance.members + k])
        request = request_at(m, r)
        if m.keeps_rows:
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


@part(NONE(MODEL, INT), inline=True)
def timer_rings(m: Any, q: int) -> None:
    """A policy wants to look again, or requests have waited for the timeout."""
    queue = queue_at(m, q)
    if queue.wakes_ns == m.now_ns:
        queue.wakes_ns = NEVER
        touch(m, q)
    if queue.expires_ns == m.now_ns:
        queue.expires_ns = NEVER
        while queue.waiting > 0 and oldest_since_ns(m, q) <= m.now_ns - queue.timeout_ns:
            leave_unserved(m, take_oldest(m, q), q, TIMED_OUT)
        touch(m, q)
    set_timer(m, q)


def _simulate(model: Any) -> None:
    """Let happen what is due, until something is wanted from outside or the run is over."""
    m = model[0]
    while m.wants == 0 and m.phase != OVER:
        leaf = winners_of(m)[ROOT]
        event_ns = keys_of(m)[leaf]
        if m.closed:
            client = winners_of(m)[m.clients_base + ROOT]
            arrival_ns = keys_of(m)[m.clients_base + client]
        else:
            client = NOTHING
            arrival_ns = arrivals_ns_of(m)[m.next_arrival] + m.up_ns
        if event_ns > m.now_ns and m.in_passing > 0:
            r = passing_of(m)[1]
            m.in_passing = drop(passing_of(m), m.in_passing)
            balance(m, r)
        elif m.in_touched > 0 and event_ns > m.now_ns and arrival_ns > m.now_ns:
            instant_over(m)
            if m.unanswered == 0 and m.now_ns >= m.last_sent_arrives_ns:
                m.phase = OVER
            if m.now_ns >= m.tick_ns:
                m.wants |= TICKS
        elif min(event_ns, arrival_ns) > m.last_ns:
            more = m.phase == SENDING and m.unanswered > 0
            m.phase = DRAINING if more else OVER
            m.last_ns = m.stop_ns
        elif arrival_ns < event_ns:
            m.now_ns = arrival_ns
            balance(m, arrive(m, client))
        else:
            m.now_ns = event_ns
            if leaf < m.after_leaf:
                batches_end(m, leaf)
            elif leaf < m.before_leaf:
                leave_front_end(m, leaf - m.after_leaf)
            elif leaf < m.timer_leaf:
                enter_queue(m, leaf - m.before_leaf)
            else:
                timer_rings(m, leaf - m.timer_leaf)


simulate = entry(_simulate, NONE(MODEL_ROW))
