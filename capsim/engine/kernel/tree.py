"""Winner trees: the smallest of many keys, of equals the first, in logarithmic time.

Many trees share two columns. A tree of `size` leaves (a power of two) takes 2 · size cells from `base` on:
`winners[base + node]` is the winning leaf below a node (1 is the root, leaf i is node size + i), and
`keys[base + leaf]` is the key of a leaf.
"""

from __future__ import annotations

from capsim.engine.kernel.layout import word
from capsim.engine.kernel.records import Model, keys_of, winners_of

ROOT = 1


@word
def put(m: Model, base: int, size: int, leaf: int, key: int) -> None:
    """Give a leaf another key."""
    keys, winners = keys_of(m), winners_of(m)
    keys[base + leaf] = key
    node = (size + leaf) >> 1
    while node >= ROOT:
        left, right = winners[base + 2 * node], winners[base + 2 * node + 1]
        winner = right if keys[base + right] < keys[base + left] else left
        # Nothing changes above a node that this leaf neither won nor wins.
        if winner != leaf and winners[base + node] != leaf:
            return
        winners[base + node] = winner
        node >>= 1
