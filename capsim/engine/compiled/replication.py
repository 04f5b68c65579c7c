"""A replication in machine code: in the lane where that has all it needs, else in the general form."""

from __future__ import annotations

from collections.abc import Callable

from capsim.engine.blueprint import Blueprint, ClientsPlan
from capsim.engine.compiled import build, rows
from capsim.engine.compiled.entries import general_at, lane_at
from capsim.engine.compiled.feed import Feed
from capsim.engine.compiled.lane import build as lane_build
from capsim.engine.compiled.lane import rows as lane_rows
from capsim.engine.compiled.lane.records import fits
from capsim.engine.compiled.machine import call
from capsim.engine.compiled.records import OVER
from capsim.engine.compiled.supply import Supply
from capsim.engine.ledger import Ledger
from capsim.engine.tally import Tally

TICKS = 100


def run(blueprint: Blueprint, progress: Callable[[float], None] | None = None) -> Ledger:
    """Simulate one replication; `progress` is told the share of the horizon that has passed."""
    feed = _played(blueprint, None, progress)
    return lane_rows.ledger(feed.model) if fits(blueprint) else rows.ledger(blueprint, feed.model)


def run_tally(blueprint: Blueprint, from_ns: int, progress: Callable[[float], None] | None = None) -> Tally:
    """Simulate one replication in constant memory, and tell what happens from an instant on by slices of time."""
    return rows.tally(blueprint, _played(blueprint, from_ns, progress).model)


def form_at(blueprint: Blueprint, keeps_rows: bool) -> int:
    """Where the form for a blueprint begins."""
    if fits(blueprint):
        return lane_at(keeps_rows, isinstance(blueprint.arrivals, ClientsPlan))
    return general_at(keeps_rows, blueprint.plain)


def _played(blueprint: Blueprint, tally_from_ns: int | None, progress: Callable[[float], None] | None) -> Supply:
    """Let a form run until it is over, and give it what it asks for."""
    built, feeding = (lane_build.build, lane_build.LaneFeed) if fits(blueprint) else (build.build, Feed)
    feed: Supply = feeding(blueprint, built(blueprint, tally_from_ns))
    form, now, record = form_at(blueprint, tally_from_ns is None), feed.model.now, feed.model.record.ctypes.data
    if progress:
        now["tick_ns"] = blueprint.horizon_ns // TICKS
    while now["phase"] != OVER:
        call(form, record)
        if now["phase"] != OVER:
            feed.supply(int(now["wants"]))
        if progress and now["now_ns"] >= now["tick_ns"]:
            progress(min(1.0, int(now["now_ns"]) / blueprint.horizon_ns))
            now["tick_ns"] += blueprint.horizon_ns // TICKS + 1
    return feed
