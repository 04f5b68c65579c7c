"""Uniforms of many streams at once, drawn in compiled code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from capsim.engine.compiled.entries import part_at
from capsim.engine.compiled.machine import call
from capsim.random import Stream
from capsim.workload import arrivals


def uniforms(keys: NDArray[np.uint64], starts: NDArray[np.int64], count: int) -> NDArray[np.float64]:
    """So many uniforms of each stream from its start on, a row a stream."""
    found = np.empty((len(keys), count))
    keys, starts = np.ascontiguousarray(keys, np.uint64), np.ascontiguousarray(starts, np.int64)
    call(part_at("chance", "fill"), found.ctypes.data, keys.ctypes.data, starts.ctypes.data, len(keys), count)
    return found


def instants_ns(rate: Any, gaps: NDArray[np.float64]) -> tuple[NDArray[np.int64], float]:
    """See `arrivals.instants_ns`; a constant rate takes one pass."""
    if not isinstance(rate, float):
        return arrivals.instants_ns(rate, gaps, _running_sum)
    found, per_s = np.empty(len(gaps), np.int64), np.array([rate])
    call(part_at("chance", "space_out"), found.ctypes.data, gaps.ctypes.data, len(gaps), per_s.ctypes.data)
    return found, float(gaps[-1])


def _running_sum(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """What `np.cumsum` gives, in the place of the values."""
    call(part_at("chance", "add_up"), values.ctypes.data, len(values))
    return values


@dataclass(frozen=True)
class QuickStream(Stream):
    """A stream that draws in compiled code."""

    def uniforms(self, start: int, stop: int) -> NDArray[np.float64]:
        """See `Stream.uniforms`."""
        row: NDArray[np.float64] = uniforms(np.array([self.key], dtype=np.uint64), np.array([start]), stop - start)[0]
        return row
