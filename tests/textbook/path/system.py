"""Who sends requests along the path, and what becomes of them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from capsim.engine import Blueprint, Outcome
from capsim.engine.blueprint import CachePlan, ClientsPlan, CrowdPlan, ReplayPlan, SplitPlan
from capsim.workload import arrival_times
from textbook.path.attempts import Budget, Client
from textbook.path.breaker import Breaker
from textbook.path.caches import Cache
from textbook.path.clock import Clock, Kind, Process
from textbook.path.joins import split
from textbook.path.nodes import Path
from textbook.path.record import Record, Request, Tables, Token

DRAWN = 1024
CLOSED, OPEN = 0, 1
"""Clients of closed loops come before others at one instant."""


class System:
    """One replication."""

    def __init__(self, blueprint: Blueprint) -> None:
        self.blueprint, self.clock, self.record = blueprint, Clock(), Record()
        self.path = Path(blueprint, self.clock, self.record)
        caches = {n: Cache(self.path, n, node) for n, node in enumerate(blueprint.nodes) if isinstance(node, CachePlan)}
        self.path.visits[SplitPlan] = partial(split, self.path)
        self.path.visits[CachePlan] = lambda token, node, plan: caches[node].look_up(token)
        self.budgets = [Budget(plan.senders) if plan.senders else None for plan in blueprint.classes]
        self.breakers = [Breaker(self.clock, plan.senders) for plan in blueprint.classes]
        self.sent = [0] * len(blueprint.classes)
        self.waiting = 0
        for kind, plan in enumerate(blueprint.classes):
            if isinstance(plan.arrivals, ClientsPlan):
                for client, start_ns in enumerate(plan.arrivals.starts_ns):
                    self.clock.process(self.loop(kind, plan.arrivals, client, start_ns))
            else:
                self.clock.process(self.crowd(kind))

    def run(self) -> Tables:
        """Until every request sent before the horizon has ended, or the run stops."""
        last_ns = self.blueprint.horizon_ns + max(plan.up_ns for plan in self.blueprint.classes)
        self.clock.pass_through(last_ns - 1, lambda: True)
        if self.waiting:
            self.clock.pass_through(self.blueprint.stop_ns, lambda: self.waiting > 0)
        return self.record.tables(self.blueprint.horizon_ns, self.blueprint.items_per_unit)

    def crowd(self, kind: int) -> Process:
        """Requests at instants that nothing changes."""
        up_ns = self.door_ns(kind)
        for index, sent_ns in enumerate(instants_ns(self.blueprint, kind)):
            yield self.clock.at(sent_ns + up_ns, Kind.ARRIVAL, OPEN, kind, index)
            self.comes(kind, sent_ns)

    def loop(self, kind: int, plan: ClientsPlan, client: int, sent_ns: int) -> Process:
        """A client that waits, thinks and sends again."""
        for think_ns in think_times_ns(self.blueprint, kind, plan, client):
            yield self.clock.at(sent_ns + self.door_ns(kind), Kind.ARRIVAL, CLOSED, kind, client)
            request = self.comes(kind, sent_ns)
            yield request.ended
            late_ns = plan.retry_delay_ns if request.outcome == Outcome.rejected else 0
            sent_ns = request.finished_ns + think_ns + late_ns

    def door_ns(self, kind: int) -> int:
        """How long after being sent a request comes here; at once where its sender watches over it."""
        plan = self.blueprint.classes[kind]
        return 0 if plan.senders else plan.up_ns

    def comes(self, kind: int, sent_ns: int) -> Request:
        """A request comes to the door."""
        plan = self.blueprint.classes[kind]
        request = Request(
            kind, plan, sent_ns, self.clock.event(), len(self.record.requests), self.sent[kind], plan.units
        )
        self.sent[kind] += 1
        self.record.requests.append(request)
        self.waiting += sent_ns < self.blueprint.horizon_ns
        if not plan.units:
            u = self.blueprint.class_stream("items", kind).uniforms(request.of_class, request.of_class + 1)[0]
            request.units = plan.unit_values[int(np.searchsorted(plan.unit_shares, u, side="right"))]
        budget, breaker = self.budgets[kind], self.breakers[kind]
        if budget is None:
            request.attempts = 1
            self.clock.process(self.once(request))
        elif not breaker.lets_through():
            self.ends(request, Outcome.rejected, None)
        else:
            budget.first_sent()
            Client(self.path, request, budget, breaker, self.ends).send(sent_ns)
        return request

    def once(self, request: Request) -> Process:
        """Through the system; the client knows when the answer has come back."""
        token = Token(request, sent_ns=request.sent_ns)
        outcome = yield from self.path.walk(token, request.plan.first_node)
        self.ends(request, outcome, token, request.plan.down_ns)

    def ends(self, request: Request, outcome: int, token: Token | None, down_ns: int = 0) -> None:
        """Each request ends once, unless that is after the run."""
        if self.clock.now + down_ns > self.blueprint.stop_ns:
            return
        request.finished_ns, request.outcome = self.clock.now + down_ns, int(outcome)
        request.answered = token if outcome == Outcome.completed else None
        self.waiting -= request.sent_ns < self.blueprint.horizon_ns
        request.ended.succeed()


def instants_ns(blueprint: Blueprint, kind: int) -> Iterator[int]:
    """When the requests of a class are sent whatever becomes of them."""
    plan, stream = blueprint.classes[kind].arrivals, blueprint.class_stream("arrivals", kind)
    if isinstance(plan, ReplayPlan):
        yield from plan.trace.sent_ns(stream).tolist()
    if isinstance(plan, CrowdPlan):
        process = plan.process.drawn(blueprint.class_stream("arrivals/modulation", kind), blueprint.stop_ns)
    start, reached = 0, 0.0
    while isinstance(plan, CrowdPlan):
        times, reached = arrival_times(process, stream, start, start + DRAWN, reached)
        yield from times.tolist()
        start += DRAWN


def think_times_ns(blueprint: Blueprint, kind: int, plan: ClientsPlan, client: int) -> Iterator[int]:
    """How long a client thinks, time after time."""
    stream = blueprint.class_stream(f"think/{client}", kind)
    for cycle in range(2**40):
        drawn = 1.0 if plan.think is None else plan.think.quantile(stream.uniforms(cycle, cycle + 1))[0]
        yield int(np.rint(drawn * plan.think_ns))
