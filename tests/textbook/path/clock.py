"""SimPy's clock in whole ns: processes that wake at one instant wake in the written order."""

from __future__ import annotations

from collections.abc import Callable, Generator
from enum import IntEnum
from heapq import heappush
from typing import Any, Protocol, cast

import simpy
from simpy.events import EventPriority

from capsim.units import NEVER

Process = Generator[simpy.Event, Any, Any]
DIGITS = 40


class Kind(IntEnum):
    """What comes first at one instant; 0 is for SimPy's own, which starts and resumes processes at once."""

    BATCH_ENDS = 1
    FRONT_END_AFTER = 2
    FRONT_END_BEFORE = 3
    TIMER = 4
    DELAY_ENDS = 5
    ANSWERED = 6
    GIVES_UP = 7
    CANCELLED = 8
    HEDGES = 9
    RESENT = 10
    NEXT_NODE = 11
    ARRIVAL = 12


class Decides(Protocol):
    """Looks at what happened to it when an instant is over."""

    number: int

    def form(self) -> None:
        """Let batches begin."""

    def turn_away(self) -> None:
        """Send away who has no place."""


class Clock(simpy.Environment):
    """The clock, and who has to decide before it goes on."""

    def __init__(self) -> None:
        super().__init__(0)
        self.touched: dict[Decides, None] = {}

    @property
    def now(self) -> int:
        """The present (ns)."""
        return cast("int", self._now)

    def at(self, instant_ns: int, kind: Kind, *key: int) -> simpy.Event:
        """An event that comes then, within its kind by up to three numbers."""
        place = int(kind)
        for part in (*key, 0, 0, 0)[:3]:
            place = (place << DIGITS) + part
        event = simpy.Event(self)
        event._ok, event._value = True, None
        heappush(self._queue, (instant_ns, EventPriority(place), next(self._eid), event))
        return event

    def settle(self) -> None:
        """Let processes go on that were started, resumed or interrupted just now."""
        while self._queue and self._queue[0][:2] <= (self._now, EventPriority(Kind.BATCH_ENDS)):
            self.step()

    def pass_through(self, last_ns: int, go_on: Callable[[], bool]) -> None:
        """Let happen what is due up to `last_ns`, or until an instant after which there is no need to go on."""
        while True:
            next_ns = self._queue[0][0] if self._queue else NEVER
            if self.touched and next_ns > self._now:
                decide = sorted(self.touched, key=lambda station: station.number)
                self.touched.clear()
                for station in decide:
                    station.form()
                for station in decide:
                    station.turn_away()
                self.settle()
                if not go_on():
                    return
            elif next_ns > last_ns:
                return
            else:
                self.step()
