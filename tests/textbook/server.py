"""A server: its instances, the device they share, and the batches that run on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from capsim.engine.blueprint import Blueprint, PoolPlan
from capsim.random import in_order
from capsim.serving.service import drawn_work_ns, profiled_work_ns
from capsim.serving.sharing import done_ns, wall_ns
from textbook.calendar import Calendar, Order
from textbook.record import Request

BATCHES_DRAWN = 256


class Batch:
    """Requests that are served together."""

    __slots__ = ("number", "remaining_ns", "requests", "server", "started_ns")

    def __init__(self, server: Server, number: int, started_ns: int, requests: Sequence[Request]) -> None:
        self.server = server
        self.number = number
        self.started_ns = started_ns
        self.requests = requests
        self.remaining_ns = 0


class Server:
    """One device. A batch runs at full speed whatever else runs: there is one instance, or overlap is full."""

    def __init__(self, plan: PoolPlan, position: int, blueprint: Blueprint, calendar: Calendar) -> None:
        self.plan = plan
        self.number = plan.first_server + position
        self.calendar = calendar
        self.running: dict[Batch, None] = {}
        self.before_free_ns = 0
        self.after_free_ns = 0
        self.ended: Callable[[Batch], None]
        self._formed = 0
        stream = blueprint.service_stream(plan, position)
        self._draws = in_order(lambda start, stop: plan.service.draws(stream, start, stop), BATCHES_DRAWN)
        self._overhead_ns = plan.service.overhead_ns.tolist()
        self._work_ns = _work(plan)

    def begin(self, requests: Sequence[Request]) -> None:
        """Serve these requests as one batch from now on."""
        now = self.calendar.now
        batch = Batch(self, self._formed, now, requests)
        self._formed += 1
        self.running[batch] = None
        self._run(batch, self._overhead_ns[len(requests) - 1], self._work_ns(next(self._draws), len(requests)))

    def _run(self, batch: Batch, overhead_ns: int, work_ns: int) -> None:
        ends_ns = batch.started_ns + overhead_ns + work_ns
        self.calendar.at(ends_ns, Order.BATCH_ENDS + self.number, self._end, batch)

    def _end(self, event: Any) -> None:
        batch = event.value
        del self.running[batch]
        self.ended(batch)


class SharedServer(Server):
    """One device on which batches slow each other.

    A batch first spends its overhead, off the device, and then its work, which every start and end on the
    device times anew.
    """

    def __init__(self, plan: PoolPlan, position: int, blueprint: Blueprint, calendar: Calendar) -> None:
        super().__init__(plan, position, blueprint, calendar)
        self._on_device: list[Batch] = []
        self._timed_ns = 0
        self._alarm = 0

    def _run(self, batch: Batch, overhead_ns: int, work_ns: int) -> None:
        batch.remaining_ns = work_ns
        if overhead_ns:
            self.calendar.at(batch.started_ns + overhead_ns, Order.BATCH_ENDS + self.number, self._reach, batch)
        else:
            self._work_until_now()
            self._on_device.append(batch)
            self._wait()

    def _reach(self, event: Any) -> None:
        self._work_until_now()
        self._on_device.append(event.value)
        self._wait()

    def _work_until_now(self) -> None:
        now = self.calendar.now
        done = done_ns(now - self._timed_ns, self.plan.slowdown[len(self._on_device)])
        for batch in self._on_device:
            batch.remaining_ns -= done
        self._timed_ns = now

    def _wait(self) -> None:
        """Put the next end on the calendar; an earlier alarm is void from now on."""
        self._alarm += 1
        if self._on_device:
            shortest = max(0, min(batch.remaining_ns for batch in self._on_device))
            ends_ns = self._timed_ns + wall_ns(shortest, self.plan.slowdown[len(self._on_device)])
            self.calendar.at(ends_ns, Order.BATCH_ENDS + self.number, self._ring, self._alarm)

    def _ring(self, event: Any) -> None:
        if event.value != self._alarm:
            return
        self._work_until_now()
        over = sorted((batch for batch in self._on_device if batch.remaining_ns <= 0), key=lambda b: b.number)
        self._on_device = [batch for batch in self._on_device if batch.remaining_ns > 0]
        self._wait()
        for batch in over:
            del self.running[batch]
            self.ended(batch)


@lru_cache(maxsize=16)
def _work(plan: PoolPlan) -> Callable[[float, int], int]:
    """From a draw and a number of requests to the device's work (ns); the same for all servers of a pool."""
    service = plan.service
    if service.curves_ns is None:
        means = service.mean_ns.tolist()
        return lambda x, requests: drawn_work_ns(x, means[requests - 1])
    curves, lower, weight = service.curves_ns.tolist(), service.lower.tolist(), service.weight.tolist()

    def profiled(u: float, requests: int) -> int:
        row = lower[requests - 1]
        return profiled_work_ns(u, curves[row], curves[row + 1], weight[requests - 1])

    return profiled
