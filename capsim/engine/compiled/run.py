"""A replication in compiled code."""

from __future__ import annotations

from collections.abc import Callable

from capsim.engine.blueprint import Blueprint
from capsim.engine.compiled.build import build
from capsim.engine.compiled.feed import Feed
from capsim.engine.compiled.loop import simulate
from capsim.engine.compiled.model import OVER
from capsim.engine.compiled.rows import ledger
from capsim.engine.ledger import Ledger

TICKS = 100


def run(blueprint: Blueprint, progress: Callable[[float], None] | None = None) -> Ledger:
    """Simulate one replication; `progress` is told the share of the horizon that has passed."""
    feed = Feed(blueprint, build(blueprint, keeps_rows=True))
    now = feed.model.now
    if progress:
        now["tick_ns"] = blueprint.horizon_ns // TICKS
    while now["phase"] != OVER:
        simulate(feed.model.record)
        if now["phase"] != OVER:
            feed.supply(int(now["wants"]))
        if progress and now["now_ns"] >= now["tick_ns"]:
            progress(min(1.0, int(now["now_ns"]) / blueprint.horizon_ns))
            now["tick_ns"] += blueprint.horizon_ns // TICKS + 1
    return ledger(blueprint, feed.model)
