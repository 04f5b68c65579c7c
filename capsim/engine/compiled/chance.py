"""The uniforms of `capsim.random`, compiled: integer arithmetic, so that they are the same to the last bit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import types
from numpy.typing import NDArray

from capsim.engine.compiled.cache import entry, part
from capsim.random import GOLDEN, MIX_1, MIX_2, Stream

ONE, TWELVE, TWENTY_SEVEN, THIRTY, THIRTY_ONE = (np.uint64(n) for n in (1, 12, 27, 30, 31))


@part(types.float64(types.uint64, types.int64))
def uniform(key: Any, index: int) -> float:
    """The uniform of a stream at an index; see `Stream.uniforms`."""
    z = np.uint64(key) + (np.uint64(index) + ONE) * GOLDEN
    z = (z ^ (z >> THIRTY)) * MIX_1
    z = (z ^ (z >> TWENTY_SEVEN)) * MIX_2
    z = z ^ (z >> THIRTY_ONE)
    return (np.float64(z >> TWELVE) + 0.5) * 2.0**-52


def _fill(found: NDArray[np.float64], keys: NDArray[np.uint64], starts: NDArray[np.int64]) -> None:
    for row in range(found.shape[0]):
        for i in range(found.shape[1]):
            found[row, i] = uniform(keys[row], starts[row] + i)


fill = entry(_fill, "void(float64[:, ::1], uint64[::1], int64[::1])")


def uniforms(keys: NDArray[np.uint64], starts: NDArray[np.int64], count: int) -> NDArray[np.float64]:
    """So many uniforms of each stream from its start on, a row a stream."""
    found = np.empty((len(keys), count))
    fill(found, keys, starts)
    return found


@dataclass(frozen=True)
class QuickStream(Stream):
    """A stream that draws in compiled code."""

    def uniforms(self, start: int, stop: int) -> NDArray[np.float64]:
        """See `Stream.uniforms`."""
        row: NDArray[np.float64] = uniforms(np.array([self.key], dtype=np.uint64), np.array([start]), stop - start)[0]
        return row
