"""Nodes: a token comes to one, a station is chosen for it, and it goes there past the front end."""

from __future__ import annotations

from capsim.engine.kernel.layout import NOTHING, inlined, word
from capsim.engine.kernel.lines import append
from capsim.engine.kernel.order import FRONT_END_BEFORE
from capsim.engine.kernel.records import (
    Model,
    admission_at,
    admission_memory_at,
    balancing_at,
    change_at,
    line_at,
    load_at,
    node_at,
    node_memory_at,
    pool_at,
    shares_at,
    station_at,
    stations_at,
    token_at,
    trees_of,
    winners_of,
)
from capsim.engine.kernel.tree import ROOT, put
from capsim.engine.kernel.words import admit, choose, open_change, ring_at, uniform
from capsim.engine.model.ends import REJECTED, finish
from capsim.engine.model.probes import note_refused
from capsim.engine.model.waiting import wait
from capsim.serving.rule import BY_CLASS, DOOR
from capsim.units import NEVER


@inlined
def add_load(m: Model, s: int, tokens: int) -> None:
    """So many more tokens are assigned to a station and not yet answered, which balancers and admission rules see."""
    load, trees, station = load_at(m, 0), trees_of(m), station_at(m, s)
    load[s] += tokens * station.load_unit
    pool_at(m, station.pool).inside += tokens
    for row in range(station.trees, station.trees_end):
        put(m, trees[3 * row], trees[3 * row + 1], trees[3 * row + 2], load[s])
    if m.lagging:
        change = change_at(m, open_change(m))
        change.at_ns, change.station, change.load = m.now_ns, s, tokens * station.load_unit


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
def choose_station(m: Model, n: int, root: int) -> int:
    """The station for the request of a number at a node."""
    node, stations = node_at(m, n), stations_at(m, n)
    if len(stations) == 1:
        return stations[0]
    if node.tree != NOTHING:
        return stations[winners_of(m)[node.tree + ROOT]]
    u = v = 0.0
    if node.uniforms:
        index = 0 if node.drawn_by == BY_CLASS else root
        u, v = uniform(m, node.key, 2 * index), uniform(m, node.key, 2 * index + 1)
    load, shares = load_at(m, node.load), shares_at(m, n)
    return choose(node.choose, stations, load, shares, u, v, balancing_at(m, n), node_memory_at(m, n))


@word
def let_in(m: Model, t: int, s: int) -> int:
    """Whether the admission rule at the door of a pool lets a token in."""
    p = station_at(m, s).pool
    pool, behind = pool_at(m, p), line_at(m, s).count
    settings, memory = admission_at(m, p), admission_memory_at(m, p)
    return admit(pool.admit, m.now_ns, token_at(m, t).sent_ns, m.now_ns, pool.inside, behind, settings, memory)


@inlined
def enter(m: Model, t: int) -> None:
    """A token comes to its node: a station is chosen, and if it is let in it goes there past the front end."""
    token = token_at(m, t)
    if node_at(m, token.node).lag_ns:
        look_back(m, token.node)
    s = choose_station(m, token.node, token.root)
    station = station_at(m, s)
    if pool_at(m, station.pool).admits_at == DOOR and not let_in(m, t, s):
        note_refused(m, t, s, m.now_ns)
        finish(m, t, REJECTED)
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
