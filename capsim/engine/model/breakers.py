"""Breakers: nothing is sent for a while once too many attempts were no answers."""

from __future__ import annotations

from capsim.engine.kernel.asking import ending_at, sender_at
from capsim.engine.kernel.layout import NOTHING, word
from capsim.engine.kernel.records import Model
from capsim.engine.kernel.words import drop_ending, open_ending


@word
def lets_through(m: Model, d: int) -> bool:
    """Whether the breaker of a sender lets an attempt through now; the first after the pause is a trial."""
    sender = sender_at(m, d)
    if not sender.breaks or sender.opens_until_ns == 0:
        return True
    if sender.on_trial or m.now_ns < sender.opens_until_ns:
        return False
    sender.on_trial = 1
    return True


@word
def forget_first(m: Model, d: int) -> None:
    """The attempt that a breaker heard of first is too long ago."""
    sender = sender_at(m, d)
    e = sender.first_heard
    sender.heard -= 1
    sender.heard_failed -= ending_at(m, e).failed
    sender.first_heard = ending_at(m, e).next
    drop_ending(m, e)


@word
def hear(m: Model, d: int, failed: int) -> None:
    """The breaker of a sender is told of an attempt that has ended."""
    sender = sender_at(m, d)
    if not sender.breaks:
        return
    if sender.on_trial:
        sender.on_trial = 0
        sender.opens_until_ns = m.now_ns + sender.open_ns if failed else 0
        while sender.heard > 0:
            forget_first(m, d)
        return
    e = open_ending(m)
    ending = ending_at(m, e)
    ending.at_ns, ending.failed, ending.next = m.now_ns, failed, NOTHING
    if sender.heard == 0:
        sender.first_heard = e
    else:
        ending_at(m, sender.last_heard).next = e
    sender.last_heard = e
    sender.heard += 1
    sender.heard_failed += failed
    while ending_at(m, sender.first_heard).at_ns <= m.now_ns - sender.window_ns:
        forget_first(m, d)
    many = sender.heard >= sender.least and sender.heard_failed >= sender.failures * sender.heard
    if many and sender.opens_until_ns == 0:
        sender.opens_until_ns = m.now_ns + sender.open_ns
