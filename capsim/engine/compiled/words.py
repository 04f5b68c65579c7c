"""The words that the compiled engine brings along."""

from __future__ import annotations

import numpy as np

from capsim.engine.compiled.alarms import add_alarm
from capsim.engine.compiled.records import (
    WANTS_BATCHES,
    WANTS_CALLS,
    WANTS_CHANGES,
    WANTS_DRAWS,
    WANTS_ENDINGS,
    WANTS_LOOK_UPS,
    WANTS_REFUSALS,
    WANTS_REQUESTS,
    WANTS_SENDINGS,
    WANTS_THINK,
    WANTS_TOKENS,
    WANTS_TRIES,
    WANTS_VISITS,
    Machine,
    cycles_of,
    draws_of,
    first_leaf_of,
    passing_of,
    think_ns_of,
    think_of,
)
from capsim.engine.kernel.asking import attempt_at, call_at, ending_at
from capsim.engine.kernel.heap import push
from capsim.engine.kernel.layout import NOTHING, Key, inlined, word
from capsim.engine.kernel.order import ARRIVAL
from capsim.engine.kernel.records import pool_at, server_at, token_at
from capsim.engine.kernel.tree import put
from capsim.random import GOLDEN, MIX_1, MIX_2

KINDS_APART = 40
"""Binary digits of an order within its kind."""

ONE, TWELVE, TWENTY_SEVEN, THIRTY, THIRTY_ONE = (np.uint64(n) for n in (1, 12, 27, 30, 31))


@inlined
def ring_at(m: Machine, kind: int, number: int, at_ns: int) -> None:
    """See `kernel.words`."""
    if kind == ARRIVAL:
        put(m, m.clients_base, m.clients_size, number, at_ns)
    else:
        put(m, m.events_base, m.events_size, first_leaf_of(m)[kind] + number, at_ns)


@inlined
def set_alarm(m: Machine, kind: int, order: int, place: int, stamp: int, at_ns: int) -> None:
    """See `kernel.words`."""
    add_alarm(m, (kind << KINDS_APART) + order, place, stamp, at_ns)


@word
def pass_on(m: Machine, t: int) -> None:
    """See `kernel.words`."""
    m.passing_count = push(passing_of(m), m.passing_count, token_at(m, t).order, t)


@word
def few_free(m: Machine) -> bool:
    """Whether there might not be enough free tokens for the widest split."""
    t = m.free
    for _ in range(m.widest):
        if token_at(m, t).next == NOTHING:
            return True
        t = token_at(m, t).next
    return False


@inlined
def take_token(m: Machine) -> int:
    """See `kernel.words`."""
    t = m.free
    m.free = token_at(m, t).next
    if m.free == NOTHING or (m.widest > 0 and few_free(m)):
        m.wants |= WANTS_TOKENS
    return t


@inlined
def give_back(m: Machine, t: int) -> None:
    """See `kernel.words`."""
    token_at(m, t).next = m.free
    m.free = t


@inlined
def open_request(m: Machine) -> int:
    """See `kernel.words`."""
    m.requests_count += 1
    if m.requests_count == m.many_requests:
        m.wants |= WANTS_REQUESTS
    return m.requests_count - 1


@inlined
def open_visit(m: Machine) -> int:
    """See `kernel.words`."""
    m.visits_count += 1
    if m.visits_count == m.many_visits:
        m.wants |= WANTS_VISITS
    return m.visits_count - 1


@inlined
def open_look_up(m: Machine) -> int:
    """See `kernel.words`; from one pause to the next there is one at most."""
    m.look_ups_count += 1
    if m.look_ups_count == m.many_look_ups:
        m.wants |= WANTS_LOOK_UPS
    return m.look_ups_count - 1


@inlined
def open_sending(m: Machine) -> int:
    """See `kernel.words`; from one pause to the next there is one at most, as of all that is opened below."""
    m.sendings_count += 1
    if m.sendings_count == m.many_sendings:
        m.wants |= WANTS_SENDINGS
    return m.sendings_count - 1


