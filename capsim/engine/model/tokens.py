"""Tokens: requests come from outside."""

from __future__ import annotations

from capsim.engine.kernel.layout import NOTHING, PLAIN, inlined
from capsim.engine.kernel.records import Model, class_at, token_at
from capsim.engine.kernel.words import take_token
from capsim.engine.model.classes import come
from capsim.engine.model.nodes import enter
from capsim.engine.model.probes import note_sent
from capsim.engine.model.senders import first_send


@inlined
def arrive(m: Model, client: int) -> None:
    """A request reaches the system now, from a client or, without one, in an open loop."""
    t = take_token(m)
    token = token_at(m, t)
    come(m, t, client)
    token.waited_ns = token.served_ns = 0
    if token.sent_ns < m.horizon_ns:
        m.unanswered += 1
        note_sent(m, t)
    if PLAIN or class_at(m, token.of_class).sender == NOTHING:
        enter(m, t)
    else:
        first_send(m, t)
