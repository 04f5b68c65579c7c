"""What a run of the general form that is over tells."""

from __future__ import annotations

import numpy as np

from capsim.engine.blueprint import Blueprint
from capsim.engine.compiled.arrays import Arrays
from capsim.engine.compiled.entries import word_at
from capsim.engine.compiled.unfolding import BATCH, REQUEST, VISIT, unfolded
from capsim.engine.kernel.rows import DETAILED, detailed, refused
from capsim.engine.ledger import Ints, Ledger
from capsim.engine.tally import Tally, slice_edges_ns


def ledger(blueprint: Blueprint, model: Arrays) -> Ledger:
    """The rows of the requests sent before the horizon, and all batches; see `Ledger`."""
    now, owners = model.now, model["visits"]["request"][: model.now["visits_count"]]
    plain = Ledger(
        unfolded(model, word_at("unfolding", "unfold_requests", "GENERAL"), REQUEST, int(now["requests_count"])),
        unfolded(model, word_at("unfolding", "unfold_visits", "GENERAL"), VISIT, len(owners), owners),
        batches(model, "GENERAL"),
        refused(model["refusals"][: now["refusals_count"]]),
    )
    if blueprint.plain:
        return plain
    counted = {"details": "requests"}
    counts = {name: int(now[f"{counted.get(name, name)}_count"]) for name in DETAILED}
    return detailed(plain, blueprint, {name: model[name][:count] for name, count in counts.items()})


def batches(model: Arrays, layout: str) -> dict[str, Ints]:
    """All batches by server and number."""
    servers = model["batches"]["server"][: model.now["batches_count"]]
    return unfolded(model, word_at("unfolding", "unfold_batches", layout), BATCH, len(servers), servers)


def tally(blueprint: Blueprint, model: Arrays) -> Tally:
    """The counts of the requests sent before the horizon, and of all batches; see `Tally`."""
    edges, _ = slice_edges_ns(int(model.now["tally_start_ns"]), blueprint.horizon_ns)
    sizes = np.cumsum([0, *(len(pool.service.mean_ns) for pool in blueprint.pools)])
    requests, pools, begun = (model[f"tally_{name}"] for name in ("requests", "pools", "batches"))
    return Tally(edges, requests, model["tally_latency"], model["tally_waiting"], pools, begun, sizes)
