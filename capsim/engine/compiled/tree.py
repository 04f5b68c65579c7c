"""Winner trees: the smallest of many keys, of equals the first, in logarithmic time.

Many trees share two arrays. A tree of `size` leaves (a power of two) takes 2 · size cells from `base` on:
`winners[base + node]` is the winning leaf below a node (1 is the root, leaf i is node size + i), and
`keys[base + leaf]` is the key of a leaf.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from capsim.engine.compiled.access import INT, MODEL, NONE, beyond, keys_of, winners_of
from capsim.engine.compiled.cache import part
from capsim.units import NEVER

ROOT = 1


def cells(leaves: int) -> int:
    """How many cells a tree of so many leaves takes; half of them are its size."""
    return 2 << max(leaves - 1, 0).bit_length()


def plant(keys: Any, winners: Any, base: int, start: list[int] | Any) -> int:
    """Lay out a tree with these keys and give its size; leaves beyond them never win."""
    count = cells(len(start))
    size = count // 2
    keys[base : base + size] = NEVER
    keys[base : base + len(start)] = start
    winners[base + size : base + count] = np.arange(size)
    for node in range(size - 1, 0, -1):
        left, right = winners[base + 2 * node], winners[base + 2 * node + 1]
        winners[base + node] = right if keys[base + right] < keys[base + left] else left
    return size


@part(NONE(MODEL, INT, INT, INT, INT))
def put(m: Any, base: int, size: int, leaf: int, key: int) -> None:
    """Give a leaf another key."""
    keys, winners = beyond(keys_of(m), base), beyond(winners_of(m), base)
    keys[leaf] = key
    node = (size + leaf) >> 1
    while node >= ROOT:
        left, right = winners[2 * node], winners[2 * node + 1]
        winner = right if keys[right] < keys[left] else left
        # Nothing changes above a node that this leaf neither won nor wins.
        if winner != leaf and winners[node] != leaf:
            return
        winners[node] = winner
        node >>= 1
