"""What is kept of a run: rows, or counts by slice of time. Nothing else in the text knows which."""

from __future__ import annotations

from typing import Any

from capsim.engine.kernel.asking import attempt_at, call_at
from capsim.engine.kernel.kept import batch_at, detail_at, look_up_at, refusal_at, request_at, sending_at, visit_at
from capsim.engine.kernel.layout import NOTHING, PLAIN, Constant, inlined, word
from capsim.engine.kernel.path import copy_at
from capsim.engine.kernel.records import IDLE, Model, class_at, instance_at, pool_at, server_at, station_at, token_at
from capsim.engine.kernel.words import open_batch, open_look_up, open_refusal, open_request, open_sending, open_visit
from capsim.engine.ledger import Outcome
from capsim.engine.model.counting import (
    count_begun,
    count_busy,
    count_ended,
    count_enqueued,
    count_refused,
    count_sent,
    count_started,
    slice_of,
)
from capsim.units import NEVER

COMPLETED, IN_FLIGHT = int(Outcome.completed), int(Outcome.in_flight)

KEEPS_ROWS: Any = Constant("rows")
"""A row is kept for each request; otherwise a tally."""


@inlined
def note_sent(m: Model, t: int) -> None:
    """A request was sent before the horizon."""
    token = token_at(m, t)
    if KEEPS_ROWS:
        token.row = open_request(m)
        request = request_at(m, token.row)
        request.arrived_ns, request.finished_ns, request.outcome = token.sent_ns, NOTHING, IN_FLIGHT
        request.waited_ns = request.served_ns = NOTHING
        if not PLAIN:
            detail = detail_at(m, token.row)
            detail.of_class, detail.units = token.of_class, token.units
            detail.attempts = int(class_at(m, token.of_class).sender == NOTHING)
            detail.delayed_ns = detail.retried_ns = NOTHING
    else:
        token.row = slice_of(m, token.sent_ns)
        count_sent(m, token.row)


@inlined
def attempt_of(m: Model, t: int) -> int:
    """Which of its attempts at a request a token belongs to, from 0 on."""
    return 0 if PLAIN else token_at(m, t).order // m.branches % m.attempts


@inlined
def note_waiting(m: Model, t: int, s: int) -> None:
    """A request sent before the horizon has entered the line of a station."""
    if KEEPS_ROWS:
        token = token_at(m, t)
        token.visit = open_visit(m)
        visit = visit_at(m, token.visit)
        visit.request, visit.node, visit.server = token.row, token.node, station_at(m, s).first_server
        visit.enqueued_ns, visit.batch, visit.attempt = m.now_ns, NOTHING, attempt_of(m, t)
    else:
        count_enqueued(m, station_at(m, s).pool)


@inlined
def note_refused(m: Model, t: int, s: int, since_ns: int) -> None:
    """An admission rule has turned away a token that came to a station, or waited there, since an instant."""
    token, station = token_at(m, t), station_at(m, s)
    if token.sent_ns < m.horizon_ns:
        if KEEPS_ROWS:
            refusal = refusal_at(m, open_refusal(m))
            refusal.request, refusal.server, refusal.since_ns = token.row, station.first_server, since_ns
        else:
            count_refused(m, station.pool, since_ns)


@inlined
def note_batch(m: Model, v: int, i: int) -> None:
    """A batch has begun on an instance of a server."""
    instance = instance_at(m, i)
    if KEEPS_ROWS:
        instance.batch = open_batch(m)
        batch = batch_at(m, instance.batch)
        batch.server, batch.number = v, instance.number
        batch.requests, batch.units = instance.count, instance.units
        batch.started_ns, batch.finished_ns = m.now_ns, NOTHING
    else:
        count_begun(m, server_at(m, v).pool, instance.units)


@inlined
def note_started(m: Model, t: int, i: int, p: int) -> None:
    """A token is in the batch that has begun on an instance of a pool."""
    token = token_at(m, t)
    if token.sent_ns < m.horizon_ns:
        if KEEPS_ROWS:
            visit_at(m, token.visit).batch = instance_at(m, i).batch
        else:
            count_started(m, p, token.since_ns)


