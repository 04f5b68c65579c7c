"""Senders: what they do about an attempt that is late or lost."""

from __future__ import annotations

import numpy as np

from capsim.engine import tally
from capsim.engine.kernel.asking import (
    MILLION,
    UNLIMITED,
    attempt_at,
    backoff_ns_at,
    call_at,
    retried_at,
    seen_at,
    sender_at,
)
from capsim.engine.kernel.layout import NOTHING, word
from capsim.engine.kernel.order import ANSWERED, CANCELLED, COMES, GIVES_UP, HEDGES, RESENT
from capsim.engine.kernel.path import DELAYED, copy_at
from capsim.engine.kernel.records import Model, class_at, token_at
from capsim.engine.kernel.words import (
    drop_attempt,
    drop_call,
    give_back,
    open_attempt,
    open_call,
    set_alarm,
    take_token,
    uniform,
)
from capsim.engine.ledger import CANCELLED as CALLED_OFF
from capsim.engine.ledger import Outcome
from capsim.engine.model.breakers import hear, lets_through
from capsim.engine.model.clients import think
from capsim.engine.model.counting import bucket_of
from capsim.engine.model.probes import note_answered, note_attempt, note_attempt_over, note_given_up
from capsim.units import NEVER

COMPLETED, REJECTED, TIMED_OUT = int(Outcome.completed), int(Outcome.rejected), int(Outcome.timed_out)
FEWEST_SEEN = 100
"""Latencies from which on a quantile of them is worth something."""
MOST_BALANCE = 10 * MILLION
NO_JITTER, FULL_JITTER = 0, 1
BITS, PER_OCTAVE = tally.PER_OCTAVE_BITS, tally.PER_OCTAVE


@word
def sender_of(m: Model, k: int) -> int:
    """The sender of a call."""
    return class_at(m, call_at(m, k).of_class).sender


