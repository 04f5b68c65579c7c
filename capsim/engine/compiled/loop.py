"""The event loop of the general form.

What happens at one instant happens in the order of `kernel.order`: the tree of events has its leaves in that order,
then come tokens from other nodes by request, then arrivals; when the instant is over, one decision pass.
"""

from __future__ import annotations

from capsim.engine.compiled.alarms import drop_first
from capsim.engine.compiled.records import (
    DRAINING,
    OVER,
    SENDING,
    TICKS,
    WANTS_ARRIVALS,
    Machine,
    alarm_at,
    arrivals_ns_of,
    first_leaf_of,
    passing_of,
)
from capsim.engine.compiled.words import KINDS_APART
from capsim.engine.kernel.heap import drop
from capsim.engine.kernel.layout import NOTHING, PLAIN, inlined, word
from capsim.engine.kernel.order import ARRIVAL, BATCH_ENDS, FIRST_ALARM, TIMER
from capsim.engine.kernel.records import keys_of, winners_of
from capsim.engine.kernel.tree import ROOT
from capsim.engine.kernel.words import ring_at
from capsim.engine.model.instants import alarm_rings, happen, instant_over
from capsim.engine.model.nodes import enter
from capsim.engine.model.probes import note_over
from capsim.units import NEVER


@inlined
def kind_of(m: Machine, leaf: int) -> int:
    """The kind of event that a leaf stands for."""
    for kind in range(TIMER, BATCH_ENDS, -1):
        if leaf >= first_leaf_of(m)[kind]:
            return kind
    return BATCH_ENDS


@inlined
def next_arrival(m: Machine, client: int) -> None:
    """Who sends after what arrives now: nobody yet, where that is a client."""
    if client != NOTHING:
        ring_at(m, ARRIVAL, client, NEVER)
    else:
        m.arriving = m.next_arrival
        m.next_arrival += 1
        if m.next_arrival == m.many_arrivals_ns:
            m.wants |= WANTS_ARRIVALS


@word
def next_alarm(m: Machine) -> None:
    """The first alarm rings."""
    alarm = alarm_at(m, 0)
    kind, place, stamp = alarm.rank >> KINDS_APART, alarm.place, alarm.stamp
    drop_first(m)
    alarm_rings(m, kind, place, stamp)


@word
def simulate(m: Machine) -> None:
    """Let happen what is due, until something is wanted from outside or the run is over."""
    while m.wants == 0 and m.phase != OVER:
        leaf = winners_of(m)[m.events_base + ROOT]
        event_ns = keys_of(m)[m.events_base + leaf]
        client = winners_of(m)[m.clients_base + ROOT]
        client_ns = keys_of(m)[m.clients_base + client]
        arrival_ns = arrivals_ns_of(m)[m.next_arrival] + m.up_ns
        if client_ns <= arrival_ns:
            arrival_ns = client_ns
        else:
            client = NOTHING
        if m.passing_count > 0 and event_ns > m.now_ns:
            t = passing_of(m)[1]
            m.passing_count = drop(passing_of(m), m.passing_count)
            enter(m, t)
        elif m.touched_count > 0 and event_ns > m.now_ns and arrival_ns > m.now_ns:
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
            next_arrival(m, client)
            happen(m, ARRIVAL, client)
        elif not PLAIN and leaf == first_leaf_of(m)[FIRST_ALARM]:
            m.now_ns = event_ns
            next_alarm(m)
        else:
            m.now_ns = event_ns
            kind = kind_of(m, leaf)
            happen(m, kind, leaf - first_leaf_of(m)[kind])
    if m.phase == OVER:
        note_over(m)
