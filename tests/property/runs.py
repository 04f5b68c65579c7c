"""What laws read off a run: visits as rows, and the line before each queue."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from systems import Engine

from capsim.engine import Blueprint, Ledger, Outcome, lower
from capsim.engine.blueprint import QueuePlan
from capsim.scenario import scenario_from
from capsim.units import NEVER


@dataclass(frozen=True)
class Visit:
    """A request at a queue; instants that did not come are `NEVER`."""

    request: int
    step: int
    server: int
    enqueued_ns: int
    started_ns: int
    finished_ns: int
    batch: int
    items: int
    left_ns: int
    rejected: bool


@dataclass(frozen=True)
class Run:
    """A run and where it came from."""

    blueprint: Blueprint
    ledger: Ledger

    @property
    def known_until_ns(self) -> int:
        """Until then every request in the system is in the ledger; later, some sent after the horizon are not."""
        return self.blueprint.horizon_ns + self.blueprint.up_ns

    @property
    def leaving_known_until_ns(self) -> int:
        """Who leaves a queue unserved later is in flight, as its client does not know before the run stops."""
        return self.blueprint.stop_ns - self.blueprint.down_ns

    def visits(self) -> Iterator[Visit]:
        """All visits."""
        columns, requests = self.ledger.visits, self.ledger.requests
        last = dict(zip(columns["request"].tolist(), columns["step"].tolist(), strict=True))
        for row in zip(*(columns[name].tolist() for name in VISIT), strict=True):
            request, step, server, enqueued, started, finished, batch, items = row
            outcome = Outcome(requests["outcome"][request])
            unserved = outcome in (Outcome.rejected, Outcome.timed_out) and step == last[request]
            left = int(requests["finished_ns"][request]) - self.blueprint.down_ns if unserved else _or_never(started)
            if outcome is Outcome.in_flight and left == NEVER:
                # Turned away or timed out later than its client could know, or waiting still.
                left = max(enqueued, self.leaving_known_until_ns + 1)
            yield Visit(
                request,
                step,
                server,
                enqueued,
                _or_never(started),
                _or_never(finished),
                batch,
                items,
                left,
                outcome is Outcome.rejected and unserved,
            )

    def lines(self) -> Iterator[tuple[QueuePlan, list[Visit]]]:
        """Each queue with those that visited it, in the order of entering.

        Who enters at one instant comes from an earlier step before who arrives, and otherwise by request.
        """
        visits = list(self.visits())
        for queue in self.blueprint.queues:
            inside = [v for v in visits if queue.first_server <= v.server < queue.first_server + queue.servers]
            yield queue, sorted(inside, key=lambda v: (v.enqueued_ns, v.step == 0, v.request))

    def running(self, queue: QueuePlan) -> list[tuple[int, int]]:
        """(start, end) of each batch on the servers of a queue."""
        batches = self.ledger.batches
        rows = zip(*(batches[name].tolist() for name in ("server", "started_ns", "finished_ns")), strict=True)
        servers = range(queue.first_server, queue.first_server + queue.servers)
        return [(start, _or_never(end)) for server, start, end in rows if server in servers]


VISIT = ("request", "step", "server", "enqueued_ns", "started_ns", "finished_ns", "batch", "batch_size")


def _or_never(instant_ns: int) -> int:
    return NEVER if instant_ns < 0 else instant_ns


def run(engine: Engine, document: dict[str, Any]) -> Run:
    """The run of a document."""
    blueprint = lower(scenario_from(document))
    return Run(blueprint, engine(blueprint))