@word
def end_of_bucket_ns(bucket: int) -> int:
    """The largest value that is counted in a bucket."""
    shift = max(bucket // PER_OCTAVE - 1, 0)
    return ((bucket - shift * PER_OCTAVE + 1) << shift) - 1


@word
def see(m: Model, d: int, latency_ns: int) -> None:
    """A sender has seen the latency of an answer; the quantile after which it sends copies moves."""
    sender, seen = sender_at(m, d), seen_at(m, d)
    bucket = bucket_of(latency_ns)
    seen[bucket] += 1
    sender.seen += 1
    if bucket < sender.seen_bucket:
        sender.seen_below += 1
    wanted = sender.hedge_share * sender.seen
    while sender.seen_below >= wanted and sender.seen_bucket > 0:
        sender.seen_bucket -= 1
        sender.seen_below -= seen[sender.seen_bucket]
    while sender.seen_below + seen[sender.seen_bucket] < wanted:
        sender.seen_below += seen[sender.seen_bucket]
        sender.seen_bucket += 1


@word
def hedge_after_ns(m: Model, d: int) -> int:
    """After how long a sender sends a copy; NEVER where it sends none, or has not yet seen enough."""
    sender = sender_at(m, d)
    if sender.most_hedges == 0:
        return NEVER
    if sender.hedge_share == 0.0:
        return sender.hedge_ns
    return end_of_bucket_ns(sender.seen_bucket) if sender.seen >= FEWEST_SEEN else NEVER


@word
def begin_call(m: Model, t: int) -> int:
    """The request of a token becomes a call."""
    k = open_call(m)
    call, token = call_at(m, k), token_at(m, t)
    call.root, call.sent_ns, call.row, call.client = token.root, token.sent_ns, token.row, token.client
    call.units, call.of_class = token.units, token.of_class
    copy = copy_at(m, t)
    call.key, call.request_bytes, call.up_ns = copy.key, copy.request_bytes, copy.up_ns
    call.attempts = call.tries = call.copies = 0
    call.attempt = NOTHING
    return k


@word
def send(m: Model, k: int, t: int) -> None:
    """An attempt at a call goes on its way as a token, with its timeout and the copy that may follow."""
    call, a = call_at(m, k), open_attempt(m)
    attempt, sender = attempt_at(m, a), sender_at(m, sender_of(m, k))
    m.alarms_set += 1
    attempt.call, attempt.stamp, attempt.sent_ns, attempt.up_ns = k, m.alarms_set, m.now_ns, call.up_ns
    attempt.number, attempt.token, attempt.heard = call.attempts, t, 0
    attempt.order = (call.root * m.attempts + call.attempts) * m.branches
    attempt.next, call.attempt = call.attempt, a
    call.attempts += 1
    copy_at(m, t).attempt = a
    note_attempt(m, k, a)
    if sender.timeout_ns < NEVER:
        set_alarm(m, GIVES_UP, attempt.order, a, attempt.stamp, m.now_ns + sender.timeout_ns)
    after_ns = hedge_after_ns(m, sender_of(m, k))
    if after_ns < NEVER:
        set_alarm(m, HEDGES, attempt.order, a, attempt.stamp, m.now_ns + after_ns)
    m.alarms_set += 1
    copy = copy_at(m, t)
    copy.stage, copy.alarm = DELAYED, m.alarms_set
    set_alarm(m, COMES, attempt.order, t, copy.alarm, m.now_ns + call.up_ns)


@word
def send_again(m: Model, k: int) -> None:
    """A further attempt at a call."""
    call, t = call_at(m, k), take_token(m)
    token, copy, of_class = token_at(m, t), copy_at(m, t), class_at(m, call.of_class)
    token.root, token.order = call.root, (call.root * m.attempts + call.attempts) * m.branches
    token.sent_ns, token.client, token.row = call.sent_ns, call.client, call.row
    token.units, token.of_class, token.node = call.units, call.of_class, of_class.first_node
    token.waited_ns = token.served_ns = 0
    copy.called_off = copy.branch = copy.delayed_ns = copy.fetches = 0
    copy.parent = copy.child = NOTHING
    copy.key, copy.request_bytes, copy.up_ns = call.key, call.request_bytes, call.up_ns
    send(m, k, t)


@word
def end_call(m: Model, k: int, outcome: int, a: int) -> None:
    """A request has ended, with the answer of an attempt or without one (`NOTHING`), and its sender knows.

    If the run has stopped before, it stays in flight.
    """
    call = call_at(m, k)
    if m.now_ns > m.stop_ns:
        return
    if call.sent_ns < m.horizon_ns:
        m.unanswered -= 1
        if a == NOTHING:
            note_given_up(m, k, outcome)
        else:
            note_answered(m, k, a)
    if call.client != NOTHING:
        think(m, call.client, outcome, m.now_ns)
    drop_call(m, k)


@word
def hear_of(m: Model, a: int, outcome: int) -> None:
    """Its sender waits for an attempt no more; the attempt is no more either, once the system is done with it."""
    attempt = attempt_at(m, a)
    call = call_at(m, attempt.call)
    if call.attempt == a:
        call.attempt = attempt.next
    else:
        before = call.attempt
        while attempt_at(m, before).next != a:
            before = attempt_at(m, before).next
        attempt_at(m, before).next = attempt.next
    attempt.heard = 1
    note_attempt_over(m, a, outcome)


@word
def forget(m: Model, a: int) -> None:
    """An attempt is no more."""
    attempt_at(m, a).stamp = NOTHING
    drop_attempt(m, a)


@word
def cancel(m: Model, a: int) -> None:
    """The system will learn that nobody waits for an attempt."""
    attempt = attempt_at(m, a)
    set_alarm(m, CANCELLED, attempt.order, a, attempt.stamp, m.now_ns + attempt.up_ns)


@word
def may_retry(m: Model, k: int, outcome: int) -> bool:
    """Whether a call is tried again after an outcome; if so that is counted."""
    call, sender = call_at(m, k), sender_at(m, sender_of(m, k))
    if call.tries >= sender.most_retries or not retried_at(m, sender_of(m, k))[outcome]:
        return False
    if sender.budget != UNLIMITED:
        if sender.balance < MILLION:
            return False
        sender.balance -= MILLION
    return True


@word
def pause_ns(m: Model, k: int) -> int:
    """How long a sender pauses before it tries a call again."""
    call, d = call_at(m, k), sender_of(m, k)
    sender, most_ns = sender_at(m, d), backoff_ns_at(m, d)[call.tries]
    if sender.jitter == NO_JITTER:
        return most_ns
    u = uniform(m, sender.backoff_key, call.root * m.attempts + call.attempts)
    drawn_ns = u * most_ns if sender.jitter == FULL_JITTER else most_ns / 2 + u * most_ns / 2
    return int(np.rint(drawn_ns))


@word
def go_unanswered(m: Model, k: int, outcome: int) -> None:
    """An attempt at a call was no answer: it is tried again once no other is under way, or the call has ended."""
    call = call_at(m, k)
    if call.attempt != NOTHING:
        return
    if may_retry(m, k, outcome):
        order = (call.root * m.attempts + call.attempts) * m.branches
        set_alarm(m, RESENT, order, k, 0, m.now_ns + pause_ns(m, k))
        call.tries += 1
        call.copies = 0
    else:
        end_call(m, k, outcome, NOTHING)


@word
def first_send(m: Model, t: int) -> None:
    """A request is sent by its sender for the first time, unless the breaker is open."""
    token = token_at(m, t)
    d = class_at(m, token.of_class).sender
    sender = sender_at(m, d)
    k = begin_call(m, t)
    if not lets_through(m, d):
        end_call(m, k, REJECTED, NOTHING)
        give_back(m, t)
        return
    if sender.budget != UNLIMITED:
        sender.balance = min(MOST_BALANCE, sender.balance + sender.budget)
    send(m, k, t)


@word
def leave(m: Model, t: int, outcome: int) -> None:
    """The token of an attempt leaves the system; an answer is on its way to the sender."""
    token, copy, a = token_at(m, t), copy_at(m, t), copy_at(m, t).attempt
    attempt = attempt_at(m, a)
    attempt.token = NOTHING
    if attempt.heard:
        forget(m, a)
    else:
        attempt.outcome, attempt.waited_ns, attempt.served_ns = outcome, token.waited_ns, token.served_ns
        attempt.delayed_ns = copy.delayed_ns
        at_ns = m.now_ns + class_at(m, token.of_class).down_ns
        set_alarm(m, ANSWERED, attempt.order, a, attempt.stamp, at_ns)
    give_back(m, t)


@word
def answered(m: Model, a: int) -> None:
    """An answer reaches its sender."""
    attempt = attempt_at(m, a)
    k, outcome = attempt.call, attempt.outcome
    if attempt.heard:
        forget(m, a)
        return
    d = sender_of(m, k)
    hear_of(m, a, outcome)
    hear(m, d, int(outcome != COMPLETED))
    if outcome != COMPLETED:
        forget(m, a)
        go_unanswered(m, k, outcome)
        return
    if sender_at(m, d).hedge_share > 0.0:
        see(m, d, m.now_ns - attempt.sent_ns)
    while call_at(m, k).attempt != NOTHING:
        other = call_at(m, k).attempt
        hear_of(m, other, CALLED_OFF)
        cancel(m, other)
    end_call(m, k, COMPLETED, a)
    forget(m, a)


@word
def gives_up(m: Model, a: int) -> None:
    """A sender has waited for the timeout of an attempt."""
    k = attempt_at(m, a).call
    d = sender_of(m, k)
    if sender_at(m, d).cancels:
        cancel(m, a)
    hear_of(m, a, TIMED_OUT)
    hear(m, d, 1)
    go_unanswered(m, k, TIMED_OUT)


@word
def hedges(m: Model, a: int) -> None:
    """A sender has waited for an attempt so long that it sends a copy."""
    k = attempt_at(m, a).call
    d = sender_of(m, k)
    if call_at(m, k).copies < sender_at(m, d).most_hedges and lets_through(m, d):
        call_at(m, k).copies += 1
        send_again(m, k)


@word
def resent(m: Model, k: int) -> None:
    """A sender has paused, and tries a call again."""
    if lets_through(m, sender_of(m, k)):
        send_again(m, k)
    else:
        end_call(m, k, REJECTED, NOTHING)
