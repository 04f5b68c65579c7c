"""Classes: what a request that comes carries, by its class or as recorded."""

from __future__ import annotations

from capsim.engine.kernel.layout import NOTHING, PLAIN, Floats, inlined, word
from capsim.engine.kernel.path import copy_at
from capsim.engine.kernel.records import (
    Model,
    arrival_at,
    class_at,
    client_class_of,
    key_shares_at,
    token_at,
    unit_shares_at,
    unit_values_at,
)
from capsim.engine.kernel.words import uniform


@word
def place_in(shares: Floats, u: float) -> int:
    """The first place whose cumulative share is above a uniform, or the last."""
    low, high = 0, len(shares) - 1
    while low < high:
        middle = (low + high) // 2
        if u < shares[middle]:
            high = middle
        else:
            low = middle + 1
    return low


@word
def draw_units(m: Model, c: int) -> int:
    """The units of the next request of a class."""
    of_class = class_at(m, c)
    if of_class.units > 0:
        return of_class.units
    return unit_values_at(m, c)[place_in(unit_shares_at(m, c), uniform(m, of_class.units_key, of_class.sent))]


@word
def draw_key(m: Model, c: int) -> int:
    """The key of the next request of a class."""
    of_class = class_at(m, c)
    if of_class.keys == 0:
        return NOTHING
    return place_in(key_shares_at(m, c), uniform(m, of_class.keys_key, of_class.sent))


@word
def fill_in(m: Model, t: int, client: int) -> None:
    """A token becomes the next request of its class, which has come now; with a sender it is still with that."""
    token, copy, units, key, size = token_at(m, t), copy_at(m, t), 0, NOTHING, NOTHING
    if client == NOTHING:
        arrival = arrival_at(m, m.arriving)
        token.of_class, units, key, size = arrival.of_class, arrival.units, arrival.key, arrival.request_bytes
        copy.up_ns = arrival.up_ns
    else:
        token.of_class = client_class_of(m)[client]
        copy.up_ns = class_at(m, token.of_class).up_ns
    token.units = units if units > 0 else draw_units(m, token.of_class)
    of_class = class_at(m, token.of_class)
    token.sent_ns = m.now_ns - copy.up_ns if of_class.sender == NOTHING else m.now_ns
    token.node = of_class.first_node
    token.order = token.root * m.attempts * m.branches
    copy.called_off = copy.branch = copy.delayed_ns = copy.fetches = 0
    copy.parent = copy.child = copy.attempt = NOTHING
    copy.key = draw_key(m, token.of_class) if key == NOTHING else key
    copy.request_bytes = of_class.request_bytes if size == NOTHING else size
    of_class.sent += 1


@inlined
def come(m: Model, t: int, client: int) -> None:
    """A token becomes the next request, which has come now from a client or, without one, in an open loop."""
    token = token_at(m, t)
    token.root, token.client = m.sent, client
    m.sent += 1
    if PLAIN:
        token.order, token.units, token.of_class, token.node = token.root, 1, 0, 0
        token.sent_ns = m.now_ns - m.up_ns
    else:
        fill_in(m, t, client)
