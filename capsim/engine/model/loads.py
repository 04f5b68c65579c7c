"""Loads: how many tokens are assigned to a station and not yet answered."""

from __future__ import annotations

from capsim.engine.kernel.layout import inlined
from capsim.engine.kernel.records import Model, change_at, load_at, pool_at, station_at, trees_of
from capsim.engine.kernel.tree import put
from capsim.engine.kernel.words import open_change


@inlined
def add_load(m: Model, s: int, tokens: int) -> None:
    """So many more tokens are assigned to a station, which balancers and admission rules see."""
    load, trees, station = load_at(m, 0), trees_of(m), station_at(m, s)
    load[s] += tokens * station.load_unit
    pool_at(m, station.pool).inside += tokens
    for row in range(station.trees, station.trees_end):
        put(m, trees[3 * row], trees[3 * row + 1], trees[3 * row + 2], load[s])
    if m.lagging:
        change = change_at(m, open_change(m))
        change.at_ns, change.station, change.load = m.now_ns, s, tokens * station.load_unit
