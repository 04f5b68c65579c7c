"""Requests of open loops in the order in which they come to the door, whatever their class."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from capsim.engine.blueprint import Blueprint, CrowdPlan, ReplayPlan
from capsim.engine.ledger import Ints
from capsim.random import Stream
from capsim.units import NEVER
from capsim.workload import arrival_times
from capsim.workload.arrivals import instants_ns
from capsim.workload.trace import Sent

TOGETHER, TRACE_ROWS = 1 << 14, 1 << 16
MORE, FEWEST = 1.05, 256
Instants = Callable[[Any, NDArray[np.float64]], tuple[Ints, float]]


class Coming(NamedTuple):
    """Some of the requests that come, one a row.

    Attributes:
        at_ns: when each comes to the door, or is sent where its sender watches over it.
        of_class: the number of its class.
        units: recorded ones; 0 where there are none.
        key: likewise; -1 where there is none.
        request_bytes: likewise.
        up_ns: how long it is on the way to the door.
    """

    at_ns: Ints
    of_class: Ints
    units: Ints
    key: Ints
    request_bytes: Ints
    up_ns: Ints


NOBODY = Coming(*(np.zeros(0, np.int64) for _ in range(6)))
NONE_RECORDED = Sent(np.zeros(0, np.int64), None, None, None)


class OneClass:
    """The requests of one class of an open loop in the order in which they come.

    Attributes:
        ahead: those that are known and not yet taken; at least one unless `over`.
        over: whether no more need be known, as the run stops before.
    """

    def __init__(
        self, blueprint: Blueprint, number: int, stream: type[Stream] = Stream, instants: Instants = instants_ns
    ):
        self._number, self._plan, self._instants = number, blueprint.classes[number], instants
        self._items_per_unit, self._stop_ns = blueprint.items_per_unit, blueprint.stop_ns
        self._stream = stream(blueprint.class_stream("arrivals", number).key)
        self._sent, self._reached = 0, 0.0
        # No more than a short run needs, as draws can take longer than the run.
        expected = TOGETHER if blueprint.expected is None else int(MORE * blueprint.expected) + FEWEST
        self._together = min(TOGETHER, expected)
        arrivals = self._plan.arrivals
        self._recorded = arrivals.trace.sent(self._stream) if isinstance(arrivals, ReplayPlan) else None
        if isinstance(arrivals, CrowdPlan):
            modulation = blueprint.class_stream("arrivals/modulation", number)
            self._process = arrivals.process.drawn(modulation, blueprint.stop_ns)
        self.ahead, self.over = NOBODY, False

    def sent_ns(self) -> Ints:
        """When the next are sent; empty after the last."""
        arrivals, times = self._plan.arrivals, np.zeros(0, np.int64)
        if isinstance(arrivals, CrowdPlan):
            start, stop = self._sent, self._sent + self._together
            times, self._reached = arrival_times(
                self._process, self._stream, start, stop, self._reached, self._instants
            )
        elif self._recorded is not None:
            times = self._recorded.times_ns[self._sent : self._sent + TRACE_ROWS]
        self._sent += len(times)
        return times

    def look_further(self) -> None:
        """Know some more."""
        coming = self._all_recorded() if self._recorded is not None else self._drawn()
        self.ahead = _joined([self.ahead, coming])
        self.over = len(coming.at_ns) == 0 or self.ahead.at_ns[-1] > self._stop_ns

    def _drawn(self) -> Coming:
        times = self.sent_ns()
        rest = np.zeros(len(times), np.int64)
        up_ns = rest + self._plan.up_ns
        return Coming(times + self._plan.door_ns, rest + self._number, rest, rest - 1, rest - 1, up_ns)

    def _all_recorded(self) -> Coming:
        """All of a trace at once, as larger requests take longer to the door."""
        recorded, self._recorded = self._recorded, NONE_RECORDED
        assert recorded is not None, "a trace"  # noqa: S101 - narrows the type
        rest = np.zeros(len(recorded.times_ns), np.int64)
        units = rest if recorded.items is None else recorded.items // self._items_per_unit
        key, size, up_ns = rest - 1, rest - 1, rest + self._plan.up_ns
        if recorded.keys is not None:
            key = recorded.keys
        if recorded.request_bytes is not None:
            size = recorded.request_bytes
            up_ns = self._plan.up_with_ns(size)
        at_ns = recorded.times_ns + (up_ns if self._plan.senders is None else 0)
        return Coming(at_ns, rest + self._number, units, key, size, up_ns)

    def take_before(self, instant_ns: int) -> Coming:
        """Those that come to the door before an instant, as far as they are known."""
        count = np.searchsorted(self.ahead.at_ns, instant_ns)
        taken = _rows(self.ahead, slice(None, count))
        self.ahead = _rows(self.ahead, slice(count, None))
        return taken


class Merged:
    """The requests of all classes of open loops."""

    def __init__(self, classes: Sequence[OneClass]) -> None:
        self._classes = classes
        for each in classes:
            each.look_further()

    def next(self) -> Coming:
        """The next, each in its place among those of all classes; of equals the class that is written first."""
        while True:
            # What is known of a class says nothing of what comes after its last.
            known_ns = [int(each.ahead.at_ns[-1]) for each in self._classes if not each.over]
            until_ns = min(known_ns, default=NEVER)
            coming = _joined([each.take_before(until_ns) for each in self._classes])
            if len(coming.at_ns) or not known_ns:
                return coming
            for each in self._classes:
                if not each.over and each.ahead.at_ns[-1] == until_ns:
                    each.look_further()


def _joined(parts: Sequence[Coming]) -> Coming:
    """All, in the order of coming; of those at one instant the part that is first."""
    if not parts:
        return NOBODY
    together = Coming(*(np.concatenate(column) for column in zip(*parts, strict=True)))
    return _rows(together, np.argsort(together.at_ns, kind="stable"))


def _rows(coming: Coming, which: Any) -> Coming:
    return Coming(*(column[which] for column in coming))


def coming_of(blueprint: Blueprint, stream: type[Stream] = Stream, instants: Instants = instants_ns) -> Merged:
    """The requests of all open loops of a replication, drawn from such streams."""
    closed = {number for number, _ in blueprint.closed_loops()}
    numbers = [number for number in range(len(blueprint.classes)) if number not in closed]
    return Merged([OneClass(blueprint, number, stream, instants) for number in numbers])
