"""SimPy's calendar in whole ns, on which the text sets its alarms."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappush
from typing import Any, Protocol, cast

import simpy
from simpy.events import EventPriority

from capsim.engine.kernel.order import TICK
from capsim.units import NEVER

SPAN = 2**40
"""Numbers of one kind."""
PRIORITIES = {kind: kind * SPAN for kind in range(TICK + 1)}
"""Of the number 0 of each kind: what comes first at one instant."""


class Stream(Protocol):
    """Happenings at known instants in the order of time, as arrivals."""

    due_ns: int
    """The next instant, or NEVER."""

    def happen(self) -> None:
        """What is due happens, and the next becomes due."""


class Instants(Protocol):
    """What may follow when an instant is over."""

    touched_count: int
    """How many stations have something to decide."""


class Calendar(simpy.Environment):
    """SimPy's calendar, merged with a stream of instants that need no place on it."""

    _now: int

    @property
    def now(self) -> int:
        """The present (ns)."""
        return self._now

    def at(self, instant_ns: int, order: int, action: Callable[[Any], None], value: Any = None) -> None:
        """Call `action` then, with an event that holds the value."""
        event = simpy.Event(self)
        event._ok, event._value = True, value
        cast("list[Any]", event.callbacks).append(action)
        # What `schedule` does, without adding and subtracting the present.
        heappush(self._queue, (instant_ns, EventPriority(order), next(self._eid), event))

    def run_through(self, last_ns: int, stream: Stream, m: Instants, instant_over: Callable[[], bool]) -> None:
        """Let happen what is due up to and including `last_ns`.

        Of what is due at one instant the stream comes last. When nothing is left to happen at an instant and something
        was touched there, `instant_over` decides what follows from it, and whether to go on.
        """
        upcoming, step, ticks = self._queue, self.step, PRIORITIES[TICK]
        while True:
            event_ns = upcoming[0][0] if upcoming else NEVER
            due_ns = stream.due_ns
            if m.touched_count and event_ns > self._now < due_ns:
                if not instant_over():
                    return
            elif due_ns < event_ns or (due_ns == event_ns < NEVER and upcoming[0][1] >= ticks):
                if due_ns > last_ns:
                    return
                self._now = due_ns
                stream.happen()
            elif event_ns > last_ns:
                return
            else:
                step()
