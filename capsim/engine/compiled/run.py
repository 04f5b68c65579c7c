"""A replication in compiled code."""

from __future__ import annotations

from collections.abc import Callable

from capsim.engine.blueprint import Blueprint
from capsim.engine.compiled.build import build
from capsim.engine.compiled.entries import loop_at
from capsim.engine.compiled.features import Features
from capsim.engine.compiled.feed import Feed
from capsim.engine.compiled.machine import call
from capsim.engine.compiled.model import OVER, Model
from capsim.engine.compiled.rows import ledger, tally
from capsim.engine.ledger import Ledger
from capsim.engine.tally import Tally

TICKS = 100


def run(blueprint: Blueprint, progress: Callable[[float], None] | None = None) -> Ledger:
    """Simulate one replication; `progress` is told the share of the horizon that has passed."""
    return ledger(blueprint, _simulated(blueprint, build(blueprint), progress))


def run_tally(blueprint: Blueprint, from_ns: int, progress: Callable[[float], None] | None = None) -> Tally:
    """Simulate one replication in constant memory, and tell what happens from an instant on by slices of time."""
    return tally(blueprint, _simulated(blueprint, build(blueprint, from_ns), progress))


def _simulated(blueprint: Blueprint, model: Model, progress: Callable[[float], None] | None) -> Model:
    feed, now = Feed(blueprint, model), model.now
    loop, record = loop_at(Features.of(blueprint, bool(now["keeps_rows"]))), model.record.ctypes.data
    if progress:
        now["tick_ns"] = blueprint.horizon_ns // TICKS
    while now["phase"] != OVER:
        call(loop, record)
        if now["phase"] != OVER:
            feed.supply(int(now["wants"]))
        if progress and now["now_ns"] >= now["tick_ns"]:
            progress(min(1.0, int(now["now_ns"]) / blueprint.horizon_ns))
            now["tick_ns"] += blueprint.horizon_ns // TICKS + 1
    return model
