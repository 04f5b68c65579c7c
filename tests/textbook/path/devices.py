"""A device on which batches slow each other, in whole ns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import simpy

from capsim.engine import Blueprint
from capsim.serving.sharing import done_ns, wall_ns
from textbook.path.clock import Clock, Kind, Process


@dataclass(eq=False)
class Work:
    """What is left of a batch's work, and how many times longer it takes with 0, 1, 2 … batches on the device."""

    left_ns: int
    slowdown: Sequence[int]
    number: int
    done: simpy.Event


class Device:
    """Every start and end times anew what is under way."""

    def __init__(self, clock: Clock, number: int) -> None:
        self.clock, self.number = clock, number
        self.works: list[Work] = []
        self.timed_ns = self.alarm = 0

    def work(self, work_ns: int, slowdown: Sequence[int], number: int) -> Process:
        """From now on until it is done."""
        self.pass_time()
        work = Work(work_ns, slowdown, number, self.clock.event())
        self.works.append(work)
        self.wait()
        yield work.done

    def pass_time(self) -> None:
        """All have gone on since they were timed last."""
        for work in self.works:
            work.left_ns -= done_ns(self.clock.now - self.timed_ns, work.slowdown[len(self.works)])
        self.timed_ns = self.clock.now

    def wait(self) -> None:
        """For the next that ends; an earlier alarm is void."""
        self.alarm += 1
        if self.works:
            last = [wall_ns(max(0, work.left_ns), work.slowdown[len(self.works)]) for work in self.works]
            self.clock.process(self.ring(self.alarm, self.timed_ns + min(last)))

    def ring(self, alarm: int, due_ns: int) -> Process:
        """Those that are done end, in the order in which they began."""
        yield self.clock.at(due_ns, Kind.BATCH_ENDS, self.number)
        if alarm == self.alarm:
            self.pass_time()
            over = sorted((work for work in self.works if work.left_ns <= 0), key=lambda work: work.number)
            self.works = [work for work in self.works if work.left_ns > 0]
            self.wait()
            for work in over:
                work.done.succeed()


def devices_of(clock: Clock, blueprint: Blueprint) -> list[Device]:
    """The device of each server: those in one position of pools that name one share it."""
    shared: dict[tuple[int, int], Device] = {}
    devices: list[Device] = []
    for pool in blueprint.pools:
        for position in range(pool.servers):
            own = Device(clock, len(devices))
            devices.append(own if pool.device is None else shared.setdefault((pool.device, position), own))
    return devices
