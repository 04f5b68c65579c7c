"""From the rows of a run that is over to its ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from capsim.engine.blueprint import Blueprint, StepPlan
from capsim.engine.kernel.layout import NOTHING
from capsim.engine.ledger import Ints, Ledger

REQUEST = ("arrived_ns", "finished_ns", "outcome", "waited_ns", "served_ns")
REFUSAL = ("request", "server", "since_ns")
DETAILED = ("details", "visits", "batches", "look_ups", "sendings")
BATCH = ("server", "number", "started_ns", "finished_ns", "requests")


def ledger_of(requests: Any, visits: Any, batches: Any, refusals: Any, items_per_unit: int) -> Ledger:
    """The ledger of tables of the records `Request`, `Visit`, `Batch` and `Refusal`.

    Visits are told by request, in the order in which they began; batches by server and number.
    """
    by_request = np.argsort(visits["request"], kind="stable")
    by_server = np.lexsort((batches["number"], batches["server"]))
    return Ledger(
        {name: _column(requests[name]) for name in REQUEST},
        _visits(visits[by_request], batches, items_per_unit),
        {name: _column(batches[name][by_server]) for name in BATCH},
        refused(refusals),
    )


def detailed(ledger: Ledger, blueprint: Blueprint, tables: Mapping[str, Any]) -> Ledger:
    """The ledger of a run that is not plain, with what its tables `DETAILED` tell besides."""
    details, visits, batches, look_ups, sendings = (tables[name] for name in DETAILED)
    by_request = np.argsort(visits["request"], kind="stable")
    by_server = np.lexsort((batches["number"], batches["server"]))
    by_call = np.lexsort((sendings["attempt"], sendings["request"]))
    steps = np.cumsum([isinstance(node, StepPlan) for node in blueprint.nodes]) - 1
    more = {
        "class": _column(details["of_class"]),
        "items": _column(details["units"]) * blueprint.items_per_unit,
        **{name: _column(details[name]) for name in ("attempts", "delayed_ns", "retried_ns")},
    }
    of_visits = {"step": steps[ledger.visits["step"]], "attempt": _column(visits["attempt"][by_request])}
    return replace(
        ledger,
        requests=ledger.requests | more,
        visits=ledger.visits | of_visits,
        batches=ledger.batches | {"units": _column(batches["units"][by_server])},
        look_ups={name: _column(look_ups[name]) for name in look_ups.dtype.names},
        attempts={name: _column(sendings[name][by_call]) for name in sendings.dtype.names},
    )


def refused(refusals: Any) -> dict[str, Ints]:
    """The columns of refusals from a table of the record `Refusal`."""
    return {title: _column(refusals[name]) for title, name in zip(REFUSAL, refusals.dtype.names, strict=True)}


def _visits(visits: Any, batches: Any, items_per_unit: int) -> dict[str, Ints]:
    row = visits["batch"]
    begun = row != NOTHING
    if len(batches) == 0:
        batches = np.zeros(1, batches.dtype)

    def told(column: NDArray[Any]) -> Ints:
        return np.where(begun, column[row], NOTHING)

    return {
        "request": _column(visits["request"]),
        "step": _column(visits["node"]),
        "server": np.where(begun, batches["server"][row], visits["server"]),
        "enqueued_ns": _column(visits["enqueued_ns"]),
        "started_ns": told(batches["started_ns"]),
        "finished_ns": told(batches["finished_ns"]),
        "batch": told(batches["number"]),
        "batch_size": told(batches["units"].astype(np.int64) * items_per_unit),
    }


def _column(values: NDArray[Any]) -> Ints:
    return np.ascontiguousarray(values, dtype=np.int64)
