"""Servers: batches begin, share the device and end."""

from __future__ import annotations

from capsim.engine.kernel.layout import NOTHING, PLAIN, inlined, word
from capsim.engine.kernel.order import BATCH_ENDS, FRONT_END_AFTER
from capsim.engine.kernel.path import HELD, copy_at
from capsim.engine.kernel.records import (
    CONSTANT,
    IDLE,
    IN_TURN,
    OFF_DEVICE,
    ON_DEVICE,
    PROFILED,
    Model,
    curve_ns_at,
    device_at,
    instance_at,
    lower_at,
    mean_ns_at,
    overhead_ns_at,
    pool_at,
    server_at,
    settings_at,
    slowdown_at,
    stage_free_of,
    station_at,
    station_memory_at,
    token_at,
    weight_at,
    winners_of,
)
from capsim.engine.kernel.tree import ROOT, put
from capsim.engine.kernel.words import learn, ring_at, uniform, variate
from capsim.engine.model.balancing import line_up
from capsim.engine.model.ends import go_on, is_called_off
from capsim.engine.model.loads import add_load
from capsim.engine.model.probes import note_batch, note_batch_ended, note_started
from capsim.engine.model.waiting import touch
from capsim.serving import service, sharing
from capsim.units import NEVER

profiled_work_ns, drawn_work_ns = word(service.profiled_work_ns), word(service.drawn_work_ns)
wall_ns, done_ns = word(sharing.wall_ns), word(sharing.done_ns)

SHUT = 1 << 32
"""What keeps a pipeline that nobody can enter behind all others, however many batches run on them."""


@inlined
def draw_work(m: Model, v: int, units: int, number: int) -> int:
    """The device's work on the batch of so many units and of a number that a server has formed (ns)."""
    server = server_at(m, v)
    p = server.pool
    pool = pool_at(m, p)
    if pool.draws == PROFILED:
        low = pool.curve + lower_at(m, p)[units - 1]
        u = uniform(m, server.key, number)
        return profiled_work_ns(u, curve_ns_at(m, low), curve_ns_at(m, low + 1), weight_at(m, p)[units - 1])
    x = 1.0 if pool.draws == CONSTANT else variate(m, v, number)
    return drawn_work_ns(x, mean_ns_at(m, p)[units - 1])


@word
def work_until_now(m: Model, d: int) -> None:
    """Count what a device has done since it was last timed."""
    device = device_at(m, d)
    v = device.first_server
    while v != NOTHING:
        server = server_at(m, v)
        done = done_ns(m.now_ns - device.timed_ns, slowdown_at(m, server.pool)[device.batches])
        for i in range(server.first_instance, server.first_instance + pool_at(m, server.pool).instances):
            if instance_at(m, i).state == ON_DEVICE:
                instance_at(m, i).remaining_ns -= done
        v = server.beside
    device.timed_ns = m.now_ns


@word
def set_next_end(m: Model, v: int) -> None:
    """Put what comes next at a server on the calendar: the end of a batch, of its overhead, or of a first stage."""
    server = server_at(m, v)
    device = device_at(m, server.device)
    next_ns, shortest = NEVER, NEVER
    if server.shut and stage_free_of(m)[server.first_stage] > m.now_ns:
        next_ns = stage_free_of(m)[server.first_stage]
    for i in range(server.first_instance, server.first_instance + pool_at(m, server.pool).instances):
        instance = instance_at(m, i)
        if instance.state == OFF_DEVICE:
            next_ns = min(next_ns, instance.ends_ns)
        elif instance.state == ON_DEVICE:
            shortest = min(shortest, instance.remaining_ns)
    if shortest < NEVER:
        slow = slowdown_at(m, server.pool)[device.batches]
        next_ns = min(next_ns, device.timed_ns + wall_ns(max(0, shortest), slow))
    ring_at(m, BATCH_ENDS, v, next_ns)


@word
def set_next_ends(m: Model, d: int) -> None:
    """Put what comes next at each server of a device on the calendar."""
    v = device_at(m, d).first_server
    while v != NOTHING:
        set_next_end(m, v)
        v = server_at(m, v).beside


