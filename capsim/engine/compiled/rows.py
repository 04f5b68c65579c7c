"""The ledger of a run that kept its rows."""

from __future__ import annotations

import numpy as np

from capsim.engine.blueprint import Blueprint
from capsim.engine.compiled.model import IDLE, NOTHING, Model
from capsim.engine.ledger import NOT_YET, Ledger, Outcome


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
    sent = int(model.now["sent"])
    count = int(np.searchsorted(model["arrived_ns"][: min(sent, len(model["arrived_ns"]))], blueprint.horizon_ns))
    finished = model["finished_ns"][:count]
    outcome = np.where(finished == NOTHING, int(Outcome.in_flight), model["outcome"][:count])
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
