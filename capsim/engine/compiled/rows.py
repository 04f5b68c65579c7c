"""What a run that is over tells: a ledger where it kept rows, else a tally."""

from __future__ import annotations

from typing import Any

import numpy as np

from capsim.engine.blueprint import Blueprint
from capsim.engine.compiled import model as tables
from capsim.engine.compiled.entries import unfold_batches_at, unfold_visits_at
from capsim.engine.compiled.machine import call
from capsim.engine.compiled.model import IDLE, NOTHING, Model
from capsim.engine.ledger import Ledger
from capsim.engine.tally import BEGUN, BUSY_NS, QUEUED_NS, Tally, slice_edges_ns

VISIT = ("request", "step", "server", "enqueued_ns", "started_ns", "finished_ns", "batch", "batch_size")
"""The columns of visits."""


def _still_running(model: Model) -> None:
    """Enter the visits of batches that had not ended, which the loop does at their end."""
    requests, steps = model["requests"], int(model.now["last_step"]) + 1
    for instance in model["instances"][model["instances"]["state"] != IDLE]:
        first = int(instance["members"])
        for request in requests[model["members"][first : first + int(instance["count"])]]:
            if request["arrived_ns"] < model.now["horizon_ns"]:
                model["visit"][request["number"] * steps + request["step"]] = instance["row"]


def ledger(blueprint: Blueprint, model: Model) -> Ledger:
    """The rows of the requests sent before the horizon, and all batches; see `Ledger`."""
    _still_running(model)
    count, steps = int(model.now["in_rows"]), len(blueprint.steps)
    visits, batches = model["visit"][: count * steps], model["batches"][: int(model.now["in_batches"])]
    unfolded = np.empty((len(VISIT), int(np.count_nonzero(visits != NOTHING))), np.int64)
    pointers = [array.ctypes.data for array in (unfolded, visits, model["enqueued_ns"], batches)]
    call(unfold_visits_at(), *pointers, len(visits), steps, blueprint.items_per_request, unfolded.shape[1])
    by_server = np.empty((len(tables.BATCH.names or ()), len(batches)), np.int64)
    formed = np.bincount(batches["server"], minlength=len(model["servers"]))
    places = np.cumsum(formed) - formed
    call(unfold_batches_at(), by_server.ctypes.data, batches.ctypes.data, places.ctypes.data, len(batches))
    return Ledger(
        {name: model[name][:count] for name in ("arrived_ns", "finished_ns", "outcome")},
        dict(zip(VISIT, unfolded, strict=True)),
        dict(zip(tables.BATCH.names or (), by_server, strict=True)),
    )


def tally(blueprint: Blueprint, model: Model) -> Tally:
    """The counts of the requests sent before the horizon, and of all batches; see `Tally`."""
    edges, width = slice_edges_ns(int(model.now["tally_start_ns"]), blueprint.horizon_ns)
    pools = model["tally_pools"]
    for server in model["servers"]:
        first = int(server["first_instance"])
        count = int(model["pools"][server["pool"]]["instances"])
        for instance in model["instances"][first : first + count]:
            if instance["state"] != IDLE:
                _count_running(pools[server["pool"]], model, instance, edges, width)
    return Tally(
        edges,
        model["tally_requests"],
        model["tally_latency"],
        model["tally_waiting"],
        pools,
        model["tally_batches"],
        np.array([*model["pools"]["sizes"], model.now["tally_sizes"]], np.int64),
    )


def _count_running(cells: Any, model: Model, instance: Any, edges: Any, width: int) -> None:
    """Count a batch that had not ended, which the loop does at its end."""
    cells[: len(edges) - 1, BUSY_NS] += np.maximum(0, edges[1:] - np.maximum(edges[:-1], instance["started_ns"]))
    first = int(instance["members"])
    for request in model["requests"][model["members"][first : first + int(instance["count"])]]:
        if request["arrived_ns"] < edges[-1]:
            place = (int(request["at_ns"]) - int(edges[0])) // width if edges[0] <= request["at_ns"] < edges[-1] else -1
            cells[place, BEGUN] += 1
            cells[place, QUEUED_NS] += instance["started_ns"] - request["at_ns"]
