"""The event loop, compiled. It reads like `reference.system`, and every rule here is one there.

What happens at one instant happens in the order of `reference.calendar.Order`: the tree of events has its leaves
in that order (ends of batches by server, front ends by server, timers by queue), then come the requests from
earlier steps by number, then arrivals; when the instant is over, one decision pass. Where each server has a queue and
one instance, the end of its batch and the timer of its queue share a leaf: they may come in any order.
"""

from __future__ import annotations

from typing import Any

from capsim.engine.compiled.access import INT, MODEL, NONE, arrivals_ns_of, keys_of, passing_of, winners_of
from capsim.engine.compiled.compiler import part
from capsim.engine.compiled.features import CLOSED, FULL
from capsim.engine.compiled.heap import drop
from capsim.engine.compiled.model import DRAINING, NOTHING, OVER, SENDING, TICKS
from capsim.engine.compiled.queues import instant_over, server_event, timer_rings
from capsim.engine.compiled.requests import arrive, balance, enter_queue, leave_front_end
from capsim.engine.compiled.servers import batches_end
from capsim.engine.compiled.tree import ROOT


@part(NONE(MODEL, INT), inline=True)
def happen(m: Any, leaf: int) -> None:
    """What a leaf of the tree of events stands for."""
    if not FULL:
        server_event(m, leaf)
    elif leaf < m.after_leaf:
        batches_end(m, leaf)
    elif leaf < m.before_leaf:
        leave_front_end(m, leaf - m.after_leaf)
    elif leaf < m.timer_leaf:
        enter_queue(m, leaf - m.before_leaf)
    else:
        timer_rings(m, leaf - m.timer_leaf)


def simulate(m: Any) -> None:
    """Let happen what is due, until something is wanted from outside or the run is over."""
    while m.wants == 0 and m.phase != OVER:
        leaf = winners_of(m)[ROOT]
        event_ns = keys_of(m)[leaf]
        if CLOSED:
            client = winners_of(m)[m.clients_base + ROOT]
            arrival_ns = keys_of(m)[m.clients_base + client]
        else:
            client = NOTHING
            arrival_ns = arrivals_ns_of(m)[m.next_arrival] + m.up_ns
        if FULL and event_ns > m.now_ns and m.in_passing > 0:
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
            arrive(m, client)
        else:
            m.now_ns = event_ns
            happen(m, leaf)
