"""The arrays behind the record of a model."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import fields
from operator import attrgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from capsim.engine.kernel.layout import Layout, dtype_of

CACHE_LINE = 64


def table(records: Sequence[Any], of: type[Any]) -> NDArray[Any]:
    """Records as an array."""
    kind = dtype_of(of)
    return np.array([*map(attrgetter(*(kind.names or ())), records)], kind)


def _lined(array: NDArray[Any]) -> NDArray[Any]:
    """A copy that begins where a cache line does."""
    room = np.empty(array.nbytes + CACHE_LINE, np.uint8)
    start = -room.ctypes.data % CACHE_LINE
    copy = room[start : start + array.nbytes].view(array.dtype).reshape(array.shape)
    copy[...] = array
    return copy


class Arrays:
    """The arrays of a model, kept alive and in step with its record.

    Where the clock has a field `many_` and the name of an array, it says how long that is.
    """

    def __init__(self, layout: Layout, clock: Mapping[str, int], arrays: Mapping[str, NDArray[Any]]) -> None:
        self._layout = layout
        self._clock = {field.name for field in fields(layout.clock)}
        self.record = np.zeros(1, layout.dtype)
        self.now = self.record[0]
        self._arrays: dict[str, NDArray[Any]] = {}
        for name, value in clock.items():
            self.now[name] = value
        for name, array in arrays.items():
            self[name] = array

    def __getitem__(self, name: str) -> NDArray[Any]:
        """The array of this name."""
        return self._arrays[name]

    def __setitem__(self, name: str, array: NDArray[Any]) -> None:
        """Put another array in the place of one."""
        part = self._layout.named[name.removesuffix("_starts")]
        kind = dtype_of(part.of) if part.kind == "table" else np.dtype("i8" if name != part.name else part.of)
        kept = np.ascontiguousarray(array, dtype=kind)
        if name in self._layout.lined:
            kept = _lined(kept)
        self._arrays[name] = kept
        self.now[name] = kept.ctypes.data
        if f"many_{name}" in self._clock:
            self.now[f"many_{name}"] = len(kept)

    def lengthen(self, name: str) -> None:
        """Twice the length; what is new is not yet anything."""
        longer = np.empty((2 * len(self[name]), *self[name].shape[1:]), self[name].dtype)
        longer[: len(self[name])] = self[name]
        self[name] = longer


def in_rows(name: str, rows: Sequence[Sequence[Any] | NDArray[Any]], code: str) -> dict[str, NDArray[Any]]:
    """Rows one after the other, and where each begins and the last ends."""
    starts = [0, *itertools.accumulate(len(row) for row in rows)]
    cells = np.concatenate([np.asarray(row, code) for row in rows]) if starts[-1] else np.zeros(1, code)
    return {name: cells, f"{name}_starts": np.array(starts, np.int64)}
