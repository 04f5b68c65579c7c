"""The event loop of the lane.

At one instant ends of batches and looks of rules come by server, then arrivals; then each server decides.
"""

from __future__ import annotations

from capsim.engine.compiled.lane.answers import CLOSED, over
from capsim.engine.compiled.lane.records import LaneMachine
from capsim.engine.compiled.lane.text import arrive, instant_over, server_event
from capsim.engine.compiled.records import DRAINING, OVER, SENDING, TICKS, WANTS_ARRIVALS, arrivals_ns_of
from capsim.engine.kernel.layout import NOTHING, word
from capsim.engine.kernel.order import ARRIVAL
from capsim.engine.kernel.records import keys_of, winners_of
from capsim.engine.kernel.tree import ROOT
from capsim.engine.kernel.words import ring_at
from capsim.units import NEVER


@word
def simulate(m: LaneMachine) -> None:
    """Let happen what is due, until something is wanted from outside or the run is over."""
    while m.wants == 0 and m.phase != OVER:
        v = winners_of(m)[m.events_base + ROOT]
        event_ns = keys_of(m)[m.events_base + v]
        if CLOSED:
            client = winners_of(m)[m.clients_base + ROOT]
            arrival_ns = keys_of(m)[m.clients_base + client]
        else:
            client = NOTHING
            arrival_ns = arrivals_ns_of(m)[m.next_arrival] + m.up_ns
        if m.touched_count > 0 and event_ns > m.now_ns and arrival_ns > m.now_ns:
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
            if CLOSED:
                ring_at(m, ARRIVAL, client, NEVER)
            else:
                m.next_arrival += 1
                if m.next_arrival == m.many_arrivals_ns:
                    m.wants |= WANTS_ARRIVALS
            arrive(m, client)
        else:
            m.now_ns = event_ns
            server_event(m, v)
    if m.phase == OVER:
        over(m)
