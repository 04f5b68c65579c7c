"""The serving system: requests walk their route through queues and servers."""

from __future__ import annotations

import gc
import itertools
import sys
from collections import deque
from collections.abc import Callable
from operator import attrgetter
from typing import Any

from capsim.engine.blueprint import Blueprint, QueuePlan, StepPlan
from capsim.engine.ledger import NOT_YET, Ledger, Outcome
from capsim.random import Stream
from capsim.serving.balancing import BALANCING
from capsim.serving.batching import BATCHING
from capsim.units import NEVER
from textbook.calendar import Calendar, Order
from textbook.record import Record, Request
from textbook.senders import senders
from textbook.server import Batch, Server, SharedServer

TICKS = 100
STATE_CELLS = 8
REQUESTS_DRAWN = 8192
NUMBER = attrgetter("number")
# Looking up a member of an enumeration takes longer than the rest of a request's end.
COMPLETED, REJECTED, TIMED_OUT = int(Outcome.completed), int(Outcome.rejected), int(Outcome.timed_out)


class Queue:
    """Requests waiting for an instance of the servers that this queue feeds."""

    def __init__(self, number: int, plan: QueuePlan, servers: list[Server], blueprint: Blueprint) -> None:
        self.number = number
        self.plan = plan
        self.pool = blueprint.pools[plan.pool]
        self.servers = servers
        self.waiting: deque[Request] = deque()
        self.formed: deque[list[Request]] = deque()
        self.idle = len(servers) * self.pool.instances
        self.touched = False
        self.wakes_ns = NEVER
        self.expires_ns = NEVER
        self.capacity = sys.maxsize if plan.capacity is None else plan.capacity
        policy = BATCHING[self.pool.batching].RULE
        self.decide = policy.decide
        self.every_event = policy.every_event
        self.newest = policy.newest
        self.learn = policy.learn
        # Whether something can follow from an arrival even while no instance is idle.
        self.watchful = self.every_event or plan.capacity is not None or plan.timeout_ns is not None
        self.settings = self.pool.settings
        self.state = [0] * policy.state_cells


class Step:
    """A step of the route, with the uniforms of its balancer by request."""

    def __init__(self, plan: StepPlan, stream: Stream) -> None:
        self.queues, self.shares, self.settings = plan.queues, plan.shares, plan.settings
        self.choose = BALANCING[plan.balancing].RULE.choose
        self.state = [0] * STATE_CELLS
        self.random = BALANCING[plan.balancing].RULE.uniforms > 0
        self._stream = stream
        self._drawn: list[float] = []

    def draws(self, request: int) -> tuple[float, float]:
        """The two uniforms of a request."""
        while len(self._drawn) <= 2 * request + 1:
            start = len(self._drawn)
            self._drawn += self._stream.uniforms(start, start + 2 * REQUESTS_DRAWN).tolist()
        return self._drawn[2 * request], self._drawn[2 * request + 1]


