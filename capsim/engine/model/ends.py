"""Ends: a token goes on to its next node; or it was the last, and the client knows."""

from __future__ import annotations

from capsim.engine.kernel.layout import NOTHING, PLAIN, inlined, word
from capsim.engine.kernel.lines import append, take
from capsim.engine.kernel.path import copy_at
from capsim.engine.kernel.records import Model, class_at, line_at, node_at, token_at
from capsim.engine.kernel.words import give_back
from capsim.engine.ledger import Outcome
from capsim.engine.model.caches import fill, pass_to
from capsim.engine.model.clients import think
from capsim.engine.model.probes import note_ended
from capsim.engine.model.senders import leave

COMPLETED, REJECTED, TIMED_OUT = int(Outcome.completed), int(Outcome.rejected), int(Outcome.timed_out)


@word
def finish(m: Model, t: int, outcome: int) -> None:
    """A request has ended; its client knows a network latency later.

    If the run stops before, the request stays in flight.
    """
    token = token_at(m, t)
    if not PLAIN and copy_at(m, t).attempt != NOTHING:
        leave(m, t, outcome)
        return
    finished_ns = m.now_ns + class_at(m, token.of_class).down_ns
    if finished_ns <= m.stop_ns:
        if token.sent_ns < m.horizon_ns:
            m.unanswered -= 1
            note_ended(m, t, outcome, finished_ns)
        if token.client != NOTHING:
            think(m, token.client, outcome, finished_ns)
    give_back(m, t)


@word
def follow_all(m: Model, t: int, n: int) -> None:
    """A token goes on to a node, or back to the client; so do those who wait at caches for what it has fetched."""
    append(m, m.turn_line, t)
    while line_at(m, m.turn_line).count > 0:
        following = take(m, m.turn_line, 1)
        fill(m, following, n)
        if n == NOTHING:
            finish(m, following, COMPLETED)
        else:
            pass_to(m, following, n)


@word
def follow(m: Model, t: int, n: int) -> None:
    """A token has come through a node: on to another one, or back to the client."""
    if not PLAIN and copy_at(m, t).fetches:
        follow_all(m, t, n)
    elif n == NOTHING:
        finish(m, t, COMPLETED)
    else:
        pass_to(m, t, n)


@inlined
def is_called_off(m: Model, t: int) -> bool:
    """Whether nobody waits any more for a token that comes out of where it was held; it is no more then."""
    if PLAIN or not copy_at(m, t).called_off:
        return False
    give_back(m, t)
    return True


@word
def go_on(m: Model, t: int) -> None:
    """A token has been served at its node."""
    if not is_called_off(m, t):
        follow(m, t, node_at(m, token_at(m, t).node).next)
