"""What a run that is over tells: a ledger where it kept rows, else a tally."""

from __future__ import annotations

from typing import Any

import numpy as np

from capsim.engine.blueprint import Blueprint
from capsim.engine.compiled.model import IDLE, NOTHING, Model
from capsim.engine.ledger import NOT_YET, Ledger
from capsim.engine.tally import BEGUN, BUSY_NS, QUEUED_NS, Tally, slice_edges_ns


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
    count = int(model.now["in_rows"])
    finished, outcome = model["finished_ns"][:count], model["outcome"][:count]
    batches = model["batches"][: int(model.now["in_batches"])]
    steps = len(blueprint.steps)
    code = model["visit"][: count * steps]
    seen = np.flatnonzero(code != NOTHING)
    code = code[seen]
    served = code >= 0
    of_batch = {
        "server": batches["server"],
        "started_ns": batches["started_ns"],
        "finished_ns": batches["finished_ns"],
        "batch": batches["number"],
        "batch_size": batches["requests"] * blueprint.items_per_request,
    }
    if served.all():
        columns = {name: column[code] for name, column in of_batch.items()}
    else:
        columns = {name: np.full(len(code), NOT_YET, np.int64) for name in of_batch}
        for name, column in of_batch.items():
            columns[name][served] = column[code[served]]
        columns["server"][~served] = NOTHING - 1 - code[~served]
    by_server = np.argsort(batches["server"], kind="stable")
    return Ledger(
        {"arrived_ns": model["arrived_ns"][:count], "finished_ns": finished, "outcome": outcome},
        {
            "request": seen // steps,
            "step": seen % steps,
            "server": columns["server"],
            "enqueued_ns": model["enqueued_ns"][: count * steps][seen],
            **{name: columns[name] for name in ("started_ns", "finished_ns", "batch", "batch_size")},
        },
        {name: np.ascontiguousarray(batches[name][by_server]) for name in batches.dtype.names or ()},
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