@word
def reach_device(m: Model, v: int, i: int) -> None:
    """The work of a batch reaches the device of a server: it begins, or waits for its turn."""
    device, instance = device_at(m, server_at(m, v).device), instance_at(m, i)
    if device.takes_turns and device.batches > 0:
        instance.state, instance.ends_ns = IN_TURN, device.came
        device.came += 1
    else:
        instance.state = ON_DEVICE
        device.batches += 1


@word
def next_in_turn(m: Model, d: int) -> None:
    """If a device is free, the batch that came to it first of those that wait for their turn begins its work."""
    device, v, first = device_at(m, d), device_at(m, d).first_server, NOTHING
    while v != NOTHING and device.batches == 0:
        server = server_at(m, v)
        for i in range(server.first_instance, server.first_instance + pool_at(m, server.pool).instances):
            waits = instance_at(m, i).state == IN_TURN
            if waits and (first == NOTHING or instance_at(m, i).ends_ns < instance_at(m, first).ends_ns):
                first = i
        v = server.beside
    if first != NOTHING:
        instance_at(m, first).state = ON_DEVICE
        device.batches = 1


@inlined
def freest_server(m: Model, s: int) -> int:
    """The server of a station with the fewest running batches; of equals the first."""
    station = station_at(m, s)
    if station.servers == 1:
        return station.first_server
    return station.first_server + winners_of(m)[station.servers_base + ROOT]


@inlined
def run_batches(m: Model, v: int, change: int) -> None:
    """So many more batches run on a server."""
    server = server_at(m, v)
    server.running += change
    station = station_at(m, server.station)
    if station.servers > 1:
        leaf, key = v - station.first_server, server.running + server.shut * SHUT
        put(m, station.servers_base, station.servers_size, leaf, key)


@word
def enter_stages(m: Model, v: int, overhead_ns: int, work_ns: int) -> int:
    """A batch enters a pipeline: each stage takes an equal part of its work; gives when it leaves the last one.

    The overhead is a stage of its own where copies are made ahead, else it is spent in the first stage.
    """
    server = server_at(m, v)
    pool, free = pool_at(m, server.pool), stage_free_of(m)
    place, at_ns = server.first_stage, m.now_ns + overhead_ns
    parts = pool.stages - pool.copies_ahead
    if pool.copies_ahead:
        free[place] = at_ns
        place += 1
    for part in range(parts):
        length_ns = work_ns * (part + 1) // parts - work_ns * part // parts
        at_ns = max(at_ns, free[place + part]) + length_ns
        free[place + part] = at_ns
    server.shut = 1
    return at_ns


@word
def let_enter(m: Model, v: int) -> None:
    """The next batch can enter a pipeline, if its first stage is free and fewer are inside than it has stages."""
    server = server_at(m, v)
    free = stage_free_of(m)[server.first_stage] <= m.now_ns and server.running < pool_at(m, server.pool).stages
    if server.shut and free and not server.down:
        server.shut = 0
        station_at(m, server.station).idle += 1
    run_batches(m, v, 0)


@inlined
def hold(m: Model, first: int, count: int) -> None:
    """The tokens of a chain can't be taken out of their batch."""
    if not PLAIN:
        t = first
        for _ in range(count):
            copy_at(m, t).stage = HELD
            t = token_at(m, t).next


@inlined
def units_of(m: Model, first: int, count: int) -> int:
    """The units of a chain of so many tokens."""
    if PLAIN or not m.mixed:
        return count
    units, t = 0, first
    for _ in range(count):
        units += token_at(m, t).units
        t = token_at(m, t).next
    return units


@word
def begin(m: Model, s: int, first: int, count: int) -> None:
    """A chain of so many tokens becomes a batch on the freest server of a station."""
    station_at(m, s).idle -= 1
    v = freest_server(m, s)
    run_batches(m, v, 1)
    server = server_at(m, v)
    p, i = server.pool, server.first_instance
    while instance_at(m, i).state != IDLE:
        i += 1
    instance = instance_at(m, i)
    instance.number, instance.started_ns = server.formed, m.now_ns
    instance.first, instance.count = first, count
    instance.units = units_of(m, first, count)
    server.formed += 1
    note_batch(m, v, i)
    t = first
    for _ in range(count):
        token = token_at(m, t)
        token.waited_ns += m.now_ns - token.since_ns
        note_started(m, t, i, p)
        t = token.next
    hold(m, first, count)
    overhead_ns, work_ns = overhead_ns_at(m, p)[count - 1], draw_work(m, v, instance.units, instance.number)
    instance.state, instance.ends_ns = OFF_DEVICE, m.now_ns + overhead_ns + work_ns
    if pool_at(m, p).alone:
        ring_at(m, BATCH_ENDS, v, instance.ends_ns)
    else:
        start_timing(m, v, i, overhead_ns, work_ns)