class System:
    """One replication."""

    def __init__(self, blueprint: Blueprint) -> None:
        self.blueprint = blueprint
        self.calendar = Calendar(initial_time=0)
        self.record = Record()
        self.servers = [
            (SharedServer if plan.instances_interact else Server)(plan, position, blueprint, self.calendar)
            for plan in blueprint.pools
            for position in range(plan.servers)
        ]
        for server in self.servers:
            server.ended = self.batch_ends
        self.queues = [
            Queue(number, plan, self.servers[plan.first_server : plan.first_server + plan.servers], blueprint)
            for number, plan in enumerate(blueprint.queues)
        ]
        self.queue_of = {server.number: queue for queue in self.queues for server in queue.servers}
        self.steps = [
            Step(plan, blueprint.stream(f"balancing/{number}")) for number, plan in enumerate(blueprint.steps)
        ]
        self.load = [0] * len(self.queues)
        self.touched: list[Queue] = []
        self.last_step = len(self.steps) - 1
        self.unanswered = 0
        self.horizon_ns, self.down_ns = blueprint.horizon_ns, blueprint.down_ns
        self.last_sent_arrives_ns = blueprint.horizon_ns + blueprint.up_ns
        self.senders = senders(blueprint, self.calendar, self.arrive)

    def run(self, progress: Callable[[float], None] | None) -> Ledger:
        """Simulate until every request sent before the horizon has ended, or the run stops."""
        blueprint = self.blueprint
        if progress:
            for tick in range(1, TICKS + 1):
                at_ns = blueprint.horizon_ns * tick // TICKS
                self.calendar.at(at_ns, Order.TICK, lambda event: progress(event.value / TICKS), tick)
        self.calendar.run_through(self.last_sent_arrives_ns - 1, self.senders, self.touched, self.instant_over)
        if self.unanswered:
            self.calendar.run_through(blueprint.stop_ns, self.senders, self.touched, self.instant_over)
        for server in self.servers:
            for batch in server.running:
                self.record.batch(server.number, batch.number, batch.started_ns, NOT_YET, batch.requests)
        for queue in self.queues:
            for request in itertools.chain(*queue.formed, queue.waiting):
                self.record.unserved(request, queue.servers[0].number)
        return self.record.ledger(blueprint.horizon_ns, blueprint.items_per_request)

    def arrive(self, sent_ns: int, sender: int) -> None:
        """A request reaches the system from its client, now."""
        requests = self.record.requests
        request = Request(len(requests), sent_ns, sender)
        requests.append(request)
        if sent_ns < self.horizon_ns:
            self.unanswered += 1
        self.balance(request)

    def balance(self, request: Request) -> None:
        """Choose a queue for the request's step, and send it there past the front end."""
        step = self.steps[request.step]
        u, v = step.draws(request.number) if step.random else (0.0, 0.0)
        chosen = step.choose(step.queues, self.load, step.shares, u, v, step.settings, step.state)
        queue = self.queues[chosen]
        request.queue = chosen
        self.load[chosen] += queue.plan.load_unit
        if not queue.pool.before_ns:
            self.enqueue(request, queue)
            return
        server = queue.servers[0]
        server.before_free_ns = max(server.before_free_ns, self.calendar.now) + queue.pool.before_ns
        self.calendar.at(
            server.before_free_ns,
            Order.FRONT_END_BEFORE + server.number,
            lambda event: self.enqueue(event.value, queue),
            request,
        )

    def enqueue(self, request: Request, queue: Queue) -> None:
        """The request starts to wait."""
        request.enqueued_ns = self.calendar.now
        queue.waiting.append(request)
        if queue.idle or queue.watchful:
            self.touch(queue)

    def touch(self, queue: Queue) -> None:
        """Something happened at this queue: it decides when the instant is over."""
        if not queue.touched:
            queue.touched = True
            self.touched.append(queue)

    def instant_over(self) -> bool:
        """Queues that were touched form batches, then turn away the newest beyond their capacity."""
        touched = sorted(self.touched, key=NUMBER) if len(self.touched) > 1 else self.touched[:]
        self.touched.clear()
        for queue in touched:
            queue.touched = False
            if queue.every_event or (queue.waiting and queue.idle):
                self.form_batches(queue)
        for queue in touched:
            if queue.watchful:
                while len(queue.waiting) > queue.capacity:
                    self.leave_unserved(queue.waiting.pop(), queue, REJECTED)
                self.set_timeout(queue)
        return self.unanswered > 0 or self.calendar.now < self.last_sent_arrives_ns

    def form_batches(self, queue: Queue) -> None:
        """Let the policy form batches until it forms no more, and begin those for which an instance is idle."""
        waiting, now = queue.waiting, self.calendar.now
        while queue.formed and queue.idle:
            self.begin(queue, self.take_formed(queue))
        if queue.newest and waiting:
            queue.state[0] = waiting[-1].enqueued_ns
        while True:
            oldest_ns = waiting[0].enqueued_ns if waiting else NEVER
            size, wakes_ns = queue.decide(
                now, len(waiting), oldest_ns, queue.idle, len(queue.formed), queue.settings, queue.state
            )
            if not size:
                break
            if size < 0:
                for _ in range(-size):
                    self.leave_unserved(waiting.popleft(), queue, TIMED_OUT)
                continue
            requests = [waiting.popleft() for _ in range(size)]
            if queue.idle and not queue.formed:
                self.begin(queue, requests)
            else:
                queue.formed.append(requests)
        if wakes_ns != queue.wakes_ns:
            queue.wakes_ns = wakes_ns
            if wakes_ns < NEVER:
                self.calendar.at(wakes_ns, Order.TIMER + queue.number, self.wake, queue)

    def take_formed(self, queue: Queue) -> list[Request]:
        """The first batch formed ahead, with those behind it that join it."""
        formed, pool = queue.formed, queue.pool
        taken = formed.popleft()
        late_ns = self.calendar.now - pool.merged_after_ns
        while formed and len(taken) + len(formed[0]) <= pool.merged_most and formed[0][0].enqueued_ns < late_ns:
            taken += formed.popleft()
        return taken

    def begin(self, queue: Queue, requests: list[Request]) -> None:
        """A batch goes to the server with the fewest running batches; of equals to the first."""
        queue.idle -= 1
        servers = queue.servers
        freest = servers[0] if len(servers) == 1 else min(servers, key=lambda server: len(server.running))
        freest.begin(requests)

    def wake(self, event: Any) -> None:
        """The instant has come at which a policy wants to look again."""
        queue: Queue = event.value
        if queue.wakes_ns == self.calendar.now:
            queue.wakes_ns = NEVER
            self.touch(queue)

    def set_timeout(self, queue: Queue) -> None:
        """Keep one timeout of the queue on the calendar: that of its oldest request, or an earlier one."""
        if queue.plan.timeout_ns is None or not queue.waiting or queue.expires_ns < NEVER:
            return
        queue.expires_ns = queue.waiting[0].enqueued_ns + queue.plan.timeout_ns
        self.calendar.at(queue.expires_ns, Order.TIMER + queue.number, self.expire, queue)

    def expire(self, event: Any) -> None:
        """Requests that have waited for the timeout leave; the others' deadlines are taken anew."""
        queue: Queue = event.value
        queue.expires_ns = NEVER
        expired_ns = self.calendar.now - (queue.plan.timeout_ns or 0)
        while queue.waiting and queue.waiting[0].enqueued_ns <= expired_ns:
            self.leave_unserved(queue.waiting.popleft(), queue, TIMED_OUT)
        self.touch(queue)

    def leave_unserved(self, request: Request, queue: Queue, outcome: int) -> None:
        """A request leaves its queue without service."""
        self.record.unserved(request, queue.servers[0].number)
        self.load[queue.number] -= queue.plan.load_unit
        self.finish(request, outcome)

    def batch_ends(self, batch: Batch) -> None:
        """An instance is idle again; the requests of its batch leave past the front end."""
        server, now = batch.server, self.calendar.now
        self.record.batch(server.number, batch.number, batch.started_ns, now, batch.requests)
        queue = self.queue_of[server.number]
        queue.idle += 1
        self.touch(queue)
        if queue.learn:
            waited_ns = batch.started_ns - batch.requests[0].enqueued_ns
            queue.learn(now, len(batch.requests), waited_ns, now - batch.started_ns, queue.settings, queue.state)
        if not queue.pool.after_ns:
            self.load[queue.number] -= queue.plan.load_unit * len(batch.requests)
            for request in batch.requests:
                self.go_on(request)
            return
        for request in batch.requests:
            server.after_free_ns = max(server.after_free_ns, now) + queue.pool.after_ns
            order = Order.FRONT_END_AFTER + server.number
            self.calendar.at(server.after_free_ns, order, lambda event: self.leave(event.value), request)

    def leave(self, request: Request) -> None:
        """The front end has handed over the answer of a request."""
        self.load[request.queue] -= self.queues[request.queue].plan.load_unit
        self.go_on(request)

    def go_on(self, request: Request) -> None:
        """A request has been served at its step: on to the next, or back to the client."""
        if request.step == self.last_step:
            self.finish(request, COMPLETED)
            return
        request.step += 1
        order = Order.NEXT_STEP + request.number
        self.calendar.at(self.calendar.now, order, lambda event: self.balance(event.value), request)

    def finish(self, request: Request, outcome: int) -> None:
        """A request has ended; its client knows a network latency later, or not before the run stops."""
        finished_ns = self.calendar.now + self.down_ns
        if finished_ns > self.blueprint.stop_ns:
            return
        request.finished_ns = finished_ns
        request.outcome = outcome
        if request.arrived_ns < self.horizon_ns:
            self.unanswered -= 1
        self.senders.answered(request)


def run(blueprint: Blueprint, progress: Callable[[float], None] | None = None) -> Ledger:
    """Simulate one replication; `progress` is told the share of the horizon that has passed."""
    # The model makes no reference cycles while it runs, and searching a million rows for them doubles the time.
    collecting = gc.isenabled()
    gc.disable()
    try:
        return System(blueprint).run(progress)
    finally:
        if collecting:
            gc.enable()
