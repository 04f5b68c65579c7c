"""Tokens join the line of a station, which then has something to decide."""

from __future__ import annotations

from capsim.engine.kernel.heap import push
from capsim.engine.kernel.layout import PLAIN, inlined
from capsim.engine.kernel.path import WAITING, copy_at
from capsim.engine.kernel.records import Model, station_at, token_at, touched_of
from capsim.engine.model.probes import note_waiting
from capsim.engine.model.queues import queue_up


@inlined
def touch(m: Model, s: int) -> None:
    """Something happened at this station: it decides when the instant is over."""
    station = station_at(m, s)
    if not station.touched:
        station.touched = 1
        m.touched_count = push(touched_of(m), m.touched_count, s, 0)


@inlined
def wait(m: Model, t: int, s: int) -> None:
    """The token starts to wait."""
    station, token = station_at(m, s), token_at(m, t)
    token.since_ns = m.now_ns
    queue_up(m, t, s)
    if not PLAIN:
        copy_at(m, t).stage, copy_at(m, t).station = WAITING, s
    if token.sent_ns < m.horizon_ns:
        note_waiting(m, t, s)
    if station.idle > 0 or station.watchful:
        touch(m, s)
