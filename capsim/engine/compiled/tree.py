"""Winner trees: the smallest of many keys, of equals the first, in logarithmic time.

Many trees share two arrays. A tree of `size` leaves (a power of two) takes 2 · size cells from `base` on:
`winners[base + node]` is the winning leaf below a node (1 is the root, leaf i is node size + i), and
`keys[base + leaf]` is the key of a leaf.
"""

from __future__ import annotations

from typing import Any

from capsim.engine.compiled.access import INT, MODEL, NONE, beyond, keys_of, winners_of
from capsim.engine.compiled.compiler import part

ROOT = 1


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
