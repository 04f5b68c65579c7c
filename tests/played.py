"""A run as a hand-worked schedule has it: instants in ms, by request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from systems import Engine

from capsim.engine import Blueprint, Ledger, Outcome
from capsim.engine.ledger import NOT_YET

Instants = list[float | None]
Sent = Sequence[float] | Mapping[str, Sequence[float]] | None
"""Instants at which requests are sent (ms), of one kind or by class; nothing where other arrivals are given."""


class Batched(NamedTuple):
    """A batch: where, when, and of which requests."""

    server: int
    started: float | None
    finished: float | None
    requests: tuple[int, ...]


class Attempt(NamedTuple):
    """A sending of a request: when, when its client knew how it ended, and how that was."""

    request: int
    sent: float | None
    known: float | None
    outcome: str


class Played:
    """What became of each request.

    Instants are ms as floats and yet exact: a whole number of ns over a million is the float nearest to the
    decimal fraction, and so equal to its literal.
    """

    def __init__(self, engine: Engine, blueprint: Blueprint) -> None:
        self.ledger: Ledger = engine(blueprint)
        requests = self.ledger.requests
        self.arrived = [_ms(instant) for instant in requests["arrived_ns"]]
        self.finished = [_ms(instant) for instant in requests["finished_ns"]]
        self.outcomes = [Outcome(outcome).name for outcome in requests["outcome"]]

    def enqueued(self, step: int = 0) -> Instants:
        """When each request entered a queue of the step."""
        return [_ms(instant) for instant in self._visits("enqueued_ns", step)]

    def started(self, step: int = 0) -> Instants:
        """When its batch began."""
        return [_ms(instant) for instant in self._visits("started_ns", step)]

    def served(self, step: int = 0) -> Instants:
        """When its batch ended."""
        return [_ms(instant) for instant in self._visits("finished_ns", step)]

    def servers(self, step: int = 0) -> list[int]:
        """The server of its visit, counted through all pools."""
        return self._visits("server", step)

    def batch_sizes(self, step: int = 0) -> list[int]:
        """The items in its batch."""
        return self._visits("batch_size", step)

    def batches(self) -> list[Batched]:
        """All batches with their requests, in the order of their start."""
        visits, batches = self.ledger.visits, self.ledger.batches
        rows = []
        for server, number, started, finished in zip(
            batches["server"], batches["number"], batches["started_ns"], batches["finished_ns"], strict=True
        ):
            inside = (visits["server"] == server) & (visits["batch"] == number)
            rows.append(Batched(int(server), _ms(started), _ms(finished), tuple(visits["request"][inside].tolist())))
        return sorted(rows, key=lambda batch: (batch.started, batch.server))

    def attempts(self) -> list[Attempt]:
        """All sendings, by request."""
        columns = [self.ledger.attempts[name].tolist() for name in ("request", "sent_ns", "finished_ns", "outcome")]
        names = [*(outcome.name for outcome in Outcome), "cancelled"]
        rows = zip(*columns, strict=True)
        return [Attempt(request, _ms(sent), _ms(known), names[outcome]) for request, sent, known, outcome in rows]

    def spent(self, part: str) -> Instants:
        """What answered requests spent (ms) as `waited`, `served`, `delayed` or `retried`."""
        return [_ms(span) for span in self.ledger.requests[f"{part}_ns"]]

    def _visits(self, column: str, step: int) -> list[int]:
        visits = self.ledger.visits
        found = [NOT_YET] * len(self.arrived)
        for request, at, value in zip(visits["request"], visits["step"], visits[column], strict=True):
            if at == step:
                found[request] = int(value)
        return found


def _ms(instant_ns: int) -> float | None:
    return None if instant_ns == NOT_YET else int(instant_ns) / 1_000_000


class Play(Protocol):
    """Runs pools under requests sent at these instants (ms), or under other arrivals."""

    def __call__(self, sent: Sent, *pools: dict[str, Any], **changes: Any) -> Played:
        """Run it; `changes` are those of `systems.scenario`; `classes` adds settings by class."""
