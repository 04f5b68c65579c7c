"""Winner trees laid out one after the other: events, clients, steps, shared queues; see `tree`."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from capsim.engine.blueprint import Blueprint, ClientsPlan
from capsim.engine.compiled.features import Features
from capsim.engine.compiled.model import NOTHING
from capsim.serving.balancing import BALANCING
from capsim.units import NEVER

FROM_A_TREE = 16
"""From so many queues on the least loaded one is kept in a tree instead of looked for."""


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


class Trees:
    """All winner trees of a blueprint."""

    def __init__(self, blueprint: Blueprint) -> None:
        self.servers = sum(pool.servers for pool in blueprint.pools)
        has_after = any(pool.after_ns for pool in blueprint.pools)
        has_before = any(pool.before_ns for pool in blueprint.pools)
        self.after_leaf = self.servers
        self.before_leaf = self.after_leaf + (self.servers if has_after else 0)
        full = Features.of(blueprint, rows=False).full
        self.timer_leaf = self.before_leaf + (self.servers if has_before else 0) if full else 0
        starts: list[list[int]] = [[NEVER] * (self.timer_leaf + len(blueprint.queues))]
        self.clients = self._add(starts, _first_arrivals(blueprint))
        self.of_step = [
            self._add(starts, [0] * len(step.queues))
            if _keeps_tree(step.balancing) and len(step.queues) >= FROM_A_TREE
            else NOTHING
            for step in blueprint.steps
        ]
        self.of_queue = [
            self._add(starts, [0] * queue.servers) if queue.servers > 1 else NOTHING for queue in blueprint.queues
        ]
        bases = [0, *itertools.accumulate(cells(len(start)) for start in starts)]
        self.keys = np.full(bases[-1], NEVER, np.int64)
        self.winners = np.zeros(bases[-1], np.int64)
        self.sizes = [plant(self.keys, self.winners, base, start) for base, start in zip(bases, starts, strict=False)]
        self.bases = bases
        self.first_of_queue: list[int] = []
        self.of_queues = self._by_queue(blueprint)

    @staticmethod
    def _add(starts: list[list[int]], start: list[int]) -> int:
        starts.append(start)
        return len(starts) - 1

    def base(self, tree: int) -> int:
        """Where a tree begins."""
        return NOTHING if tree == NOTHING else self.bases[tree]

    def _by_queue(self, blueprint: Blueprint) -> NDArray[np.int64]:
        """For each queue in turn, the trees that its load stands in: base, size, leaf."""
        rows: list[list[tuple[int, int, int]]] = [[] for _ in blueprint.queues]
        for step, tree in zip(blueprint.steps, self.of_step, strict=True):
            if tree != NOTHING:
                for leaf, q in enumerate(step.queues):
                    rows[q].append((self.bases[tree], self.sizes[tree], leaf))
        self.first_of_queue = [0, *itertools.accumulate(len(row) for row in rows)]
        return np.array([row for of_queue in rows for row in of_queue], np.int64).reshape(-1, 3)


def _keeps_tree(policy: str) -> bool:
    return bool(getattr(BALANCING[policy], "LEAST_LOADED", False))


def _first_arrivals(blueprint: Blueprint) -> list[int]:
    if not isinstance(blueprint.arrivals, ClientsPlan):
        return [NEVER]
    return [instant + blueprint.up_ns for instant in blueprint.arrivals.starts_ns]
