"""The words that SimPy's engine brings along, and the model that they work on."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from capsim.engine.blueprint import Blueprint, ClientsPlan
from capsim.engine.kernel.asking import Attempt, Call, Ending
from capsim.engine.kernel.build import Tables
from capsim.engine.kernel.forest import Forest
from capsim.engine.kernel.kept import Batch, Detail, LookUp, Refusal, Request, Sending, Visit
from capsim.engine.kernel.order import NEXT_NODE
from capsim.engine.kernel.path import Copy, Entry, unknown
from capsim.engine.kernel.records import Arrival, Change, Model, Node, Standing, Token
from capsim.engine.memory import LEAST_LEFT, TooManyRowsError, keep_free
from capsim.engine.simpy.calendar import PRIORITIES, Calendar
from capsim.random import Stream, in_order
from capsim.units import NEVER

UNIFORMS_DRAWN, BATCHES_DRAWN, CYCLES_DRAWN = 8192, 256, 64
VISITS_BETWEEN_LOOKS, CHANGES_KEPT = 1 << 15, 1 << 12

bare = object.__new__
"""A row before the text fills in all its fields, at half the price of one with zeros."""


class Machine(Model):
    """A model of objects and lists on a calendar.

    `happen(kind, number)`, `alarm_rings(kind, place, stamp)` and `enter(token)` are what its alarms do.
    """

    def __init__(self, blueprint: Blueprint, tables: Tables, forest: Forest) -> None:
        super().__init__(**tables.clock)
        for name, part in (tables.records | {n: c.tolist() for n, c in tables.columns.items()}).items():
            setattr(self, name, part)
        for name, rows in tables.rows.items():
            setattr(self, name, [row.tolist() if isinstance(row, np.ndarray) else list(row) for row in rows])
        self.__dict__ |= {name: column.tolist() for name, column in forest.columns().items()}
        self.nodes: list[Node] = tables.records["nodes"]
        self.arrivals: list[Arrival] = []
        self.outages: list[list[int]]
        self.tokens: list[Token] = []
        self.standings: list[Standing] = []
        self.copies: list[Copy] = []
        self.entries: dict[int, Entry] = defaultdict(unknown)
        self.look_ups: list[LookUp] = []
        self.sendings: list[Sending] = []
        self.calls: list[Call] = []
        self.tries: list[Attempt] = []
        self.endings: list[Ending] = []
        self.free_calls: list[int] = []
        self.free_tries: list[int] = []
        self.free_endings: list[int] = []
        self.free: list[int] = []
        self.requests: list[Request] = []
        self.details: list[Detail] = []
        self.visits: list[Visit] = []
        self.refusals: list[Refusal] = []
        self.batches: list[Batch] = []
        self.most_visits, self.looks_at_memory = blueprint.most_visits, VISITS_BETWEEN_LOOKS
        self.changes: list[Change] = []
        self.forgets_changes = CHANGES_KEPT
        self.calendar = Calendar(initial_time=0)
        self.due: list[dict[int, int]] = [{} for _ in PRIORITIES]
        self.happen: Callable[[Machine, int, int], None]
        self.alarm_rings: Callable[[Machine, int, int, int], None]
        self.enter: Callable[[Machine, int], None]
        self.draws = _draws(blueprint)
        self.thinks = _thinks(blueprint)
        self.uniforms: dict[int, list[float]] = {}

    def ring(self, event: Any) -> None:
        """An alarm is due, unless it was set anew."""
        due, kind, number = event._value
        now_ns = self.calendar._now
        if due[number] == now_ns:
            due[number] = NEVER
            self.now_ns = now_ns
            self.happen(self, kind, number)

    def alarm(self, event: Any) -> None:
        """What a token waited for until now."""
        self.now_ns = self.calendar._now
        self.alarm_rings(self, *event._value)

    def come(self, event: Any) -> None:
        """A token comes to its node."""
        self.now_ns = self.calendar.now
        self.enter(self, event.value)


def ring_at(m: Machine, kind: int, number: int, at_ns: int) -> None:
    """See `kernel.words`; an alarm that was set before stays on the calendar, and is told by its instant."""
    due = m.due[kind]
    if due.get(number, NEVER) != at_ns:
        due[number] = at_ns
        if at_ns < NEVER:
            m.calendar.at(at_ns, PRIORITIES[kind] + number, m.ring, (due, kind, number))


def bits(value: int) -> int:
    """See `kernel.words`."""
    return int(value).bit_length()


def set_alarm(m: Machine, kind: int, order: int, place: int, stamp: int, at_ns: int) -> None:
    """See `kernel.words`."""
    m.calendar.at(at_ns, PRIORITIES[kind] + order, m.alarm, (kind, place, stamp))


def pass_on(m: Machine, t: int) -> None:
    """See `kernel.words`."""
    m.calendar.at(m.now_ns, PRIORITIES[NEXT_NODE] + m.tokens[t].order, m.come, t)


def take_token(m: Machine) -> int:
    """See `kernel.words`."""
    if m.free:
        return m.free.pop()
    m.tokens.append(Token())
    m.standings.append(Standing())
    m.copies.append(Copy())
    return len(m.tokens) - 1


def give_back(m: Machine, t: int) -> None:
    """See `kernel.words`."""
    m.free.append(t)


def open_request(m: Machine) -> int:
    """See `kernel.words`."""
    m.requests.append(bare(Request))
    if not m.plain:
        m.details.append(bare(Detail))
    return len(m.requests) - 1


def open_visit(m: Machine) -> int:
    """See `kernel.words`."""
    if len(m.visits) >= m.looks_at_memory:
        look_at_memory(m)
    m.visits.append(bare(Visit))
    return len(m.visits) - 1


def look_at_memory(m: Machine) -> None:
    """Go on only if there is room for the rows of some more visits."""
    if m.most_visits is not None and len(m.visits) >= m.most_visits:
        raise TooManyRowsError
    keep_free(2 * LEAST_LEFT)
    m.looks_at_memory += VISITS_BETWEEN_LOOKS


def open_look_up(m: Machine) -> int:
    """See `kernel.words`."""
    m.look_ups.append(bare(LookUp))
    return len(m.look_ups) - 1


def open_sending(m: Machine) -> int:
    """See `kernel.words`."""
    m.sendings.append(bare(Sending))
    return len(m.sendings) - 1


def open_call(m: Machine) -> int:
    """See `kernel.words`."""
    return _take(m.calls, m.free_calls, Call)


def drop_call(m: Machine, k: int) -> None:
    """See `kernel.words`."""
    m.free_calls.append(k)


def open_attempt(m: Machine) -> int:
    """See `kernel.words`."""
    return _take(m.tries, m.free_tries, Attempt)


def drop_attempt(m: Machine, a: int) -> None:
    """See `kernel.words`."""
    m.free_tries.append(a)


def open_ending(m: Machine) -> int:
    """See `kernel.words`."""
    return _take(m.endings, m.free_endings, Ending)


def drop_ending(m: Machine, e: int) -> None:
    """See `kernel.words`."""
    m.free_endings.append(e)


def _take(places: list[Any], free: list[int], record: type[Any]) -> int:
    if free:
        return free.pop()
    places.append(record())
    return len(places) - 1


def open_refusal(m: Machine) -> int:
    """See `kernel.words`."""
    m.refusals.append(bare(Refusal))
    return len(m.refusals) - 1


def open_change(m: Machine) -> int:
    """See `kernel.words`; what every balancer has seen is forgotten from time to time."""
    if m.changes_count >= m.forgets_changes:
        lagging = [node for node in m.nodes if node.lag_ns]
        seen = min(node.unseen for node in lagging)
        del m.changes[:seen]
        for node in lagging:
            node.unseen -= seen
        m.forgets_changes = 2 * len(m.changes) + CHANGES_KEPT
    m.changes.append(bare(Change))
    m.changes_count = len(m.changes)
    return m.changes_count - 1


def open_batch(m: Machine) -> int:
    """See `kernel.words`."""
    m.batches.append(bare(Batch))
    return len(m.batches) - 1


def uniform(m: Machine, key: int, index: int) -> float:
    """See `kernel.words`."""
    drawn = m.uniforms.setdefault(key, [])
    while index >= len(drawn):
        drawn += Stream(key).uniforms(len(drawn), len(drawn) + UNIFORMS_DRAWN).tolist()
    return drawn[index]


def variate(m: Machine, v: int, number: int) -> float:
    """See `kernel.words`; batches of a server are numbered as they are formed."""
    return next(m.draws[v])


def next_think_ns(m: Machine, client: int) -> int:
    """See `kernel.words`."""
    return next(m.thinks[client])


def _draws(blueprint: Blueprint) -> list[Iterator[float]]:
    """The draws of each server."""
    return [
        in_order(partial(pool.service.draws, blueprint.service_stream(pool, position)), BATCHES_DRAWN)
        for pool in blueprint.pools
        for position in range(pool.servers)
    ]


def _thinks(blueprint: Blueprint) -> list[Iterator[int]]:
    """The think times of each client (ns)."""
    return [
        _think_times(plan, blueprint.class_stream(f"think/{client}", c))
        for c, plan in blueprint.closed_loops()
        for client in range(len(plan.starts_ns))
    ]


def _think_times(plan: ClientsPlan, stream: Stream) -> Iterator[int]:
    think = plan.think
    if think is None:
        return itertools.repeat(plan.think_ns)
    drawn = in_order(lambda start, stop: think.quantile(stream.uniforms(start, stop)), CYCLES_DRAWN)
    return (int(np.rint(x * plan.think_ns)) for x in drawn)
