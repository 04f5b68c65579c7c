"""Servers: instances on a device, or stages that batches pass one after the other."""

from __future__ import annotations

import simpy

from capsim.engine import Blueprint
from capsim.engine.blueprint import PoolPlan
from capsim.serving.service import drawn_work_ns
from textbook.path.clock import Clock, Kind, Process
from textbook.path.devices import Device


class Server:
    """Batches of a server; they feel each other, and those of others on its device, where instances do."""

    def __init__(self, clock: Clock, number: int, pool: PoolPlan, blueprint: Blueprint, device: Device) -> None:
        self.clock, self.number, self.pool, self.device = clock, number, pool, device
        self.running = self.begun = self.before_free_ns = self.after_free_ns = 0
        self._stream = blueprint.service_stream(pool, number - pool.first_server)

    @property
    def room(self) -> int:
        """How many batches can begin."""
        return self.pool.instances - self.running

    def serve(self, units: int, requests: int) -> Process:
        """The next batch, from now on until it ends: first what is no work of the device, then the work."""
        service, number = self.pool.service, self.begun
        (draw,) = service.draws(self._stream, number, number + 1)
        overhead_ns = int(service.overhead_ns[requests - 1])
        work_ns = drawn_work_ns(float(draw), float(service.mean_ns[units - 1]))
        self.running += 1
        self.begun += 1
        return self.run(number, overhead_ns, work_ns)

    def run(self, number: int, overhead_ns: int, work_ns: int) -> Process:
        """A batch on the device."""
        if self.pool.instances_interact:
            if overhead_ns:
                yield self.clock.at(self.clock.now + overhead_ns, Kind.BATCH_ENDS, self.number)
            yield from self.device.work(work_ns, self.pool.slowdown, number)
        else:
            yield self.clock.at(self.clock.now + overhead_ns + work_ns, Kind.BATCH_ENDS, self.number)
        self.running -= 1

    def opens(self) -> None:
        """Told when another batch can begin while one is inside."""


class Pipeline(Server):
    """A server whose work is cut into stages of equal length; where it copies ahead the first is the overhead."""

    def __init__(self, clock: Clock, number: int, pool: PoolPlan, blueprint: Blueprint, device: Device) -> None:
        super().__init__(clock, number, pool, blueprint, device)
        self.stages = [simpy.Resource(clock) for _ in range(pool.stages)]

    @property
    def room(self) -> int:
        """One, when the first stage is free and fewer batches are inside than there are stages."""
        return int(self.running < len(self.stages) and not self.stages[0].users)

    def run(self, number: int, overhead_ns: int, work_ns: int) -> Process:
        """A batch through all stages; it waits inside for the next."""
        ahead = int(self.pool.copies_ahead)
        count = len(self.stages) - ahead
        lengths = [work_ns * (i + 1) // count - work_ns * i // count for i in range(count)]
        lengths = [overhead_ns, *lengths] if ahead else [lengths[0] + overhead_ns, *lengths[1:]]
        entered = self.stages[0].request()
        return self._pass(entered, lengths)

    def _pass(self, entered: simpy.resources.resource.Request, lengths: list[int]) -> Process:
        for stage, length_ns in zip(self.stages, lengths, strict=True):
            free = entered if stage is self.stages[0] else stage.request()
            yield free
            yield self.clock.at(self.clock.now + length_ns, Kind.BATCH_ENDS, self.number)
            stage.release(free)
            if stage is self.stages[0]:
                self.opens()
        self.running -= 1
