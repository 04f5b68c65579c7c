"""The clock and the written order of what happens at one instant."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappush
from typing import Any, Protocol, cast

import simpy
from simpy.events import EventPriority

from capsim.units import NEVER


class Order:
    """What comes first at one instant: kinds from top to bottom, within a kind by number."""

    SPAN = 2**40
    BATCH_ENDS = 0 * SPAN
    """By server."""
    FRONT_END_AFTER = 1 * SPAN
    """By server."""
    FRONT_END_BEFORE = 2 * SPAN
    """By server."""
    TIMER = 3 * SPAN
    """Timeouts and delays, by queue."""
    NEXT_STEP = 4 * SPAN
    """Requests that come from an earlier step, by request."""
    ARRIVAL = 5 * SPAN
    """Requests from outside, by request; in a closed loop by client."""
    TICK = 6 * SPAN
    """Progress."""


class Stream(Protocol):
    """Happenings at known instants in the order of time, at `Order.ARRIVAL`."""

    due_ns: int
    """The next instant, or NEVER."""

    def happen(self) -> None:
        """What is due happens, and the next becomes due."""


class Calendar(simpy.Environment):
    """SimPy's calendar in integer ns, merged with a stream of instants that need no place on it."""

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

    def run_through(self, last_ns: int, stream: Stream, touched: list[Any], instant_over: Callable[[], bool]) -> None:
        """Let happen what is due up to and including `last_ns`.

        When nothing is left to happen at an instant and something was touched there, `instant_over` decides
        what follows from it, and whether to go on.
        """
        upcoming, step = self._queue, self.step
        while True:
            event_ns = upcoming[0][0] if upcoming else NEVER
            due_ns = stream.due_ns
            if touched and event_ns > self._now < due_ns:
                if not instant_over():
                    return
            elif due_ns < event_ns or (due_ns == event_ns < NEVER and upcoming[0][1] > Order.ARRIVAL):
                if due_ns > last_ns:
                    return
                self._now = due_ns
                stream.happen()
            elif event_ns > last_ns:
                return
            else:
                step()
