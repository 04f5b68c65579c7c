"""Winner trees laid out one after the other; see `tree`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from capsim.units import NEVER


class Tree(NamedTuple):
    """Where a tree begins, and how many leaves it has room for."""

    base: int
    size: int


class Forest:
    """Trees that grow one after the other."""

    def __init__(self) -> None:
        self._keys = [np.zeros(0, np.int64)]
        self._winners = [np.zeros(0, np.int64)]
        self._cells = 0

    def plant(self, start: Sequence[int]) -> Tree:
        """Lay out a tree with these keys; leaves beyond them never win."""
        size = 1 << max(len(start) - 1, 0).bit_length()
        keys, winners = np.full(2 * size, NEVER, np.int64), np.arange(-size, size, dtype=np.int64)
        keys[: len(start)] = start
        for node in range(size - 1, 0, -1):
            left, right = winners[2 * node], winners[2 * node + 1]
            winners[node] = right if keys[right] < keys[left] else left
        tree = Tree(self._cells, size)
        self._keys.append(keys)
        self._winners.append(winners)
        self._cells += 2 * size
        return tree

    def columns(self) -> dict[str, NDArray[np.int64]]:
        """The keys and winners of all trees."""
        return {"keys": np.concatenate(self._keys), "winners": np.concatenate(self._winners)}
