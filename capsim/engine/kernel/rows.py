"""From the rows of a run that is over to its ledger."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from capsim.engine.kernel.layout import NOTHING
from capsim.engine.ledger import Ints, Ledger

REQUEST = ("arrived_ns", "finished_ns", "outcome", "waited_ns", "served_ns")
REFUSAL = ("request", "server", "since_ns")
BATCH = ("server", "number", "started_ns", "finished_ns", "requests")


def ledger_of(requests: Any, visits: Any, batches: Any, refusals: Any, items_per_request: int) -> Ledger:
    """The ledger of tables of the records `Request`, `Visit`, `Batch` and `Refusal`.

    Visits are told by request, in the order in which they began; batches by server and number.
    """
    by_request = np.argsort(visits["root"], kind="stable")
    by_server = np.lexsort((batches["number"], batches["server"]))
    return Ledger(
        {name: _column(requests[name]) for name in REQUEST},
        _visits(visits[by_request], batches, items_per_request),
        {name: _column(batches[name][by_server]) for name in BATCH},
        refused(refusals),
    )


def refused(refusals: Any) -> dict[str, Ints]:
    """The columns of refusals from a table of the record `Refusal`."""
    return {title: _column(refusals[name]) for title, name in zip(REFUSAL, refusals.dtype.names, strict=True)}


def _visits(visits: Any, batches: Any, items_per_request: int) -> dict[str, Ints]:
    row = visits["batch"]
    begun = row != NOTHING
    if len(batches) == 0:
        batches = np.zeros(1, batches.dtype)

    def told(column: NDArray[Any]) -> Ints:
        return np.where(begun, column[row], NOTHING)

    return {
        "request": _column(visits["root"]),
        "step": _column(visits["node"]),
        "server": np.where(begun, batches["server"][row], visits["server"]),
        "enqueued_ns": _column(visits["enqueued_ns"]),
        "started_ns": told(batches["started_ns"]),
        "finished_ns": told(batches["finished_ns"]),
        "batch": told(batches["number"]),
        "batch_size": told(batches["requests"] * items_per_request),
    }


def _column(values: NDArray[Any]) -> Ints:
    return np.ascontiguousarray(values, dtype=np.int64)
