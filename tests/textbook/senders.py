"""Who sends requests: an open stream, or clients that wait for their answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol

import numpy as np

from capsim.engine.blueprint import Blueprint, ClientsPlan, CrowdPlan, ReplayPlan
from capsim.engine.ledger import Outcome
from capsim.random import in_order
from capsim.units import NEVER
from capsim.workload import arrival_times
from textbook.calendar import Calendar, Order, Stream
from textbook.record import Request

REQUESTS_DRAWN = 8192
CYCLES_DRAWN = 64
NOBODY = -1
"""The sender of a request for whose answer nobody waits."""


class Senders(Stream, Protocol):
    """Those who send requests; what is known beforehand is a stream, the rest goes on the calendar."""

    def answered(self, request: Request) -> None:
        """A request has ended; its sender knows at `finished_ns`."""


def senders(blueprint: Blueprint, calendar: Calendar, arrive: Callable[[int, int], None]) -> Senders:
    """The senders of a blueprint; `arrive` lets a request of the given sender reach the system now."""
    if isinstance(blueprint.arrivals, ClientsPlan):
        return Clients(blueprint, blueprint.arrivals, calendar, arrive)
    return Crowd(blueprint, arrive)


class Crowd:
    """Requests at given instants, whatever becomes of them."""

    def __init__(self, blueprint: Blueprint, arrive: Callable[[int, int], None]) -> None:
        self._arrive = arrive
        self._up_ns = blueprint.up_ns
        self._sent_ns = sent_ns(blueprint)
        self.due_ns = next(self._sent_ns) + self._up_ns

    def happen(self) -> None:
        """See `Stream`."""
        self._arrive(self.due_ns - self._up_ns, NOBODY)
        self.due_ns = next(self._sent_ns) + self._up_ns

    def answered(self, request: Request) -> None:
        """See `Senders`; nobody waits."""


class Clients:
    """A fixed number of clients, each with at most one unanswered request."""

    def __init__(
        self, blueprint: Blueprint, loop: ClientsPlan, calendar: Calendar, arrive: Callable[[int, int], None]
    ) -> None:
        self._calendar = calendar
        self._arrive = arrive
        self._loop = loop
        self._up_ns = blueprint.up_ns
        self._think_ns = [_think_times(blueprint, loop, client) for client in range(len(loop.starts_ns))]
        self.due_ns = NEVER
        for client, instant in enumerate(loop.starts_ns):
            self._send(client, instant)

    def happen(self) -> None:
        """See `Stream`; nothing is known beforehand."""

    def answered(self, request: Request) -> None:
        """See `Senders`; the client thinks and sends its next request."""
        pause_ns = next(self._think_ns[request.sender])
        if request.outcome == Outcome.rejected:
            pause_ns += self._loop.retry_delay_ns
        self._send(request.sender, request.finished_ns + pause_ns)

    def _send(self, client: int, instant_ns: int) -> None:
        self._calendar.at(instant_ns + self._up_ns, Order.ARRIVAL + client, self._reach, client)

    def _reach(self, event: Any) -> None:
        self._arrive(self._calendar.now - self._up_ns, event.value)


def sent_ns(blueprint: Blueprint) -> Iterator[int]:
    """The instants at which requests are sent without regard to answers (ns), without end."""
    plan = blueprint.arrivals
    if isinstance(plan, ReplayPlan):
        yield from plan.trace.sent_ns(blueprint.stream("arrivals")).tolist()
    if isinstance(plan, CrowdPlan):
        process = plan.process.drawn(blueprint.stream("arrivals/modulation"), blueprint.stop_ns)
    stream, start, reached = blueprint.stream("arrivals"), 0, 0.0
    while isinstance(plan, CrowdPlan):
        times, reached = arrival_times(process, stream, start, start + REQUESTS_DRAWN, reached)
        yield from times.tolist()
        start += REQUESTS_DRAWN
    while True:
        yield NEVER


def _think_times(blueprint: Blueprint, loop: ClientsPlan, client: int) -> Iterator[int]:
    think = loop.think
    if think is None:
        while True:
            yield loop.think_ns
    stream = blueprint.stream(f"think/{client}")
    for x in in_order(lambda a, b: think.quantile(stream.uniforms(a, b)), CYCLES_DRAWN):
        yield int(np.rint(x * loop.think_ns))
