"""Stations of a node: one is chosen for a token, which goes there past the front end."""

from __future__ import annotations

from capsim.engine.kernel.layout import NOTHING, PLAIN, inlined, word
from capsim.engine.kernel.lines import append
from capsim.engine.kernel.order import FRONT_END_BEFORE
from capsim.engine.kernel.path import HELD, copy_at
from capsim.engine.kernel.records import (
    Model,
    admission_at,
    admission_memory_at,
    balancing_at,
    change_at,
    line_at,
    live_at,
    live_shares_at,
    load_at,
    node_at,
    node_memory_at,
    pool_at,
    shares_at,
    station_at,
    stations_at,
    token_at,
    unreached_at,
    winners_of,
)
from capsim.engine.kernel.tree import ROOT
from capsim.engine.kernel.words import admit, choose, ring_at, uniform
from capsim.engine.model.copies import lose
from capsim.engine.model.ends import REJECTED
from capsim.engine.model.loads import add_load
from capsim.engine.model.probes import note_refused
from capsim.engine.model.waiting import wait
from capsim.serving.rule import BY_CLASS, BY_REQUEST, DOOR
from capsim.units import NEVER

OUT_OF_REACH = 2**50
"""More load than there ever is."""


@word
def look_back(m: Model, n: int) -> None:
    """The balancer of a node sees what changed until `lag_ns` ago."""
    node, until_ns = node_at(m, n), m.now_ns - node_at(m, n).lag_ns
    seen = load_at(m, node.load)
    while node.unseen < m.changes_count and change_at(m, node.unseen).at_ns <= until_ns:
        change = change_at(m, node.unseen)
        seen[change.station] += change.load
        node.unseen += 1


@inlined
def choose_station(m: Model, n: int, index: int) -> int:
    """The station for what comes to a node, by the draws of an index of its balancer."""
    node, stations = node_at(m, n), stations_at(m, n)
    if len(stations) == 1:
        return stations[0]
    if node.tree != NOTHING:
        return stations[winners_of(m)[node.tree + ROOT]]
    u = v = 0.0
    if node.uniforms:
        u, v = uniform(m, node.key, 2 * index), uniform(m, node.key, 2 * index + 1)
    load, shares = load_at(m, node.load), shares_at(m, n)
    return choose(node.choose, stations, load, shares, u, v, balancing_at(m, n), node_memory_at(m, n))


@word
def avoid(m: Model, n: int, more: int) -> None:
    """So much more load is seen on the stations of a node that are believed to have no server."""
    stations, unreached, load = stations_at(m, n), unreached_at(m, n), load_at(m, node_at(m, n).load)
    for place in range(len(stations)):
        load[stations[place]] += more * unreached[place]


@word
def choose_live(m: Model, n: int, index: int) -> int:
    """The station for what comes to a node, of those that its balancer believes to have servers."""
    node = node_at(m, n)
    stations, shares, settings = stations_at(m, n), shares_at(m, n), balancing_at(m, n)
    # Settings are by the places of all stations; other rules see only those that are left.
    if len(settings) == 0:
        stations, shares = live_at(m, n)[: node.live], live_shares_at(m, n)[: node.live]
    u = v = 0.0
    if node.uniforms:
        u, v = uniform(m, node.key, 2 * index), uniform(m, node.key, 2 * index + 1)
    avoid(m, n, OUT_OF_REACH)
    s = choose(node.choose, stations, load_at(m, node.load), shares, u, v, settings, node_memory_at(m, n))
    avoid(m, n, -OUT_OF_REACH)
    for place in range(len(stations_at(m, n))):
        if stations_at(m, n)[place] == s and unreached_at(m, n)[place]:
            return live_at(m, n)[0]  # no other has room
    return s


@word
def let_in(m: Model, t: int, s: int) -> int:
    """Whether the admission rule at the door of a pool lets a token in."""
    p = station_at(m, s).pool
    pool, behind = pool_at(m, p), line_at(m, s).count
    settings, memory = admission_at(m, p), admission_memory_at(m, p)
    return admit(pool.admit, m.now_ns, token_at(m, t).sent_ns, m.now_ns, pool.inside, behind, settings, memory)


@inlined
def draw_index(m: Model, t: int) -> int:
    """By what the draws of a token are numbered: a request that is sent again draws anew."""
    return token_at(m, t).root if PLAIN else token_at(m, t).order // m.branches


@inlined
def balancing_index(m: Model, t: int) -> int:
    """By what the draws of the balancer are numbered that a token comes to.

    A request without a key has one of its own, which is the same however often it is sent.
    """
    by = node_at(m, token_at(m, t).node).drawn_by
    if by == BY_REQUEST:
        return draw_index(m, t)
    if by == BY_CLASS:
        return token_at(m, t).of_class
    return token_at(m, t).root if PLAIN or copy_at(m, t).key == NOTHING else copy_at(m, t).key


@inlined
def enter_station(m: Model, t: int) -> None:
    """A station is chosen for a token, and if it is let in it goes there past the front end."""
    token = token_at(m, t)
    if node_at(m, token.node).lag_ns:
        look_back(m, token.node)
    index = balancing_index(m, t)
    if not PLAIN and 0 < node_at(m, token.node).live < len(stations_at(m, token.node)):
        s = choose_live(m, token.node, index)
    else:
        s = choose_station(m, token.node, index)
    station = station_at(m, s)
    if pool_at(m, station.pool).admits_at == DOOR and not let_in(m, t, s):
        note_refused(m, t, s, m.now_ns)
        lose(m, t, REJECTED)
        return
    add_load(m, s, 1)
    before_ns = pool_at(m, station.pool).before_ns
    if before_ns == 0:
        wait(m, t, s)
    else:
        line_up(m, t, m.before_lines + station.first_server, FRONT_END_BEFORE, station.first_server, before_ns)


@word
def line_up(m: Model, t: int, number: int, kind: int, v: int, takes_ns: int) -> None:
    """A token joins a line in the front end of a server, which handles one after the other."""
    line, token = line_at(m, number), token_at(m, t)
    if not PLAIN:
        copy_at(m, t).stage = HELD
    line.free_ns = max(line.free_ns, m.now_ns) + takes_ns
    token.since_ns = line.free_ns
    if line.count == 0:
        ring_at(m, kind, v, line.free_ns)
    append(m, number, t)


@word
def next_through(m: Model, number: int, kind: int, v: int) -> int:
    """The first of a line in the front end of a server has come through."""
    line = line_at(m, number)
    t = line.first
    line.first = token_at(m, t).next
    line.count -= 1
    ring_at(m, kind, v, token_at(m, line.first).since_ns if line.count > 0 else NEVER)
    return t
