"""Lines before servers: who goes first, batches of mixed classes, and who leaves without service."""

from __future__ import annotations

from bisect import insort
from dataclasses import dataclass, field
from itertools import count

import simpy

from capsim.engine import Blueprint, Outcome
from capsim.engine.blueprint import EDF, PRIORITY, PoolPlan, QueuePlan
from capsim.engine.ledger import NOT_YET
from capsim.serving.batching import BATCHING
from capsim.serving.service import drawn_work_ns
from capsim.units import NEVER
from textbook.path.clock import Clock, Kind, Process
from textbook.path.record import Record, Row, Token


class Server:
    """Batches of a server, which do not feel each other."""

    def __init__(self, number: int, pool: PoolPlan, blueprint: Blueprint) -> None:
        self.number, self.pool, self.running, self.begun = number, pool, 0, 0
        self.before_free_ns = self.after_free_ns = 0
        self._stream = blueprint.service_stream(pool, number - pool.first_server)

    def length_ns(self, units: int, requests: int) -> int:
        """How long the next batch takes."""
        service = self.pool.service
        (draw,) = service.draws(self._stream, self.begun, self.begun + 1)
        return int(service.overhead_ns[requests - 1]) + drawn_work_ns(float(draw), float(service.mean_ns[units - 1]))


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

    def __init__(self, clock: Clock, record: Record, blueprint: Blueprint, number: int, plan: QueuePlan) -> None:
        self.clock, self.record, self.number, self.plan = clock, record, number, plan
        self.pool, self.items_per_unit = blueprint.pools[plan.pool], blueprint.items_per_unit
        servers = range(plan.first_server, plan.first_server + plan.servers)
        self.servers = [Server(server, self.pool, blueprint) for server in servers]
        self.bounded = plan.capacity is not None or plan.timeout_ns is not None
        self.line: list[Place] = []
        self.idle, self.load, self.wakes_ns = plan.servers * self.pool.instances, 0, NEVER
        self._came = count()
        self._rule = BATCHING[self.pool.batching].RULE
        self._state = [0] * self._rule.state_cells

    def visit(self, token: Token, step: int) -> Process:
        """Past the front end, through the line and a batch, and past the front end; answers how it went."""
        self.load += self.plan.load_unit
        first = self.servers[0]
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
            self.load -= self.plan.load_unit
        return outcome

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
            self.clock.touched[self] = None
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
            self.clock.touched[self] = None

    def _send_away(self, place: Place, outcome: Outcome) -> None:
        self.line.remove(place)
        place.turn.succeed((outcome, None, None))

    def form(self) -> None:
        """Begin batches while the rule names a size: whole requests from the front that fit into it, at least one."""
        while self.line and self.idle:
            waiting = sum(place.token.request.units for place in self.line)
            oldest_ns = min(place.since_ns for place in self.line)
            now, settings = self.clock.now, self.pool.settings
            size, wakes_ns = self._rule.decide(now, waiting, oldest_ns, self.idle, 0, settings, self._state)
            if size:
                self.clock.process(self._begin(self._take(size)))
                continue
            if wakes_ns < NEVER and wakes_ns != self.wakes_ns:
                self.wakes_ns = wakes_ns
                self.clock.process(self._wake(wakes_ns))
            return

    def _take(self, size: int) -> list[Place]:
        batch = [self.line.pop(0)]
        units = batch[0].token.request.units
        while self.line and units + self.line[0].token.request.units <= size:
            batch.append(self.line.pop(0))
            units += batch[-1].token.request.units
        return batch

    def _wake(self, due_ns: int) -> Process:
        yield self.clock.at(due_ns, Kind.TIMER, self.number)
        if self.wakes_ns == due_ns:
            self.wakes_ns = NEVER
            self.clock.touched[self] = None

    def _begin(self, places: list[Place]) -> Process:
        """A batch on the server that runs the fewest; the answer is the process that ends it."""
        server = min(self.servers, key=lambda server: server.running)
        units = sum(place.token.request.units for place in places)
        row = {"server": server.number, "number": server.begun, "started_ns": self.clock.now, "finished_ns": NOT_YET}
        row["requests"] = len(places)
        self.record.batches.append(row)
        over, length_ns = self.clock.event(), server.length_ns(units, len(places))
        server.running += 1
        server.begun += 1
        self.idle -= 1
        for place in places:
            place.row |= {"server": server.number, "started_ns": self.clock.now, "batch": row["number"]}
            place.row["batch_size"] = units * self.items_per_unit
            place.token.held = True
            place.turn.succeed((Outcome.completed, server, over))
        return self._serve(server, row, length_ns, over)

    def _serve(self, server: Server, row: Row, length_ns: int, over: simpy.Event) -> Process:
        yield self.clock.at(row["started_ns"] + length_ns, Kind.BATCH_ENDS, server.number)
        row["finished_ns"] = self.clock.now
        server.running -= 1
        self.idle += 1
        self.clock.touched[self] = None
        over.succeed()

    def turn_away(self) -> None:
        """Who is last in the order of the line leaves, while there are more than have room."""
        while self.plan.capacity is not None and len(self.line) > self.plan.capacity:
            self._send_away(self.line[-1], Outcome.rejected)
