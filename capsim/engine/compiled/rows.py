"""What a run that is over tells: a ledger where it kept rows, else a tally."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from capsim.engine.blueprint import Blueprint
from capsim.engine.compiled import model as tables
from capsim.engine.compiled.entries import unfold_batches_at, unfold_visits_at
from capsim.engine.compiled.machine import call
from capsim.engine.compiled.model import IDLE, NOTHING, Model
from capsim.engine.ledger import Ledger
from capsim.engine.tally import AFTER, BEFORE, BEGUN, BUSY_NS, QUEUED_NS, SLICES, Tally, slice_edges_ns

VISIT = ("request", "step", "server", "enqueued_ns", "started_ns", "finished_ns", "batch", "batch_size")
"""The columns of visits."""


def _in_service(model: Model) -> tuple[NDArray[np.intp], NDArray[Any]]:
    """The requests in batches that have not ended, and the instance that each is on."""
    instances = model["instances"]
    running = np.flatnonzero(instances["state"] != IDLE)
    counts = instances["count"][running]
    on = np.repeat(running, counts)
    place = np.arange(len(on)) - np.repeat(np.cumsum(counts) - counts, counts)
    if len(model["rings"]):
        members: NDArray[np.int32] = model["members"]
        return on, model["requests"][members[instances["members"][on] + place]]
    queues = model["queues"][on]
    places: NDArray[np.int64] = queues["head"] - queues["serving"] + place
    cells: NDArray[np.int64] = queues["ring"] + (places & queues["mask"])
    requests = np.zeros(len(on), tables.REQUEST)
    requests["at_ns"] = model["ring_since_ns"][cells]
    requests["arrived_ns"] = requests["at_ns"] - model.now["up_ns"]
    if model.now["keeps_rows"]:
        requests["number"] = model["ring_numbers"][cells]
    return on, requests


def _still_running(model: Model) -> None:
    """Enter the visits of batches that had not ended, which the loop does at their end."""
    on, requests = _in_service(model)
    sent = requests["arrived_ns"] < model.now["horizon_ns"]
    visits = requests["number"] * (model.now["last_step"] + 1) + requests["step"]
    model["visit"][visits[sent]] = model["instances"]["row"][on[sent]]


def ledger(blueprint: Blueprint, model: Model) -> Ledger:
    """The rows of the requests sent before the horizon, and all batches; see `Ledger`."""
    _still_running(model)
    count, steps = int(model.now["in_rows"]), len(blueprint.steps)
    visits, batches = model["visit"][: count * steps], model["batches"][: int(model.now["in_batches"])]
    unfolded = np.empty((len(VISIT), int(np.count_nonzero(visits != NOTHING))), np.int64)
    pointers = [array.ctypes.data for array in (unfolded, visits, model["enqueued_ns"], batches)]
    call(unfold_visits_at(), *pointers, count, steps, blueprint.items_per_request, unfolded.shape[1])
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
    _count_running(model, edges, width)
    return Tally(
        edges,
        model["tally_requests"],
        model["tally_latency"],
        model["tally_waiting"],
        model["tally_pools"],
        model["tally_batches"],
        np.array([*model["pools"]["sizes"], model.now["tally_sizes"]], np.int64),
    )


def _count_running(model: Model, edges: NDArray[np.int64], width: int) -> None:
    """Count batches that had not ended, which the loop does at their end."""
    cells, servers, instances = model["tally_pools"], model["servers"], model["instances"]
    pool: NDArray[np.int64] = servers["pool"]
    pool_of = np.repeat(pool, model["pools"]["instances"][pool])
    running = np.flatnonzero(instances["state"] != IDLE)
    started_ns = instances["started_ns"][running, np.newaxis]
    busy_ns = np.maximum(0, edges[1:] - np.maximum(edges[:-1], started_ns))
    for busy in np.unique(pool_of[running]):
        cells[busy, :SLICES, BUSY_NS] += busy_ns[pool_of[running] == busy].sum(axis=0)
    on, requests = _in_service(model)
    sent = requests["arrived_ns"] < edges[-1]
    on, since_ns = on[sent], requests["at_ns"][sent]
    place = np.where(since_ns < edges[0], BEFORE, (since_ns - edges[0]) // width)
    place[since_ns >= edges[-1]] = AFTER
    np.add.at(cells[..., BEGUN], (pool_of[on], place), 1)
    np.add.at(cells[..., QUEUED_NS], (pool_of[on], place), instances["started_ns"][on] - since_ns)