@inlined
def note_batch_ended(m: Model, v: int, i: int) -> None:
    """The batch of an instance of a server has ended."""
    instance = instance_at(m, i)
    if KEEPS_ROWS:
        batch_at(m, instance.batch).finished_ns = m.now_ns
    else:
        count_busy(m, server_at(m, v).pool, instance.started_ns, m.now_ns)


@inlined
def note_ended(m: Model, t: int, outcome: int, finished_ns: int) -> None:
    """A request sent before the horizon has ended."""
    if KEEPS_ROWS:
        token = token_at(m, t)
        request = request_at(m, token.row)
        request.finished_ns, request.outcome = finished_ns, outcome
        if outcome == COMPLETED:
            request.waited_ns, request.served_ns = token.waited_ns, token.served_ns
            if not PLAIN:
                detail = detail_at(m, token.row)
                detail.delayed_ns, detail.retried_ns = copy_at(m, t).delayed_ns, 0
    else:
        count_ended(m, t, outcome, finished_ns)


@word
def note_look_up(m: Model, t: int, hit: int) -> None:
    """A token has looked into the cache at its node."""
    token = token_at(m, t)
    if KEEPS_ROWS and token.sent_ns < m.horizon_ns:
        look_up = look_up_at(m, open_look_up(m))
        look_up.request, look_up.attempt, look_up.node = token.row, attempt_of(m, t), token.node
        look_up.at_ns, look_up.hit = m.now_ns, hit


@word
def note_attempt(m: Model, k: int, a: int) -> None:
    """An attempt at a call was sent."""
    call, attempt = call_at(m, k), attempt_at(m, a)
    if KEEPS_ROWS and call.sent_ns < m.horizon_ns:
        attempt.row = open_sending(m)
        sending = sending_at(m, attempt.row)
        sending.request, sending.attempt, sending.sent_ns = call.row, attempt.number, attempt.sent_ns
        sending.finished_ns, sending.outcome = NOTHING, IN_FLIGHT
        detail_at(m, call.row).attempts = call.attempts


@word
def note_attempt_over(m: Model, a: int, outcome: int) -> None:
    """A sender waits no more for an attempt, unless the run has stopped before."""
    attempt = attempt_at(m, a)
    if KEEPS_ROWS and m.now_ns <= m.stop_ns and call_at(m, attempt.call).sent_ns < m.horizon_ns:
        sending = sending_at(m, attempt.row)
        sending.finished_ns, sending.outcome = m.now_ns, outcome


@word
def note_given_up(m: Model, k: int, outcome: int) -> None:
    """A call sent before the horizon has ended without an answer."""
    call = call_at(m, k)
    if KEEPS_ROWS:
        request = request_at(m, call.row)
        request.finished_ns, request.outcome = m.now_ns, outcome
        detail_at(m, call.row).attempts = call.attempts


@word
def note_answered(m: Model, k: int, a: int) -> None:
    """A call sent before the horizon has ended with the answer of an attempt."""
    call, attempt = call_at(m, k), attempt_at(m, a)
    if KEEPS_ROWS:
        request, detail = request_at(m, call.row), detail_at(m, call.row)
        request.finished_ns, request.outcome = m.now_ns, COMPLETED
        request.waited_ns, request.served_ns = attempt.waited_ns, attempt.served_ns
        detail.delayed_ns, detail.retried_ns = attempt.delayed_ns, attempt.sent_ns - call.sent_ns


@word
def note_over(m: Model) -> None:
    """The run is over; batches that have not ended kept their instances busy until then."""
    if not KEEPS_ROWS:
        for v in range(m.servers_count):
            server = server_at(m, v)
            for i in range(server.first_instance, server.first_instance + pool_at(m, server.pool).instances):
                if instance_at(m, i).state != IDLE:
                    count_busy(m, server.pool, instance_at(m, i).started_ns, NEVER)
