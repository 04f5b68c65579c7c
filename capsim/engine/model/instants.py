"""What happens at one instant, and what follows when it is over."""

from __future__ import annotations

from capsim.engine.kernel.asking import attempt_at
from capsim.engine.kernel.heap import drop
from capsim.engine.kernel.layout import NOTHING, inlined, word
from capsim.engine.kernel.order import (
    ANSWERED,
    BATCH_ENDS,
    CANCELLED,
    COMES,
    DELAY_ENDS,
    FRONT_END_AFTER,
    FRONT_END_BEFORE,
    GIVES_UP,
    LEARNS,
    RESENT,
    SERVER_TURNS,
    TIMER,
)
from capsim.engine.kernel.path import PASSING, copy_at
from capsim.engine.kernel.records import Model, deciding_of, line_at, pool_at, server_at, station_at, touched_of
from capsim.engine.kernel.words import pass_on
from capsim.engine.model.balancing import next_through
from capsim.engine.model.copies import call_off
from capsim.engine.model.ends import go_on, is_called_off
from capsim.engine.model.loads import add_load
from capsim.engine.model.nodes import delay_ends
from capsim.engine.model.outages import learns, server_turns
from capsim.engine.model.senders import answered, forget, gives_up, hedges, resent
from capsim.engine.model.servers import batches_end
from capsim.engine.model.stations import form_batches, timer_rings, turn_away
from capsim.engine.model.tokens import arrive
from capsim.engine.model.waiting import wait


@inlined
def happen(m: Model, kind: int, number: int) -> None:
    """What a kind and a number name happens now."""
    if kind == BATCH_ENDS:
        batches_end(m, number)
    elif kind == FRONT_END_AFTER:
        t, s = next_through(m, m.after_lines + number, FRONT_END_AFTER, number), server_at(m, number).station
        add_load(m, s, -1)
        go_on(m, t)
    elif kind == FRONT_END_BEFORE:
        t, s = next_through(m, m.before_lines + number, FRONT_END_BEFORE, number), server_at(m, number).station
        if is_called_off(m, t):
            add_load(m, s, -1)
        else:
            wait(m, t, s)
    elif kind == TIMER:
        timer_rings(m, number)
    else:
        arrive(m, number)


@word
def cancelled(m: Model, a: int) -> None:
    """The system learns that nobody waits for an attempt; one that has left it is over when its answer comes."""
    t = attempt_at(m, a).token
    if t != NOTHING:
        call_off(m, t)
        forget(m, a)


@word
def waits_no_more(m: Model, t: int, stamp: int) -> bool:
    """Whether a token has waited for an alarm until now."""
    if copy_at(m, t).alarm != stamp:
        return False
    copy_at(m, t).alarm = NOTHING
    return True


@word
def rings_for_attempt(m: Model, kind: int, a: int, stamp: int) -> None:
    """What follows for an attempt, unless that is no more."""
    attempt = attempt_at(m, a)
    if attempt.stamp != stamp:
        return
    if kind == ANSWERED:
        answered(m, a)
    elif kind == CANCELLED:
        cancelled(m, a)
    elif not attempt.heard:
        if kind == GIVES_UP:
            gives_up(m, a)
        else:
            hedges(m, a)


@word
def alarm_rings(m: Model, kind: int, place: int, stamp: int) -> None:
    """What a token or a sender waited for until now, unless it waits no longer."""
    if kind == DELAY_ENDS:
        if waits_no_more(m, place, stamp):
            delay_ends(m, place)
    elif kind == COMES:
        if waits_no_more(m, place, stamp):
            copy_at(m, place).stage = PASSING
            pass_on(m, place)
    elif kind == SERVER_TURNS:
        server_turns(m, place)
    elif kind == LEARNS:
        learns(m, place, stamp)
    elif kind == RESENT:
        resent(m, place)
    else:
        rings_for_attempt(m, kind, place, stamp)


@inlined
def instant_over(m: Model) -> None:
    """Stations that were touched form batches, then turn away the newest beyond their capacity."""
    count = m.touched_count
    for k in range(count):
        s = touched_of(m)[0]
        m.touched_count = drop(touched_of(m), m.touched_count)
        deciding_of(m)[k] = s
        station = station_at(m, s)
        station.touched = 0
        if pool_at(m, station.pool).every_event or (line_at(m, s).count > 0 and station.idle > 0):
            form_batches(m, s)
    for k in range(count):
        turn_away(m, deciding_of(m)[k])
