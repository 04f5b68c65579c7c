"""The uniforms of `capsim.random`, compiled: integer arithmetic, so that they are the same to the last bit."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types

from capsim.engine.compiled.compiler import part
from capsim.random import GOLDEN, MIX_1, MIX_2
from capsim.units import FAR_S, NS_PER_S

ONE, TWELVE, TWENTY_SEVEN, THIRTY, THIRTY_ONE = (np.uint64(n) for n in (1, 12, 27, 30, 31))
FLOATS, KEYS, STARTS = (types.CPointer(kind) for kind in (types.float64, types.uint64, types.int64))
INSTANTS = types.CPointer(types.int64)
SPACE_OUT = types.void(INSTANTS, FLOATS, types.int64, FLOATS)
SUM = types.void(FLOATS, types.int64)
FILL = types.void(FLOATS, KEYS, STARTS, types.int64, types.int64)


@part(types.float64(types.uint64, types.int64))
def uniform(key: Any, index: int) -> float:
    """The uniform of a stream at an index; see `Stream.uniforms`."""
    z = np.uint64(key) + (np.uint64(index) + ONE) * GOLDEN
    z = (z ^ (z >> THIRTY)) * MIX_1
    z = (z ^ (z >> TWENTY_SEVEN)) * MIX_2
    z = z ^ (z >> THIRTY_ONE)
    return (np.float64(z >> TWELVE) + 0.5) * 2.0**-52


@part(FILL)
def fill(found: Any, keys: Any, starts: Any, rows: int, count: int) -> None:
    """So many uniforms of each stream from its start on, a row a stream."""
    for row in range(rows):
        for i in range(count):
            found[row * count + i] = uniform(keys[row], starts[row] + i)


@part(SUM)
def add_up(values: Any, count: int) -> None:
    """Put in the place of each value the sum of all up to it."""
    for i in range(1, count):
        values[i] += values[i - 1]


@part(SPACE_OUT)
def space_out(found: Any, gaps: Any, count: int, rate: Any) -> None:
    """The instants of `arrivals.instants_ns` at a constant rate; leaves expected counts in the place of the gaps."""
    reached = 0.0
    for i in range(count):
        reached += gaps[i]
        gaps[i] = reached
        found[i] = int(np.rint(min(reached / rate[0], FAR_S) * NS_PER_S))
