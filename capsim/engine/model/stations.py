"""Stations: batches form, and those who wait too long or come too many leave unserved."""

from __future__ import annotations

from capsim.engine.kernel.layout import PLAIN, inlined, word
from capsim.engine.kernel.lines import append, take
from capsim.engine.kernel.order import TIMER
from capsim.engine.kernel.records import (
    Model,
    admission_at,
    admission_memory_at,
    line_at,
    pool_at,
    settings_at,
    station_at,
    station_memory_at,
    token_at,
)
from capsim.engine.kernel.words import admit, decide, ring_at
from capsim.engine.model.copies import lose
from capsim.engine.model.ends import REJECTED, TIMED_OUT
from capsim.engine.model.loads import add_load
from capsim.engine.model.probes import note_refused
from capsim.engine.model.queues import drop_out, last_to_go, next_to_go, oldest_ns, units_waiting
from capsim.engine.model.servers import begin, hold, units_of
from capsim.engine.model.waiting import touch
from capsim.serving.rule import LINE
from capsim.units import NEVER


@word
def leave_unserved(m: Model, t: int, s: int, outcome: int) -> None:
    """A token leaves its station without service."""
    add_load(m, s, -1)
    lose(m, t, outcome)


@word
def set_timer(m: Model, s: int) -> None:
    """Put the next timer of a station on the calendar: its rule wants to look again, or requests will time out."""
    station = station_at(m, s)
    ring_at(m, TIMER, s, min(station.wakes_ns, station.expires_ns))


@word
def set_aside(m: Model, s: int, first: int, size: int) -> None:
    """Form a batch ahead of the instances."""
    station, ahead = station_at(m, s), line_at(m, m.ahead_lines + s)
    token_at(m, first).together = size
    hold(m, first, size)
    if ahead.count == 0:
        ahead.first = first
    else:
        token_at(m, ahead.last).next = first
    ahead.last = first
    for _ in range(size - 1):
        ahead.last = token_at(m, ahead.last).next
    ahead.count += size
    station.formed += 1


@word
def next_formed(m: Model, s: int) -> int:
    """How many are in the first batch formed ahead, with those behind it that join it."""
    station, ahead = station_at(m, s), line_at(m, m.ahead_lines + s)
    pool, late_ns = pool_at(m, station.pool), m.now_ns - pool_at(m, station.pool).merged_after_ns
    count, units, place = 0, 0, ahead.first
    while station.formed > 0:
        head = token_at(m, place)
        joining = units_of(m, place, head.together)
        if count > 0 and (units + joining > pool.merged_most or head.since_ns >= late_ns):
            break
        count += head.together
        units += joining
        station.formed -= 1
        for _ in range(head.together):
            place = token_at(m, place).next
    return count


@word
def let_on(m: Model, t: int, s: int) -> bool:
    """Whether a token that was taken from the queue of a station is let into a batch by the pool's admission rule."""
    p, token = station_at(m, s).pool, token_at(m, t)
    pool, behind = pool_at(m, p), line_at(m, s).count
    if pool.admits_at != LINE:
        return True
    settings, memory = admission_at(m, p), admission_memory_at(m, m.pools_count + s)
    return admit(pool.admit, m.now_ns, token.sent_ns, token.since_ns, pool.inside, behind, settings, memory) != 0


@word
def sift(m: Model, s: int, size: int) -> int:
    """Let those who go first out of their queue, one by one, as long as their units fit a size; at least one.

    Those whom the admission rule lets in stand in a line of their own; gives how many they are.
    """
    sifted, room = line_at(m, m.sifted_line), size
    while room > 0 and line_at(m, s).count > 0:
        t = next_to_go(m, s)
        units = token_at(m, t).units
        if units > room and sifted.count > 0:
            break
        drop_out(m, t, s)
        if let_on(m, t, s):
            append(m, m.sifted_line, t)
            room -= units
        else:
            note_refused(m, t, s, token_at(m, t).since_ns)
            leave_unserved(m, t, s, REJECTED)
    return sifted.count


@word
def leave_queue(m: Model, s: int, size: int) -> None:
    """So many units form a batch, which begins, or waits for an instance; of others if some are turned away."""
    station, count, number = station_at(m, s), size, s
    if (not PLAIN and (m.mixed or station.levels > 0)) or pool_at(m, station.pool).admits_at == LINE:
        count, number = sift(m, s, size), m.sifted_line
    if count == 0:
        return
    if station.idle > 0 and station.formed == 0:
        begin(m, s, take(m, number, count), count)
    else:
        set_aside(m, s, take(m, number, count), count)


@word
def drop_oldest(m: Model, s: int, units: int) -> None:
    """So many units of those who came first leave unserved."""
    while units > 0 and line_at(m, s).count > 0:
        t = line_at(m, s).first
        units -= token_at(m, t).units
        drop_out(m, t, s)
        leave_unserved(m, t, s, TIMED_OUT)


@inlined
def form_batches(m: Model, s: int) -> None:
    """Let the rule form batches until it forms no more, and begin those for which an instance is idle."""
    station, line = station_at(m, s), line_at(m, s)
    pool, settings, memory = pool_at(m, station.pool), settings_at(m, station.pool), station_memory_at(m, s)
    if pool.newest and line.count > 0:
        memory[0] = token_at(m, line.last).since_ns
    wakes_ns = NEVER
    while True:
        # Batches formed ahead go first, in the order in which they were formed.
        if station.formed > 0 and station.idle > 0:
            size = next_formed(m, s)
            begin(m, s, take(m, m.ahead_lines + s, size), size)
            continue
        waiting, since_ns = units_waiting(m, s), oldest_ns(m, s)
        size, wakes_ns = decide(
            pool.decide, m.now_ns, waiting, since_ns, station.idle, station.formed, settings, memory
        )
        if size == 0:
            break
        if size < 0:
            drop_oldest(m, s, -size)
        else:
            leave_queue(m, s, size)
    if wakes_ns != station.wakes_ns:
        station.wakes_ns = wakes_ns
        set_timer(m, s)


@inlined
def turn_away(m: Model, s: int) -> None:
    """The newest beyond the capacity of a station leave, and the oldest that stays is given its timeout."""
    station, line = station_at(m, s), line_at(m, s)
    if not station.watchful:
        return
    while line.count > station.capacity:
        t = last_to_go(m, s)
        drop_out(m, t, s)
        leave_unserved(m, t, s, REJECTED)
    # One timeout of a station is kept: that of its oldest request, or an earlier one.
    if station.timeout_ns < NEVER and line.count > 0 and station.expires_ns == NEVER:
        station.expires_ns = oldest_ns(m, s) + station.timeout_ns
        set_timer(m, s)


@inlined
def timer_rings(m: Model, s: int) -> None:
    """A rule wants to look again, or requests have waited for the timeout; the others' deadlines are taken anew."""
    station, line = station_at(m, s), line_at(m, s)
    if station.wakes_ns == m.now_ns:
        station.wakes_ns = NEVER
        touch(m, s)
    if station.expires_ns == m.now_ns:
        station.expires_ns = NEVER
        while line.count > 0 and oldest_ns(m, s) <= m.now_ns - station.timeout_ns:
            t = line.first
            drop_out(m, t, s)
            leave_unserved(m, t, s, TIMED_OUT)
        touch(m, s)
    set_timer(m, s)