@word
def start_timing(m: Model, v: int, i: int, overhead_ns: int, work_ns: int) -> None:
    """The batch that has begun on an instance of a server changes when others there end, or is one of several."""
    server, instance = server_at(m, v), instance_at(m, i)
    if pool_at(m, server.pool).stages:
        instance.ends_ns = enter_stages(m, v, overhead_ns, work_ns)
        let_enter(m, v)
    elif pool_at(m, server.pool).interact:
        instance.remaining_ns = work_ns
        instance.ends_ns = m.now_ns + overhead_ns
        if overhead_ns == 0:
            work_until_now(m, server.device)
            reach_device(m, v, i)
            set_next_ends(m, server.device)
            return
    set_next_end(m, v)


@word
def teach(m: Model, s: int, i: int) -> None:
    """A rule is told of the batch that an instance has ended."""
    instance, p = instance_at(m, i), station_at(m, s).pool
    waited_ns, served_ns = instance.started_ns - token_at(m, instance.first).since_ns, m.now_ns - instance.started_ns
    rule, settings = pool_at(m, p).learn, settings_at(m, p)
    learn(rule, m.now_ns, instance.units, waited_ns, served_ns, settings, station_memory_at(m, s))


@word
def batch_ends(m: Model, v: int, i: int) -> None:
    """An instance is idle again; the tokens of its batch leave past the front end."""
    server, instance = server_at(m, v), instance_at(m, i)
    s, pool = server.station, pool_at(m, server.pool)
    instance.state = IDLE
    run_batches(m, v, -1)
    note_batch_ended(m, v, i)
    station_at(m, s).idle += pool.stages == 0
    touch(m, s)
    if pool.learn:
        teach(m, s, i)
    if pool.after_ns == 0:
        add_load(m, s, -instance.count)
    served_ns, t = m.now_ns - instance.started_ns, instance.first
    for _ in range(instance.count):
        token = token_at(m, t)
        following = token.next
        token.served_ns += served_ns
        if pool.after_ns == 0:
            go_on(m, t)
        elif is_called_off(m, t):
            add_load(m, s, -1)
        else:
            line_up(m, t, m.after_lines + v, FRONT_END_AFTER, v, pool.after_ns)
        t = following


@inlined
def next_over(m: Model, v: int) -> int:
    """The instance whose batch is over, of several that whose batch began first; batches past their overhead go on."""
    server = server_at(m, v)
    pool, over = pool_at(m, server.pool), NOTHING
    for i in range(server.first_instance, server.first_instance + pool.instances):
        instance = instance_at(m, i)
        if instance.state == IDLE:
            continue
        if instance.state == OFF_DEVICE and instance.ends_ns == m.now_ns and pool.interact:
            reach_device(m, v, i)
            continue
        if instance.state == OFF_DEVICE:
            ended = instance.ends_ns == m.now_ns
        else:
            ended = instance.state == ON_DEVICE and instance.remaining_ns <= 0
        if ended and (over == NOTHING or instance.number < instance_at(m, over).number):
            over = i
    return over


@inlined
def batches_end(m: Model, v: int) -> None:
    """Batches of a server end, in the order in which they began; or their work reaches the device."""
    server = server_at(m, v)
    pool = pool_at(m, server.pool)
    if pool.alone:
        ring_at(m, BATCH_ENDS, v, NEVER)
        batch_ends(m, v, server.first_instance)
        return
    if pool.interact:
        work_until_now(m, server.device)
    while True:
        i = next_over(m, v)
        if i == NOTHING:
            break
        if instance_at(m, i).state == ON_DEVICE:
            device_at(m, server.device).batches -= 1
        batch_ends(m, v, i)
    if pool.stages:
        let_enter(m, v)
        touch(m, server.station)
    if pool.interact:
        if device_at(m, server.device).takes_turns:
            next_in_turn(m, server.device)
        set_next_ends(m, server.device)
    else:
        set_next_end(m, v)
