"""Nodes: a token comes to one, a station is chosen for it, and it goes there past the front end."""

from __future__ import annotations

from capsim.engine.kernel.layout import NOTHING, inlined, word
from capsim.engine.kernel.lines import append
from capsim.engine.kernel.order import FRONT_END_BEFORE
from capsim.engine.kernel.records import (
    Model,
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
from capsim.engine.kernel.words import choose, ring_at, uniform
from capsim.engine.model.waiting import wait
from capsim.units import NEVER


@inlined
def add_load(m: Model, s: int, change: int) -> None:
    """Count what is assigned to a station and not yet answered, for the balancers."""
    load, trees, station = load_at(m, 0), trees_of(m), station_at(m, s)
    load[s] += change
    for row in range(station.trees, station.trees_end):
        put(m, trees[3 * row], trees[3 * row + 1], trees[3 * row + 2], load[s])


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
        u, v = uniform(m, node.key, 2 * root), uniform(m, node.key, 2 * root + 1)
    return choose(node.choose, stations, load_at(m, 0), shares_at(m, n), u, v, node_memory_at(m, n))


@inlined
def enter(m: Model, t: int) -> None:
    """A token comes to its node: a station is chosen, and it goes there past the front end."""
    token = token_at(m, t)
    s = choose_station(m, token.node, token.root)
    station = station_at(m, s)
    add_load(m, s, station.load_unit)
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
