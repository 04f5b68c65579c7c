"""A replication on SimPy's calendar."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from functools import cache
from operator import attrgetter
from typing import Any

import numpy as np

from capsim.engine.blueprint import Blueprint, ClientsPlan, CrowdPlan, ReplayPlan
from capsim.engine.kernel.build import tables_of
from capsim.engine.kernel.layout import dtype_of
from capsim.engine.kernel.order import ARRIVAL, TICK
from capsim.engine.kernel.records import Batch, Refusal, Request, Visit
from capsim.engine.kernel.rows import ledger_of
from capsim.engine.ledger import Ledger
from capsim.engine.model import instants, nodes
from capsim.engine.simpy import words
from capsim.engine.simpy.bind import Binding
from capsim.engine.simpy.calendar import PRIORITIES
from capsim.engine.simpy.words import Machine, ring_at
from capsim.serving.admission import ADMISSION
from capsim.serving.balancing import BALANCING
from capsim.serving.batching import BATCHING
from capsim.units import NEVER
from capsim.workload import arrival_times

TICKS = 100
REQUESTS_DRAWN = 8192
NOBODY = -1
"""The client of a request for whose answer nobody waits."""

BROUGHT, CONSTANTS = vars(words), {"rows": True}
"""What this engine brings along to the text: it keeps rows."""


class Functions:
    """Rules are what they are."""

    def decide(self, rule: str) -> Any:
        """See `kernel.build.Rules`."""
        return BATCHING[rule].RULE.decide

    def learn(self, rule: str) -> Any:
        """See `kernel.build.Rules`."""
        return BATCHING[rule].RULE.learn or 0

    def choose(self, rule: str) -> Any:
        """See `kernel.build.Rules`."""
        return BALANCING[rule].RULE.choose

    def admit(self, rule: str) -> Any:
        """See `kernel.build.Rules`."""
        return ADMISSION[rule].RULE.admit


class Crowd:
    """Requests at known instants, whatever becomes of them; none where clients send."""

    def __init__(self, blueprint: Blueprint, m: Machine) -> None:
        self._m = m
        self._sent_ns = sent_ns(blueprint)
        self.due_ns = next(self._sent_ns) + m.up_ns

    def happen(self) -> None:
        """See `calendar.Stream`."""
        m = self._m
        m.now_ns = self.due_ns
        m.happen(m, ARRIVAL, NOBODY)
        self.due_ns = next(self._sent_ns) + m.up_ns


def sent_ns(blueprint: Blueprint) -> Iterator[int]:
    """The instants at which requests are sent without regard to answers (ns), without end."""
    plan = blueprint.arrivals
    if isinstance(plan, ReplayPlan):
        yield from plan.trace.sent_ns(blueprint.stream("arrivals")).tolist()
    if isinstance(plan, CrowdPlan):
        process = plan.process.drawn(blueprint.stream("arrivals/modulation"), blueprint.stop_ns)
    stream, start, reached = blueprint.stream("arrivals"), 0, 0.0
    while isinstance(plan, CrowdPlan):
        times, reached = arrival_times(process, stream, start, start + REQUESTS_DRAWN, reached)
        yield from times.tolist()
        start += REQUESTS_DRAWN
    while True:
        yield NEVER


@cache
def _text() -> Binding:
    return Binding(BROUGHT, CONSTANTS)


def run(blueprint: Blueprint, progress: Callable[[float], None] | None = None, text: Binding | None = None) -> Ledger:
    """Simulate one replication; `progress` is told the share of the horizon that has passed."""
    # The model makes no reference cycles while it runs, and searching a million rows for them doubles the time.
    collecting = gc.isenabled()
    gc.disable()
    try:
        return _simulated(blueprint, progress, text or _text())
    finally:
        if collecting:
            gc.enable()


def _simulated(blueprint: Blueprint, progress: Callable[[float], None] | None, text: Binding) -> Ledger:
    m = Machine(blueprint, tables_of(blueprint, Functions()))
    m.happen, m.enter = text.bound(instants.happen), text.bound(nodes.enter)
    decide_all = text.bound(instants.instant_over)

    def instant_over() -> bool:
        m.now_ns = m.calendar.now
        decide_all(m)
        return m.unanswered > 0 or m.now_ns < m.last_sent_arrives_ns

    if progress:
        for tick in range(1, TICKS + 1):
            at_ns = blueprint.horizon_ns * tick // TICKS
            m.calendar.at(at_ns, PRIORITIES[TICK], lambda event: progress(event.value / TICKS), tick)
    if isinstance(blueprint.arrivals, ClientsPlan):
        for client, start_ns in enumerate(blueprint.arrivals.starts_ns):
            ring_at(m, ARRIVAL, client, start_ns + m.up_ns)
    arrivals = Crowd(blueprint, m)
    m.calendar.run_through(m.last_sent_arrives_ns - 1, arrivals, m, instant_over)
    if m.unanswered:
        m.calendar.run_through(m.stop_ns, arrivals, m, instant_over)
    tables = _table(Request, m.requests), _table(Visit, m.visits), _table(Batch, m.batches), _table(Refusal, m.refusals)
    return ledger_of(*tables, blueprint.items_per_request)


def _table(record: type[Any], rows: list[Any]) -> Any:
    """Records as an array."""
    kind = dtype_of(record)
    return np.fromiter(map(attrgetter(*(kind.names or ())), rows), kind, len(rows))
