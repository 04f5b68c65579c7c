"""Addressable random numbers: a draw is a pure function of (seed, replication, stream, index).

SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014, figure 17)
as a counter-based generator: the i-th value of a stream is the mix of key + (i + 1) · GOLDEN. Who asks, and in
which order, changes nothing, and a new stream shifts nobody else's numbers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
MIX_2 = np.uint64(0x94D049BB133111EB)


@dataclass(frozen=True)
class Stream:
    """One purpose and owner of chance, for example `service/gpu/3` of replication 0."""

    key: int

    @classmethod
    def named(cls, seed: int, replication: int, name: str) -> Stream:
        """The stream of this name; different names, seeds and replications are unrelated."""
        digest = hashlib.blake2b(f"{seed}/{replication}/{name}".encode(), digest_size=8).digest()
        return cls(int.from_bytes(digest, "little"))

    def uniforms(self, start: int, stop: int) -> NDArray[np.float64]:
        """The uniforms of indices start to stop - 1, each in the open interval (0, 1)."""
        z = np.uint64(self.key) + np.arange(start + 1, stop + 1, dtype=np.uint64) * GOLDEN
        z = (z ^ (z >> np.uint64(30))) * MIX_1
        z = (z ^ (z >> np.uint64(27))) * MIX_2
        z = z ^ (z >> np.uint64(31))
        # 52 bits and a half step: neither 0 nor 1 comes out, so that logarithms are finite.
        return ((z >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52


def in_order(draw: Callable[[int, int], NDArray[np.float64]], block: int) -> Iterator[float]:
    """The draws of index 0, 1, 2 … one by one, drawn `block` at a time."""
    start = 0
    while True:
        yield from draw(start, start + block).tolist()
        start += block
