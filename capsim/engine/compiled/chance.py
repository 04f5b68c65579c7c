"""Draws of many streams at once in machine code, the same to the last bit as those of `capsim.random`."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types

from capsim.engine.compiled.part import Part
from capsim.engine.compiled.words import uniform_of
from capsim.units import FAR_S, NS_PER_S

FLOATS, KEYS, STARTS = (types.CPointer(kind) for kind in (types.float64, types.uint64, types.int64))
INSTANTS = types.CPointer(types.int64)


def _fill(found: Any, keys: Any, starts: Any, rows: int, count: int) -> None:
    """So many uniforms of each stream from its start on, a row a stream."""
    for row in range(rows):
        for i in range(count):
            found[row * count + i] = uniform_of(keys[row], starts[row] + i)


def _add_up(values: Any, count: int) -> None:
    """Put in the place of each value the sum of all up to it."""
    for i in range(1, count):
        values[i] += values[i - 1]


def _space_out(found: Any, gaps: Any, count: int, rate: Any) -> None:
    """The instants of `arrivals.instants_ns` at a constant rate; leaves expected counts in the place of the gaps."""
    reached = 0.0
    for i in range(count):
        reached += gaps[i]
        gaps[i] = reached
        found[i] = int(np.rint(min(reached / rate[0], FAR_S) * NS_PER_S))


fill = Part(_fill, types.void(FLOATS, KEYS, STARTS, types.int64, types.int64))
add_up = Part(_add_up, types.void(FLOATS, types.int64))
space_out = Part(_space_out, types.void(INSTANTS, FLOATS, types.int64, FLOATS))
