"""Ends: a request has been answered or turned away, and its client knows."""

from __future__ import annotations

from capsim.engine.kernel.layout import word
from capsim.engine.kernel.order import ARRIVAL
from capsim.engine.kernel.records import Model, token_at
from capsim.engine.kernel.words import give_back, next_think_ns, ring_at
from capsim.engine.ledger import Outcome
from capsim.engine.model.probes import note_ended

COMPLETED, REJECTED, TIMED_OUT = int(Outcome.completed), int(Outcome.rejected), int(Outcome.timed_out)


@word
def think(m: Model, client: int, outcome: int, answered_ns: int) -> None:
    """A client has its answer: it thinks and sends its next request."""
    pause_ns = next_think_ns(m, client)
    if outcome == REJECTED:
        pause_ns += m.retry_delay_ns
    ring_at(m, ARRIVAL, client, answered_ns + pause_ns + m.up_ns)


@word
def finish(m: Model, t: int, outcome: int) -> None:
    """A request has ended; its client knows a network latency later.

    If the run stops before, the request stays in flight.
    """
    token = token_at(m, t)
    finished_ns = m.now_ns + m.down_ns
    if finished_ns <= m.stop_ns:
        if token.sent_ns < m.horizon_ns:
            m.unanswered -= 1
            note_ended(m, t, outcome, finished_ns)
        if m.closed:
            think(m, token.client, outcome, finished_ns)
    give_back(m, t)
