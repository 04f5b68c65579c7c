"""Tokens: requests on their way, from when they come to their end."""

from __future__ import annotations

from capsim.engine.kernel.layout import NOTHING, inlined, word
from capsim.engine.kernel.order import ARRIVAL
from capsim.engine.kernel.records import Model, node_at, token_at
from capsim.engine.kernel.words import give_back, next_think_ns, pass_on, ring_at, take_token
from capsim.engine.ledger import Outcome
from capsim.engine.model.nodes import enter
from capsim.engine.model.probes import note_ended, note_sent

COMPLETED, REJECTED = int(Outcome.completed), int(Outcome.rejected)


@inlined
def arrive(m: Model, client: int) -> None:
    """A request reaches the system from its client, now."""
    t = take_token(m)
    token = token_at(m, t)
    token.root, token.client = m.sent, client
    token.sent_ns = m.now_ns - m.up_ns
    token.node = token.waited_ns = token.served_ns = 0
    m.sent += 1
    if token.sent_ns < m.horizon_ns:
        m.unanswered += 1
        note_sent(m, t)
    enter(m, t)


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


@word
def go_on(m: Model, t: int) -> None:
    """A token has been served at its node: on to the next, or back to the client."""
    token = token_at(m, t)
    following = node_at(m, token.node).next
    if following == NOTHING:
        finish(m, t, COMPLETED)
        return
    token.node = following
    pass_on(m, t)
