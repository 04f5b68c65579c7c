"""Rows kept while the model runs, and the ledger they make."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter

import numpy as np

from capsim.engine.ledger import NOT_YET, Ints, Ledger, Outcome

COMPLETED, IN_FLIGHT = int(Outcome.completed), int(Outcome.in_flight)


class Request:
    """A request on its way. `step` and `queue` are where it is now, `enqueued_ns` since when."""

    __slots__ = ("arrived_ns", "enqueued_ns", "finished_ns", "number", "outcome", "queue", "sender", "step")

    def __init__(self, number: int, arrived_ns: int, sender: int) -> None:
        self.number = number
        self.arrived_ns = arrived_ns
        self.sender = sender
        self.step = 0
        self.queue = self.enqueued_ns = self.finished_ns = NOT_YET
        self.outcome = IN_FLIGHT


class Record:
    """What has happened so far; requests are numbered in the order of sending."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self._batches: list[tuple[int, int, int, int, int]] = []
        self._served: list[int] = []
        self._served_step: list[int] = []
        self._served_enqueued_ns: list[int] = []
        self._unserved: list[tuple[int, int, int, int]] = []

    def batch(self, server: int, number: int, started_ns: int, finished_ns: int, requests: Sequence[Request]) -> None:
        """A batch that ended, or that still runs (`NOT_YET`)."""
        self._batches.append((server, number, started_ns, finished_ns, len(requests)))
        self._served += [request.number for request in requests]
        self._served_step += [request.step for request in requests]
        self._served_enqueued_ns += [request.enqueued_ns for request in requests]

    def unserved(self, request: Request, server: int) -> None:
        """A visit that ended in the queue, or has not left it."""
        self._unserved.append((request.number, request.step, request.enqueued_ns, server))

    def ledger(self, horizon_ns: int, items_per_request: int) -> Ledger:
        """The rows of the requests sent before the horizon, and all batches."""
        requests = {
            name: np.fromiter(map(attrgetter(name), self.requests), np.int64, len(self.requests))
            for name in ("arrived_ns", "finished_ns", "outcome")
        }
        count = int(np.searchsorted(requests["arrived_ns"], horizon_ns))
        batches = _columns(("server", "number", "started_ns", "finished_ns", "requests"), self._batches)
        visits = self._visits(batches, items_per_request)
        kept = np.flatnonzero(visits["request"] < count)
        by_request = kept[np.lexsort((visits["step"][kept], visits["request"][kept]))]
        by_server = np.lexsort((batches["number"], batches["server"]))
        requests = {name: column[:count] for name, column in requests.items()}
        answered = requests["outcome"] == COMPLETED
        for name, begin, end in (
            ("waited_ns", "enqueued_ns", "started_ns"),
            ("served_ns", "started_ns", "finished_ns"),
        ):
            spans = np.zeros(len(answered), np.int64)
            np.add.at(spans, visits["request"][kept], (visits[end] - visits[begin])[kept])
            requests[name] = np.where(answered, spans, NOT_YET)
        return Ledger(
            requests,
            {name: column[by_request] for name, column in visits.items()},
            {name: column[by_server] for name, column in batches.items()},
        )

    def _visits(self, batches: dict[str, Ints], items_per_request: int) -> dict[str, Ints]:
        sizes = batches["requests"]
        served = {
            "request": np.array(self._served, dtype=np.int64),
            "step": np.array(self._served_step, dtype=np.int64),
            "enqueued_ns": np.array(self._served_enqueued_ns, dtype=np.int64),
            "server": np.repeat(batches["server"], sizes),
            "started_ns": np.repeat(batches["started_ns"], sizes),
            "finished_ns": np.repeat(batches["finished_ns"], sizes),
            "batch": np.repeat(batches["number"], sizes),
            "batch_size": np.repeat(sizes * items_per_request, sizes),
        }
        unserved = _columns(("request", "step", "enqueued_ns", "server"), self._unserved)
        nothing = np.full(len(self._unserved), NOT_YET, dtype=np.int64)
        return {name: np.concatenate([column, unserved.get(name, nothing)]) for name, column in served.items()}


def _columns(names: Sequence[str], rows: Sequence[tuple[int, ...]]) -> dict[str, Ints]:
    table = np.array(rows, dtype=np.int64).reshape(len(rows), len(names))
    return {name: np.ascontiguousarray(table[:, i]) for i, name in enumerate(names)}
