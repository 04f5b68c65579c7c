"""A replication on SimPy's calendar."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from functools import cache
from operator import attrgetter
from typing import Any

import numpy as np

from capsim.engine.blueprint import Blueprint
from capsim.engine.coming import coming_of
from capsim.engine.kernel.build import tables_of
from capsim.engine.kernel.kept import Batch, Detail, LookUp, Refusal, Request, Sending, Visit
from capsim.engine.kernel.layout import NOTHING, dtype_of
from capsim.engine.kernel.order import ARRIVAL, SERVER_TURNS, TICK
from capsim.engine.kernel.records import Arrival
from capsim.engine.kernel.rows import DETAILED, detailed, ledger_of
from capsim.engine.ledger import Ledger
from capsim.engine.model import instants, nodes
from capsim.engine.simpy import words
from capsim.engine.simpy.bind import Binding
from capsim.engine.simpy.calendar import PRIORITIES
from capsim.engine.simpy.words import Machine, ring_at, set_alarm
from capsim.serving.admission import ADMISSION
from capsim.serving.balancing import BALANCING
from capsim.serving.batching import BATCHING
from capsim.units import NEVER

TICKS = 100

BROUGHT, CONSTANTS = vars(words), {"rows": True, "plain": False}
"""What this engine brings along to a text for all runs: it keeps rows."""
KNOWN = ("plain", "mixed", "lagging")
"""What of a model stays as it is from its beginning on, so that the text leaves out what is for others."""


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
        self._at_ns = self._instants(blueprint)
        self.due_ns = next(self._at_ns)

    def happen(self) -> None:
        """See `calendar.Stream`."""
        m = self._m
        m.now_ns = self.due_ns
        m.happen(m, ARRIVAL, NOTHING)
        m.arriving += 1
        self.due_ns = next(self._at_ns)

    def _instants(self, blueprint: Blueprint) -> Iterator[int]:
        """When they come (ns), without end; what they carry is in the machine's row of arrivals."""
        coming = coming_of(blueprint)
        while len((some := coming.next()).at_ns):
            self._m.arriving = 0
            if not self._m.plain:
                self._m.arrivals = [Arrival(*row) for row in zip(*(c.tolist() for c in some[1:]), strict=True)]
            yield from some.at_ns.tolist()
        while True:
            yield NEVER


@cache
def _text(*known: int) -> Binding:
    """The text for runs of which so much is known before they begin."""
    facts = dict(zip(KNOWN, known, strict=True))
    return Binding(BROUGHT, CONSTANTS | {"plain": bool(facts["plain"])}, facts)


def run(blueprint: Blueprint, progress: Callable[[float], None] | None = None, text: Binding | None = None) -> Ledger:
    """Simulate one replication; `progress` is told the share of the horizon that has passed."""
    # The model makes no reference cycles while it runs, and searching a million rows for them doubles the time.
    collecting = gc.isenabled()
    gc.disable()
    try:
        return _simulated(blueprint, progress, text)
    finally:
        if collecting:
            gc.enable()


def _simulated(blueprint: Blueprint, progress: Callable[[float], None] | None, text: Binding | None) -> Ledger:
    m = Machine(blueprint, *tables_of(blueprint, Functions()))
    if text is None:
        text = _text(*(getattr(m, name) for name in KNOWN))
    else:
        m.plain = 0
    m.happen, m.enter = text.bound(instants.happen), text.bound(nodes.enter)
    m.alarm_rings = text.bound(instants.alarm_rings)
    decide_all = text.bound(instants.instant_over)

    def instant_over() -> bool:
        m.now_ns = m.calendar.now
        decide_all(m)
        return m.unanswered > 0 or m.now_ns < m.last_sent_arrives_ns

    if progress:
        for tick in range(1, TICKS + 1):
            at_ns = blueprint.horizon_ns * tick // TICKS
            m.calendar.at(at_ns, PRIORITIES[TICK], lambda event: progress(event.value / TICKS), tick)
    for v, outages in enumerate(m.outages):
        if outages:
            set_alarm(m, SERVER_TURNS, v, v, 0, outages[0])
    for client, at_ns in enumerate(blueprint.first_arrivals_ns()):
        ring_at(m, ARRIVAL, client, at_ns)
    arrivals = Crowd(blueprint, m)
    m.calendar.run_through(m.last_sent_arrives_ns - 1, arrivals, m, instant_over)
    if m.unanswered:
        m.calendar.run_through(m.stop_ns, arrivals, m, instant_over)
    requests, refusals = _table(Request, m.requests), _table(Refusal, m.refusals)
    details, visits, batches = _table(Detail, m.details), _table(Visit, m.visits), _table(Batch, m.batches)
    ledger = ledger_of(requests, visits, batches, refusals, blueprint.items_per_unit)
    if blueprint.plain:
        return ledger
    tables = details, visits, batches, _table(LookUp, m.look_ups), _table(Sending, m.sendings)
    return detailed(ledger, blueprint, dict(zip(DETAILED, tables, strict=True)))


def _table(record: type[Any], rows: list[Any]) -> Any:
    """Records as an array."""
    kind = dtype_of(record)
    return np.fromiter(map(attrgetter(*(kind.names or ())), rows), kind, len(rows))
