"""Caches: who finds an answer, what is put in, and who waits for a key that another fetches."""

from __future__ import annotations

from capsim.engine.kernel.layout import NOTHING, PLAIN, word
from capsim.engine.kernel.lines import append
from capsim.engine.kernel.path import FETCHED, PASSING, cache_at, copy_at, entry_at
from capsim.engine.kernel.records import Model, cache_shares_at, node_at, token_at
from capsim.engine.kernel.words import pass_on, uniform
from capsim.engine.model.classes import place_in


@word
def key_of(m: Model, c: int, t: int) -> int:
    """The key of a token at a cache: drawn there, or that of its request; `NOTHING` where that has none."""
    n = cache_at(m, c).node
    if cache_at(m, c).draws:
        return place_in(cache_shares_at(m, n), uniform(m, node_at(m, n).key, token_at(m, t).root))
    return copy_at(m, t).key


@word
def entry_of(m: Model, c: int, t: int) -> int:
    """The row of what a cache knows of the key of a token."""
    return cache_at(m, c).entries + key_of(m, c, t)


@word
def forget_use(m: Model, c: int, e: int) -> None:
    """Take an entry out of the order of use."""
    cache, entry = cache_at(m, c), entry_at(m, e)
    if entry.newer == NOTHING:
        cache.newest = entry.older
    else:
        entry_at(m, entry.newer).older = entry.older
    if entry.older == NOTHING:
        cache.oldest = entry.newer
    else:
        entry_at(m, entry.older).newer = entry.newer


@word
def use(m: Model, c: int, e: int) -> None:
    """An entry, which is in no order, is the one used last."""
    cache, entry = cache_at(m, c), entry_at(m, e)
    entry.newer, entry.older = NOTHING, cache.newest
    if cache.newest == NOTHING:
        cache.oldest = e
    else:
        entry_at(m, cache.newest).newer = e
    cache.newest = e


@word
def put_in(m: Model, c: int, e: int) -> None:
    """A cache knows an entry from now on; the one that was used longest ago leaves where there is no room."""
    cache, entry = cache_at(m, c), entry_at(m, e)
    if entry.put_ns != NOTHING:
        forget_use(m, c, e)
    else:
        cache.count += 1
    entry.put_ns = m.now_ns
    use(m, c, e)
    if cache.count > cache.capacity:
        leaving = cache.oldest
        forget_use(m, c, leaving)
        entry_at(m, leaving).put_ns = NOTHING
        cache.count -= 1


@word
def knows(m: Model, c: int, t: int) -> bool:
    """Whether a cache has an answer for a token; its key then is the one used last."""
    cache = cache_at(m, c)
    if cache.hit_share >= 0.0:
        return uniform(m, node_at(m, cache.node).key, token_at(m, t).root) < cache.hit_share
    if key_of(m, c, t) == NOTHING:
        return False
    e = entry_of(m, c, t)
    put_ns = entry_at(m, e).put_ns
    if put_ns == NOTHING or m.now_ns - put_ns > cache.ttl_ns:
        return False
    forget_use(m, c, e)
    use(m, c, e)
    return True


@word
def pass_to(m: Model, t: int, n: int) -> None:
    """A token goes on to a node."""
    token_at(m, t).node = n
    if not PLAIN:
        copy_at(m, t).stage = PASSING
    pass_on(m, t)


@word
def fetch(m: Model, c: int, t: int) -> bool:
    """Whether a token that found nothing fetches its key itself; otherwise it waits for the one that does."""
    cache = cache_at(m, c)
    if cache.hit_share >= 0.0 or key_of(m, c, t) == NOTHING:
        return True
    if cache.coalesces:
        entry = entry_at(m, entry_of(m, c, t))
        if entry.fetched_by != NOTHING:
            token_at(m, t).since_ns, token_at(m, t).next = m.now_ns, NOTHING
            copy_at(m, t).stage = FETCHED
            if entry.first == NOTHING:
                entry.first = t
            else:
                token_at(m, entry.last).next = t
            entry.last = t
            return False
        entry.fetched_by = t
    copy_at(m, t).fetches |= 1 << c
    return True


@word
def next_waiting(m: Model, e: int) -> int:
    """The first of those who wait for the key of an entry waits no longer; `NOTHING` where nobody does."""
    entry = entry_at(m, e)
    t = entry.first
    if t != NOTHING:
        entry.first = token_at(m, t).next
        copy_at(m, t).delayed_ns += m.now_ns - token_at(m, t).since_ns
    return t


@word
def release(m: Model, c: int, t: int) -> None:
    """Those who wait for what a token fetches wait no longer; they stand in the line of those whose turn it is."""
    if cache_at(m, c).coalesces:
        e = entry_of(m, c, t)
        entry_at(m, e).fetched_by = NOTHING
        waiting = next_waiting(m, e)
        while waiting != NOTHING:
            append(m, m.turn_line, waiting)
            waiting = next_waiting(m, e)


@word
def fill(m: Model, t: int, n: int) -> None:
    """A token that goes to a node, or to the end, fills the caches that it looked into on the way there."""
    copy, c = copy_at(m, t), 0
    while copy.fetches >> c:
        if copy.fetches >> c & 1 and node_at(m, cache_at(m, c).node).hit == n:
            copy.fetches ^= 1 << c
            put_in(m, c, entry_of(m, c, t))
            release(m, c, t)
        c += 1


@word
def fail_to_fetch(m: Model, t: int) -> None:
    """A token is lost, and with it those who wait for what it fetches."""
    copy, c = copy_at(m, t), 0
    while copy.fetches >> c:
        if copy.fetches >> c & 1:
            release(m, c, t)
        c += 1
    copy.fetches = 0


@word
def hand_over(m: Model, t: int) -> None:
    """A token is called off: the first who waits for what it fetches goes on in its place."""
    copy, c = copy_at(m, t), 0
    while copy.fetches >> c:
        if copy.fetches >> c & 1 and cache_at(m, c).coalesces:
            e = entry_of(m, c, t)
            heir = next_waiting(m, e)
            entry_at(m, e).fetched_by = heir
            if heir != NOTHING:
                copy_at(m, heir).fetches |= 1 << c
                pass_to(m, heir, node_at(m, cache_at(m, c).node).next)
        c += 1
    copy.fetches = 0


@word
def wait_no_longer(m: Model, t: int) -> None:
    """A token that waits for what another fetches is called off."""
    c = node_at(m, token_at(m, t).node).of
    entry = entry_at(m, entry_of(m, c, t))
    if entry.first == t:
        entry.first = token_at(m, t).next
        return
    before = entry.first
    while token_at(m, before).next != t:
        before = token_at(m, before).next
    token_at(m, before).next = token_at(m, t).next
    if entry.last == t:
        entry.last = before
