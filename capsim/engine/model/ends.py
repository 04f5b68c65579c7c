"""Ends: a token goes on to its next node; or it was the last, and the client knows."""

from __future__ import annotations

from capsim.engine.kernel.layout import NOTHING, inlined, word
from capsim.engine.kernel.order import ARRIVAL
from capsim.engine.kernel.path import PASSING, copy_at
from capsim.engine.kernel.records import Model, class_at, client_class_of, node_at, token_at
from capsim.engine.kernel.words import give_back, next_think_ns, pass_on, ring_at
from capsim.engine.ledger import Outcome
from capsim.engine.model.caches import fetched
from capsim.engine.model.probes import note_ended

COMPLETED, REJECTED, TIMED_OUT = int(Outcome.completed), int(Outcome.rejected), int(Outcome.timed_out)


@word
def think(m: Model, client: int, outcome: int, answered_ns: int) -> None:
    """A client has its answer: it thinks and sends its next request."""
    of_class = class_at(m, client_class_of(m)[client])
    pause_ns = next_think_ns(m, client)
    if outcome == REJECTED:
        pause_ns += of_class.retry_delay_ns
    ring_at(m, ARRIVAL, client, answered_ns + pause_ns + of_class.up_ns)


@word
def finish(m: Model, t: int, outcome: int) -> None:
    """A request has ended; its client knows a network latency later.

    If the run stops before, the request stays in flight.
    """
    token = token_at(m, t)
    finished_ns = m.now_ns + class_at(m, token.of_class).down_ns
    if finished_ns <= m.stop_ns:
        if token.sent_ns < m.horizon_ns:
            m.unanswered -= 1
            note_ended(m, t, outcome, finished_ns)
        if token.client != NOTHING:
            think(m, token.client, outcome, finished_ns)
    give_back(m, t)


@word
def follow(m: Model, t: int, n: int) -> None:
    """A token has come through a node: on to another one, or back to the client."""
    if not m.plain:
        fetched(m, t, n)
        copy_at(m, t).stage = PASSING
    if n == NOTHING:
        finish(m, t, COMPLETED)
        return
    token_at(m, t).node = n
    pass_on(m, t)


@inlined
def is_called_off(m: Model, t: int) -> bool:
    """Whether nobody waits any more for a token that comes out of where it was held; it is no more then."""
    if m.plain or not copy_at(m, t).called_off:
        return False
    give_back(m, t)
    return True


@word
def go_on(m: Model, t: int) -> None:
    """A token has been served at its node."""
    if not is_called_off(m, t):
        follow(m, t, node_at(m, token_at(m, t).node).next)
