"""How the rows of a run become the columns of a ledger, in one pass each.

Column after column is filled in `unfolded`; `places` says where the next row of a request or a server belongs.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from capsim.engine.compiled.arrays import Arrays
from capsim.engine.compiled.machine import call
from capsim.engine.compiled.records import Machine, places_of, unfolded_of
from capsim.engine.kernel.kept import batch_at, request_at, visit_at
from capsim.engine.kernel.layout import NOTHING, inlined, word
from capsim.engine.ledger import Ints

REQUEST = ("arrived_ns", "finished_ns", "outcome", "waited_ns", "served_ns")
VISIT = ("request", "step", "server", "enqueued_ns", "started_ns", "finished_ns", "batch", "batch_size")
BATCH = ("server", "number", "started_ns", "finished_ns", "requests")


@word
def unfold_requests(m: Machine) -> None:
    """Columns of `REQUEST`."""
    found, count = unfolded_of(m), m.requests_count
    for r in range(count):
        request = request_at(m, r)
        found[r], found[count + r], found[2 * count + r] = request.arrived_ns, request.finished_ns, request.outcome
        found[3 * count + r], found[4 * count + r] = request.waited_ns, request.served_ns


@word
def unfold_batches(m: Machine) -> None:
    """Columns of `BATCH`, by server and number."""
    found, places, count = unfolded_of(m), places_of(m), m.batches_count
    for b in range(count):
        batch = batch_at(m, b)
        row = places[batch.server]
        places[batch.server] += 1
        found[row], found[count + row], found[2 * count + row] = batch.server, batch.number, batch.started_ns
        found[3 * count + row], found[4 * count + row] = batch.finished_ns, batch.requests


@inlined
def unfold_served(m: Machine, row: int, b: int, server: int, count: int) -> None:
    """What the batch of a visit tells, or that it had none and to which server it would have gone first."""
    found = unfolded_of(m)
    if b == NOTHING:
        found[2 * count + row] = server
        for column in range(4, 8):
            found[column * count + row] = NOTHING
    else:
        batch = batch_at(m, b)
        found[2 * count + row] = batch.server
        found[4 * count + row], found[5 * count + row] = batch.started_ns, batch.finished_ns
        found[6 * count + row], found[7 * count + row] = batch.number, batch.units * m.items_per_unit


@word
def unfold_visits(m: Machine) -> None:
    """Columns of `VISIT`, by request in the order in which they began."""
    found, places, count = unfolded_of(m), places_of(m), m.visits_count
    for i in range(count):
        visit = visit_at(m, i)
        row = places[visit.request]
        places[visit.request] += 1
        found[row], found[count + row], found[3 * count + row] = visit.request, visit.node, visit.enqueued_ns
        unfold_served(m, row, visit.batch, visit.server, count)


def unfolded(model: Arrays, function: int, names: tuple[str, ...], count: int, owners: Any = None) -> dict[str, Ints]:
    """The columns of these names that a function fills; rows are sorted by `owners`, where those are given."""
    columns = np.empty((len(names), count), np.int64)
    model["unfolded"] = columns.reshape(-1)
    if owners is not None:
        often = np.bincount(owners, minlength=1)
        model["places"] = np.cumsum(often) - often
    call(function, model.record.ctypes.data)
    return dict(zip(names, columns, strict=True))
