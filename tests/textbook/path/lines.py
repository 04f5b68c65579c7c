"""Lines before servers: who goes first, batches of mixed classes, and who leaves without service."""

from __future__ import annotations

from bisect import bisect_right, insort
from dataclasses import dataclass, field
from itertools import count

import simpy

from capsim.engine import Blueprint, Outcome
from capsim.engine.blueprint import EDF, PRIORITY
from capsim.engine.ledger import NOT_YET
from capsim.serving.batching import BATCHING
from capsim.units import NEVER
from textbook.path.clock import Clock, Kind, Process
from textbook.path.devices import Device
from textbook.path.doors import Door
from textbook.path.record import Record, Row, Token
from textbook.path.servers import Pipeline, Server


@dataclass(order=True)
class Place:
    """A place in a line: by discipline, then by coming. Its turn is a batch's end to wait for, or an outcome."""

    rank: int
    came: int
    token: Token = field(compare=False)
    since_ns: int = field(compare=False)
    turn: simpy.Event = field(compare=False)
    row: Row = field(compare=False)


class Station:
    """One line and the servers that it feeds; it looks at the line when an instant is over."""

    def __init__(
        self, clock: Clock, record: Record, blueprint: Blueprint, number: int, door: Door, devices: list[Device]
    ) -> None:
        self.clock, self.record, self.number, self.plan = clock, record, number, blueprint.queues[number]
        plan, self.door = self.plan, door
        self.pool, self.items_per_unit = blueprint.pools[plan.pool], blueprint.items_per_unit
        self.servers = [
            (Pipeline if self.pool.stages else Server)(clock, server, self.pool, blueprint, devices[server])
            for server in range(plan.first_server, plan.first_server + plan.servers)
        ]
        for server in self.servers:
            server.opens = self.touch  # type: ignore[method-assign]
        self.bounded = plan.capacity is not None or plan.timeout_ns is not None
        self.line: list[Place] = []
        self.wakes_ns = NEVER
        self.loads = [(-NEVER, 0)]
        self._came = count()
        self._rule = BATCHING[self.pool.batching].RULE
        self._state = [0] * self._rule.state_cells

    @property
    def idle(self) -> int:
        """How many batches can begin."""
        return sum(server.room for server in self.servers)

    def touch(self) -> None:
        """Something happened."""
        self.clock.touched[self] = None

    def load(self, at_ns: int) -> int:
        """What a balancer saw when an instant was over, or sees now."""
        return self.loads[bisect_right(self.loads, at_ns, key=lambda change: change[0]) - 1][1]

    def _loaded(self, more: int) -> None:
        self.loads.append((self.clock.now, self.loads[-1][1] + more))

    def visit(self, token: Token, step: int) -> Process:
        """Past the front end, through the line and a batch, and past the front end; answers how it went."""
        if not self.door.lets_in(token):
            self._refused(token, self.clock.now)
            return Outcome.rejected
        first = self.servers[0]
        self._loaded(self.plan.load_unit)
        self.door.inside += 1
        try:
            if self.pool.before_ns:
                first.before_free_ns = max(first.before_free_ns, self.clock.now) + self.pool.before_ns
                token.held = True
                yield self.clock.at(first.before_free_ns, Kind.FRONT_END_BEFORE, first.number)
                token.comes_out()
            place = self._line_up(token, step)
            outcome, server = yield from self._wait(place)
            if server and self.pool.after_ns:
                server.after_free_ns = max(server.after_free_ns, self.clock.now) + self.pool.after_ns
                token.held = True
                yield self.clock.at(server.after_free_ns, Kind.FRONT_END_AFTER, server.number)
                token.comes_out()
        finally:
            self._loaded(-self.plan.load_unit)
            self.door.inside -= 1
        return outcome

    def _refused(self, token: Token, since_ns: int) -> None:
        row = {"request": token.request.number, "server": self.servers[0].number, "since_ns": since_ns}
        self.record.refusals.append(row)

    def _line_up(self, token: Token, step: int) -> Place:
        request, now = token.request, self.clock.now
        deadline_ns = min(NEVER, request.sent_ns + request.plan.deadline_ns)
        rank = {PRIORITY: request.plan.priority, EDF: deadline_ns}.get(self.pool.discipline, 0)
        row = {"request": request.number, "attempt": token.attempt, "step": step, "server": self.servers[0].number}
        row |= {"enqueued_ns": now} | dict.fromkeys(("started_ns", "finished_ns", "batch", "batch_size"), NOT_YET)
        self.record.visits.append(row)
        place = Place(rank, next(self._came), token, now, self.clock.event(), row)
        insort(self.line, place)
        if self.plan.timeout_ns is not None:
            self.clock.process(self._expire(place, now + self.plan.timeout_ns))
        if self.idle or self.bounded:
            self.touch()
        return place

    def _wait(self, place: Place) -> Process:
        token = place.token
        try:
            outcome, server, over = yield place.turn
        except simpy.Interrupt:
            if place in self.line:
                self.line.remove(place)
            raise
        if server:
            token.waited_ns += self.clock.now - place.since_ns
            token.served_ns -= self.clock.now
            yield over
            token.served_ns += self.clock.now
            place.row["finished_ns"] = self.clock.now
            token.comes_out()
        return outcome, server

    def _expire(self, place: Place, due_ns: int) -> Process:
        yield self.clock.at(due_ns, Kind.TIMER, self.number)
        if place in self.line:
            self._send_away(place, Outcome.timed_out)
            self.touch()

    def _send_away(self, place: Place, outcome: Outcome) -> None:
        self.line.remove(place)
        place.turn.succeed((outcome, None, None))

    def form(self) -> None:
        """Begin batches while the rule names a size: whole requests from the front that fit into it, at least one."""
        now, settings = self.clock.now, self.pool.settings
        size = wakes_ns = NEVER if self.line and self.idle else 0
        while size:
            waiting = sum(place.token.request.units for place in self.line)
            oldest_ns = min((place.since_ns for place in self.line), default=NEVER)
            size, wakes_ns = self._rule.decide(now, waiting, oldest_ns, self.idle, 0, settings, self._state)
            if size and (batch := self._take(size)):
                self.clock.process(self._begin(batch))
            elif not size and wakes_ns != self.wakes_ns:
                self.wakes_ns = wakes_ns
                self.clock.process(self._wake(wakes_ns))

    def _take(self, size: int) -> list[Place]:
        batch: list[Place] = []
        room = size
        while self.line and (not batch or self.line[0].token.request.units <= room):
            place, behind = self.line[0], len(self.line) - 1
            if self.door.lets_on(place.token, self.number, place.since_ns, behind):
                batch.append(self.line.pop(0))
                room -= place.token.request.units
            else:
                self._refused(place.token, place.since_ns)
                self._send_away(place, Outcome.rejected)
                self.clock.settle()
        return batch

    def _wake(self, due_ns: int) -> Process:
        yield self.clock.at(due_ns, Kind.TIMER, self.number)
        if self.wakes_ns == due_ns:
            self.wakes_ns = NEVER
            self.touch()

    def _begin(self, places: list[Place]) -> Process:
        """A batch on the server that runs the fewest; the answer is the process that ends it."""
        server = min((server for server in self.servers if server.room), key=lambda server: server.running)
        units = sum(place.token.request.units for place in places)
        row = {"server": server.number, "number": server.begun, "started_ns": self.clock.now, "finished_ns": NOT_YET}
        row |= {"requests": len(places), "units": units}
        self.record.batches.append(row)
        over, served = self.clock.event(), server.serve(units, len(places))
        for place in places:
            place.row |= {"server": server.number, "started_ns": self.clock.now, "batch": row["number"]}
            place.row["batch_size"] = units * self.items_per_unit
            place.token.held = True
            place.turn.succeed((Outcome.completed, server, over))
        return self._serve(row, served, over)

    def _serve(self, row: Row, served: Process, over: simpy.Event) -> Process:
        yield from served
        row["finished_ns"] = self.clock.now
        self.touch()
        over.succeed()

    def turn_away(self) -> None:
        """Who is last in the order of the line leaves, while there are more than have room."""
        while self.plan.capacity is not None and len(self.line) > self.plan.capacity:
            self._send_away(self.line[-1], Outcome.rejected)
            self.clock.settle()
