"""Alarms of tokens and senders: a heap, the first of which is one leaf of the tree of events."""

from __future__ import annotations

from capsim.engine.compiled.records import WANTS_ALARMS, Machine, alarm_at, first_leaf_of
from capsim.engine.kernel.layout import inlined, word
from capsim.engine.kernel.order import FIRST_ALARM
from capsim.engine.kernel.tree import put
from capsim.units import NEVER


@inlined
def comes_first(m: Machine, i: int, at_ns: int, rank: int) -> bool:
    """Whether the alarm in a row comes before that of an instant and rank, or is the same."""
    alarm = alarm_at(m, i)
    return alarm.at_ns < at_ns or (alarm.at_ns == at_ns and alarm.rank <= rank)


@inlined
def move(m: Machine, start: int, goal: int) -> None:
    """What stands in a row stands in another."""
    source, target = alarm_at(m, start), alarm_at(m, goal)
    target.at_ns, target.rank, target.place, target.stamp = source.at_ns, source.rank, source.place, source.stamp


@inlined
def show_first(m: Machine) -> None:
    """Let the tree of events know when the first alarm rings."""
    at_ns = alarm_at(m, 0).at_ns if m.alarms_count > 0 else NEVER
    put(m, m.events_base, m.events_size, first_leaf_of(m)[FIRST_ALARM], at_ns)


@word
def add_alarm(m: Machine, rank: int, place: int, stamp: int, at_ns: int) -> None:
    """One more alarm."""
    i = m.alarms_count
    m.alarms_count += 1
    while i > 0:
        above = (i - 1) >> 1
        if comes_first(m, above, at_ns, rank):
            break
        move(m, above, i)
        i = above
    alarm = alarm_at(m, i)
    alarm.at_ns, alarm.rank, alarm.place, alarm.stamp = at_ns, rank, place, stamp
    if i == 0:
        show_first(m)
    # Until the loop next pauses each token can set a few.
    if m.alarms_count + 4 * m.many_tokens > m.many_alarms:
        m.wants |= WANTS_ALARMS


@word
def drop_first(m: Machine) -> None:
    """The first alarm is no more."""
    m.alarms_count -= 1
    count, i = m.alarms_count, 0
    at_ns, rank = alarm_at(m, count).at_ns, alarm_at(m, count).rank
    while True:
        below = 2 * i + 1
        if below >= count:
            break
        if below + 1 < count and comes_first(m, below + 1, alarm_at(m, below).at_ns, alarm_at(m, below).rank):
            below += 1
        if not comes_first(m, below, at_ns, rank):
            break
        move(m, below, i)
        i = below
    move(m, count, i)
    show_first(m)
