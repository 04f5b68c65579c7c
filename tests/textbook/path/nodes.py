"""What a token does at the nodes of its route, one process a token."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from capsim.engine import Blueprint, Outcome
from capsim.engine.blueprint import END, ChoosePlan, DelayPlan, JoinPlan, LinkPlan, StepPlan
from capsim.serving.balancing import BALANCING
from textbook.path.clock import Clock, Kind, Process
from textbook.path.devices import devices_of
from textbook.path.doors import Door
from textbook.path.lines import Station
from textbook.path.record import Record, Token

ON = int(Outcome.completed)
"""A token has come through."""


class Path:
    """The nodes of a blueprint, for tokens to walk along; `visits` says what happens at a node of each kind.

    A visit answers how it went, and the next node.
    """

    def __init__(self, blueprint: Blueprint, clock: Clock, record: Record) -> None:
        self.blueprint, self.clock, self.record, self.nodes = blueprint, clock, record, blueprint.nodes
        doors, devices = [Door(clock, pool) for pool in blueprint.pools], devices_of(clock, blueprint)
        self.stations = [
            Station(clock, record, blueprint, q, doors[plan.pool], devices) for q, plan in enumerate(blueprint.queues)
        ]
        served = [number for number, node in enumerate(self.nodes) if isinstance(node, StepPlan)]
        self.step_of = {number: step for step, number in enumerate(served)}
        self.most_attempts = max(kind.senders.most_attempts if kind.senders else 1 for kind in blueprint.classes)
        self.states = {number: [0] * 8 for number in served}
        self.links_free_ns: dict[int, int] = {}
        self.visits: dict[type, Callable[..., Process]] = {
            StepPlan: self.step,
            DelayPlan: self.delay,
            LinkPlan: self.link,
            ChoosePlan: self.choose,
        }

    def walk(self, token: Token, node: int, until: int = END) -> Process:
        """From a node up to another one, a join or the end; how it went."""
        while node not in (until, END):
            yield self.clock.at(self.clock.now, Kind.NEXT_NODE, *token.key)
            if isinstance(self.nodes[node], JoinPlan):
                return ON
            outcome, node = yield from self.visits[type(self.nodes[node])](token, node, self.nodes[node])
            if outcome != ON:
                return outcome
        return ON

    def uniform(self, stream: str, index: int) -> float:
        """A draw by its address."""
        return float(self.blueprint.stream(stream).uniforms(index, index + 1)[0])

    def step(self, token: Token, node: int, plan: StepPlan) -> Process:
        """A queue of the step serves it."""
        index = 2 * (token.request.number * self.most_attempts + token.attempt)
        u, v = (self.uniform(f"balancing/{self.step_of[node]}", index + i) for i in range(2))
        load = [station.load(self.clock.now - plan.lag_ns) for station in self.stations]
        balancer = BALANCING[plan.balancing].RULE
        chosen = balancer.choose(plan.queues, load, plan.shares, u, v, plan.settings, self.states[node])
        outcome = yield from self.stations[chosen].visit(token, self.step_of[node])
        return outcome, plan.next

    def spend(self, token: Token, until_ns: int) -> Process:
        """Time during which nobody waits for anybody."""
        token.delayed_ns += until_ns - self.clock.now
        yield self.clock.at(until_ns, Kind.DELAY_ENDS, *token.key)

    def delay(self, token: Token, node: int, plan: DelayPlan) -> Process:
        """A draw by its quantile function."""
        u = self.uniform(f"delay/{node}", token.request.number * self.most_attempts + token.attempt)
        drawn_ns = np.interp(u, plan.delay.shares, plan.delay.values_ns)
        yield from self.spend(token, self.clock.now + int(np.rint(drawn_ns)))
        return ON, plan.next

    def link(self, token: Token, node: int, plan: LinkPlan) -> Process:
        """The bytes, one message after the other where they contend, and then the latency."""
        request, sent_ns = token.request, self.clock.now
        size = request.plan.response_bytes if plan.carries_response else request.size
        if plan.line is not None:
            sent_ns = max(sent_ns, self.links_free_ns.get(plan.line, 0))
            self.links_free_ns[plan.line] = sent_ns + int(np.rint(size * plan.ns_per_byte))
            token.held = True
        yield from self.spend(token, sent_ns + int(np.rint(size * plan.ns_per_byte)) + plan.latency_ns)
        token.comes_out()
        return ON, plan.next

    def choose(self, token: Token, node: int, plan: ChoosePlan) -> Process:
        """By class, or by chance."""
        yield from ()
        if plan.by_class:
            return ON, plan.starts[plan.by_class[token.request.kind]]
        u = self.uniform(f"choose/{node}", token.request.number)
        return ON, plan.starts[int(np.searchsorted(plan.shares, u, side="right"))]
