"""Who sends requests along the path, and what becomes of them."""

from __future__ import annotations

from functools import partial

import numpy as np

from capsim.engine import Blueprint, Outcome
from capsim.engine.blueprint import CachePlan, ClientsPlan, SplitPlan
from textbook.path.arrivals import UNKNOWN, Sent, sent_by, think_times_ns
from textbook.path.attempts import Budget, Client
from textbook.path.breaker import Breaker
from textbook.path.caches import Cache
from textbook.path.clock import Clock, Kind, Process
from textbook.path.joins import split
from textbook.path.nodes import Path
from textbook.path.record import Record, Request, Tables, Token

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
        last_ns = self.blueprint.horizon_ns + max(plan.longest_up_ns for plan in self.blueprint.classes)
        self.clock.pass_through(last_ns - 1, lambda: True)
        if self.waiting:
            self.clock.pass_through(self.blueprint.stop_ns, lambda: self.waiting > 0)
        return self.record.tables(self.blueprint.horizon_ns, self.blueprint.items_per_unit)

    def crowd(self, kind: int) -> Process:
        """Requests at instants that nothing changes."""
        for index, sent in enumerate(sent_by(self.blueprint, kind)):
            yield self.clock.at(sent.comes_ns, Kind.ARRIVAL, OPEN, kind, index)
            self.comes(kind, sent)

    def loop(self, kind: int, plan: ClientsPlan, client: int, sent_ns: int) -> Process:
        """A client that waits, thinks and sends again."""
        plan_of_class = self.blueprint.classes[kind]
        for think_ns in think_times_ns(self.blueprint, kind, plan, client):
            sent = Sent(sent_ns, plan_of_class.up_ns, watched=plan_of_class.senders is not None)
            yield self.clock.at(sent.comes_ns, Kind.ARRIVAL, CLOSED, kind, client)
            request = self.comes(kind, sent)
            yield request.ended
            late_ns = plan.retry_delay_ns if request.outcome == Outcome.rejected else 0
            sent_ns = request.finished_ns + think_ns + late_ns

    def comes(self, kind: int, sent: Sent) -> Request:
        """A request comes to the door."""
        plan, number = self.blueprint.classes[kind], len(self.record.requests)
        request = Request(kind, plan, sent.at_ns, sent.up_ns, self.clock.event(), number, self.sent[kind])
        self.record.requests.append(request)
        self.sent[kind] += 1
        self.waiting += sent.at_ns < self.blueprint.horizon_ns
        request.units = sent.units if sent.units != UNKNOWN else plan.units or self.drawn_units(request)
        request.key = sent.key
        request.size = plan.request_bytes if sent.request_bytes == UNKNOWN else sent.request_bytes
        budget, breaker = self.budgets[kind], self.breakers[kind]
        if budget is None:
            request.attempts = 1
            self.clock.process(self.once(request))
        elif not breaker.lets_through():
            self.ends(request, Outcome.rejected, None)
        else:
            budget.first_sent()
            Client(self.path, request, budget, breaker, self.ends).send(sent.at_ns)
        return request

    def drawn_units(self, request: Request) -> int:
        """By its number in its class."""
        stream, index = self.blueprint.class_stream("items", request.kind), request.of_class
        u = stream.uniforms(index, index + 1)[0]
        return request.plan.unit_values[int(np.searchsorted(request.plan.unit_shares, u, side="right"))]

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
