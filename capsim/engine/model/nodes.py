"""Nodes: what happens to a token that comes to one."""

from __future__ import annotations

import numpy as np

from capsim.engine.kernel.layout import NOTHING, PLAIN, inlined, word
from capsim.engine.kernel.order import DELAY_ENDS
from capsim.engine.kernel.path import DELAYED, copy_at, link_at
from capsim.engine.kernel.records import (
    CACHE,
    CHOICE,
    DELAY,
    JOIN,
    LINK,
    SPLIT,
    STATION,
    Model,
    class_at,
    delay_ns_at,
    delay_shares_at,
    node_at,
    shares_at,
    starts_at,
    token_at,
    ways_at,
)
from capsim.engine.kernel.words import give_back, set_alarm, uniform
from capsim.engine.model.balancing import draw_index, enter_station
from capsim.engine.model.caches import fetch, knows
from capsim.engine.model.classes import place_in
from capsim.engine.model.copies import join, split
from capsim.engine.model.ends import follow
from capsim.engine.model.probes import note_look_up


@word
def spend(m: Model, t: int, until_ns: int) -> None:
    """A token stays where it is until an instant."""
    copy = copy_at(m, t)
    copy.stage, copy.delayed_ns = DELAYED, copy.delayed_ns + until_ns - m.now_ns
    m.alarms_set += 1
    copy.alarm = m.alarms_set
    set_alarm(m, DELAY_ENDS, token_at(m, t).order, t, copy.alarm, until_ns)


@word
def draw_delay_ns(m: Model, t: int) -> int:
    """How long a token stays at its node."""
    n = token_at(m, t).node
    shares, values_ns = delay_shares_at(m, n), delay_ns_at(m, n)
    u = uniform(m, node_at(m, n).key, draw_index(m, t))
    upper = max(1, place_in(shares, u))
    slope = (values_ns[upper] - values_ns[upper - 1]) / (shares[upper] - shares[upper - 1])
    return int(np.rint(slope * (u - shares[upper - 1]) + values_ns[upper - 1]))


@word
def send_over(m: Model, t: int) -> None:
    """The message of a token goes over a link, behind those that share its line."""
    node, of_class = node_at(m, token_at(m, t).node), class_at(m, token_at(m, t).of_class)
    size = of_class.response_bytes if node.answers else copy_at(m, t).request_bytes
    sent_ns, takes_ns = m.now_ns, int(np.rint(size * node.per_byte))
    if node.of != NOTHING:
        link = link_at(m, node.of)
        sent_ns = max(sent_ns, link.free_ns)
        link.free_ns = sent_ns + takes_ns
    spend(m, t, sent_ns + takes_ns + node.takes_ns)


@word
def choose_way(m: Model, t: int) -> int:
    """Where the way of a token begins at its choice: by its class, or by chance."""
    n = token_at(m, t).node
    ways = ways_at(m, n)
    if len(ways) > 0:
        return starts_at(m, n)[ways[token_at(m, t).of_class]]
    return starts_at(m, n)[place_in(shares_at(m, n), uniform(m, node_at(m, n).key, token_at(m, t).root))]


@word
def enter_other(m: Model, t: int) -> None:
    """A token comes to a node that is no station."""
    node = node_at(m, token_at(m, t).node)
    if node.kind == DELAY:
        spend(m, t, m.now_ns + draw_delay_ns(m, t))
    elif node.kind == LINK:
        send_over(m, t)
    elif node.kind == CHOICE:
        follow(m, t, choose_way(m, t))
    elif node.kind == SPLIT:
        split(m, t)
    elif node.kind == JOIN:
        join(m, t)
    elif node.kind == CACHE:
        spend(m, t, m.now_ns + node.takes_ns)


@inlined
def enter(m: Model, t: int) -> None:
    """A token comes to its node."""
    if PLAIN:
        enter_station(m, t)
    elif copy_at(m, t).called_off:
        give_back(m, t)
    elif node_at(m, token_at(m, t).node).kind != STATION:
        enter_other(m, t)
    else:
        enter_station(m, t)


@word
def delay_ends(m: Model, t: int) -> None:
    """A token has spent its time at its node; in a cache it now looks for an answer."""
    node = node_at(m, token_at(m, t).node)
    if node.kind != CACHE:
        follow(m, t, node.next)
    elif knows(m, node.of, t):
        note_look_up(m, t, 1)
        follow(m, t, node.hit)
    elif fetch(m, node.of, t):
        note_look_up(m, t, 0)
        follow(m, t, node.next)
    else:
        note_look_up(m, t, 1)