@word
def open_call(m: Machine) -> int:
    """See `kernel.words`."""
    k = m.free_call
    m.free_call = call_at(m, k).next
    if m.free_call == NOTHING:
        m.wants |= WANTS_CALLS
    return k


@word
def drop_call(m: Machine, k: int) -> None:
    """See `kernel.words`."""
    call_at(m, k).next = m.free_call
    m.free_call = k


@word
def open_attempt(m: Machine) -> int:
    """See `kernel.words`."""
    a = m.free_try
    m.free_try = attempt_at(m, a).next
    if m.free_try == NOTHING:
        m.wants |= WANTS_TRIES
    return a


@word
def drop_attempt(m: Machine, a: int) -> None:
    """See `kernel.words`."""
    attempt_at(m, a).next = m.free_try
    m.free_try = a


@word
def open_ending(m: Machine) -> int:
    """See `kernel.words`."""
    e = m.free_ending
    m.free_ending = ending_at(m, e).next
    if m.free_ending == NOTHING:
        m.wants |= WANTS_ENDINGS
    return e


@word
def drop_ending(m: Machine, e: int) -> None:
    """See `kernel.words`."""
    ending_at(m, e).next = m.free_ending
    m.free_ending = e


@inlined
def open_refusal(m: Machine) -> int:
    """See `kernel.words`; at one instant each token is turned away once at most."""
    m.refusals_count += 1
    if m.refusals_count + m.many_tokens > m.many_refusals:
        m.wants |= WANTS_REFUSALS
    return m.refusals_count - 1


@inlined
def open_change(m: Machine) -> int:
    """See `kernel.words`; at one instant each token comes to and leaves one station at most."""
    m.changes_count += 1
    if m.changes_count + 2 * m.many_tokens > m.many_changes:
        m.wants |= WANTS_CHANGES
    return m.changes_count - 1


@inlined
def open_batch(m: Machine) -> int:
    """See `kernel.words`; at one instant each instance begins one batch at most."""
    m.batches_count += 1
    if m.batches_count + m.many_instances > m.many_batches:
        m.wants |= WANTS_BATCHES
    return m.batches_count - 1


@word
def uniform_of(key: Key, index: int) -> float:
    """The uniform of a stream at an index; see `Stream.uniforms`."""
    z = np.uint64(key) + (np.uint64(index) + ONE) * GOLDEN
    z = (z ^ (z >> THIRTY)) * MIX_1
    z = (z ^ (z >> TWENTY_SEVEN)) * MIX_2
    z = z ^ (z >> THIRTY_ONE)
    return float((np.float64(z >> TWELVE) + 0.5) * 2.0**-52)


@inlined
def uniform(m: Machine, key: Key, index: int) -> float:
    """See `kernel.words`."""
    return uniform_of(key, index)


@inlined
def variate(m: Machine, v: int, number: int) -> float:
    """See `kernel.words`."""
    server = server_at(m, v)
    place = number - server.drawn_from
    # At one instant a server begins as many batches as it has instances, at most.
    if place + 1 + pool_at(m, server.pool).instances > m.draws_room:
        m.wants |= WANTS_DRAWS
    return draws_of(m)[v * m.draws_room + place]


@inlined
def next_think_ns(m: Machine, client: int) -> int:
    """See `kernel.words`."""
    cycles, think_ns = cycles_of(m), think_ns_of(m)[client]
    if m.think_drawn:
        place = cycles[2 * client] - cycles[2 * client + 1]
        think_ns = int(np.rint(think_of(m)[client * m.think_room + place] * think_ns))
        # From one look at what is wanted to the next a client is answered twice at most.
        if place + 3 > m.think_room:
            m.wants |= WANTS_THINK
    cycles[2 * client] += 1
    return think_ns
