"""Records of what goes beyond one token a request on a line of stations; see `records`."""

from __future__ import annotations

from dataclasses import dataclass

from capsim.engine.kernel.layout import NOTHING, Number, Whole16, Whole32, Whole64, table

HELD, WAITING, DELAYED, PASSING, PARKED, FETCHED = range(6)
"""Where a token is: in a front end or a batch, which it can't be taken from; in a queue; until an alarm; between nodes;
at a split, while its copies are under way; at a cache, while another fetches its key."""


@dataclass(slots=True)
class Copy:
    """What of a token matters only where a request can have several, or where one can be called off.

    A token at a split is the `parent` of a chain of copies from `child` over `sibling`; of those so many are `alive`,
    and so many of them `missing` until it goes on. `alarm` is what it waits for, `fetches` has a bit for each cache
    that it fetches a key for.
    """

    stage: Whole16 = 0
    called_off: Whole16 = 0
    branch: Whole32 = 0
    parent: Whole32 = 0
    child: Whole32 = 0
    sibling: Whole32 = 0
    missing: Whole16 = 0
    alive: Whole16 = 0
    attempt: Whole32 = 0
    station: Whole32 = 0
    alarm: Whole64 = 0
    delayed_ns: Whole64 = 0
    key: Whole64 = 0
    request_bytes: Whole64 = 0
    up_ns: Whole64 = 0
    fetches: Whole64 = 0


@dataclass(slots=True)
class Link:
    """A link on which messages go one after the other; it is free again at `free_ns`."""

    free_ns: Whole64 = 0


@dataclass(slots=True)
class Cache:
    """What a cache knows: a share of all by chance, or keys from `newest` to `oldest` use.

    What is known of its key k is in row `entries` + k.
    """

    node: Whole64 = 0
    hit_share: Number = 0.0
    capacity: Whole64 = 0
    count: Whole64 = 0
    entries: Whole64 = 0
    draws: Whole64 = 0
    ttl_ns: Whole64 = 0
    coalesces: Whole64 = 0
    newest: Whole64 = 0
    oldest: Whole64 = 0


@dataclass(slots=True)
class Entry:
    """A key of a cache: who was used before and after it, since when it is known, who fetches it, who waits for that.

    Nothing is known of it where `put_ns` is `NOTHING`.
    """

    newer: Whole32 = 0
    older: Whole32 = 0
    put_ns: Whole64 = 0
    fetched_by: Whole32 = 0
    first: Whole32 = 0
    last: Whole32 = 0


def unknown() -> Entry:
    """Of which nothing is known."""
    return Entry(NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING)


link_at, cache_at, entry_at = table("links", Link), table("caches", Cache), table("entries", Entry)
copy_at = table("copies", Copy)

PATH = (link_at, cache_at, entry_at, copy_at)
