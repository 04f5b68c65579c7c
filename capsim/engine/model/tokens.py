"""Tokens: requests on their way, from when they come to when they have been served."""

from __future__ import annotations

from capsim.engine.kernel.layout import NOTHING, inlined, word
from capsim.engine.kernel.records import Model, node_at, token_at
from capsim.engine.kernel.words import pass_on, take_token
from capsim.engine.model.ends import COMPLETED, finish
from capsim.engine.model.nodes import enter
from capsim.engine.model.probes import note_sent


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
def go_on(m: Model, t: int) -> None:
    """A token has been served at its node: on to the next, or back to the client."""
    token = token_at(m, t)
    following = node_at(m, token.node).next
    if following == NOTHING:
        finish(m, t, COMPLETED)
        return
    token.node = following
    pass_on(m, t)
