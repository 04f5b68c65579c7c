"""Random inputs of a model: shapes and types decide the latency, and so do values in the rare ways named here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from capsim.errors import Fault, InputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_SEED = 1
_WRITTEN = re.compile(r"(?P<dtype>[a-z]+\d+|bool):(?P<shape>\d+(x\d+)*)")
DTYPES = ("float32", "float16", "float64", "int64", "int32", "int8", "uint8", "bool")


@dataclass(frozen=True, slots=True)
class Input:
    """An input of a model; its first dimension is the batch.

    Attributes:
        name: as the model calls it.
        dtype: name of the numpy type.
        shape: of one item; None where the sequence length goes.
        below: bound below which whole numbers are drawn.
    """

    name: str
    dtype: str
    shape: tuple[int | None, ...]
    below: int = 2

    def draw(self, batch_size: int, rng: np.random.Generator) -> NDArray[np.generic]:
        """Random values of shape (batch_size, *shape).

        Normal numbers, since denormal ones are slow; rows of tables at random, since one row read over and
        over would stay in the cache; a mask of ones, since padding may be skipped.
        """
        import numpy as np

        shape = (batch_size, *(size or 1 for size in self.shape))
        dtype = np.dtype(self.dtype)
        if np.issubdtype(dtype, np.floating):
            return rng.standard_normal(shape, np.float32).astype(dtype)
        if "mask" in self.name:
            return np.ones(shape, dtype)
        return rng.integers(0, self.below, shape).astype(dtype)


def draw(inputs: Sequence[Input], batch_size: int) -> dict[str, NDArray[np.generic]]:
    """Every input of one batch, the same values each time.

    Raises:
        MemoryError: they do not fit in memory.
    """
    import numpy as np

    rng = np.random.default_rng(_SEED)
    try:
        return {each.name: each.draw(batch_size, rng) for each in inputs}
    except ValueError as error:
        # numpy's word for a size beyond what an address can hold.
        raise MemoryError from error


def with_length(inputs: Sequence[Input], sequence_length: int | None) -> tuple[Input, ...]:
    """The inputs with the sequence length in every place that waits for it.

    Raises:
        InputError: there is such a place, and no length was given.
    """
    if sequence_length is None:
        faults = [
            Fault(each.name, "has a free dimension: give --sequence-length") for each in inputs if None in each.shape
        ]
        if faults:
            raise InputError("the command line", faults)
    return tuple(
        replace(each, shape=tuple(sequence_length if size is None else size for size in each.shape)) for each in inputs
    )


def described(inputs: Sequence[Input]) -> Mapping[str, list[object]]:
    """The shapes as the profile says them."""
    return {each.name: ["batch", *each.shape] for each in inputs}


def parse(text: str, number: int) -> Input:
    """An input from the command line, such as float32:3x224x224 for one item.

    Raises:
        InputError: it is written otherwise.
    """
    match = _WRITTEN.fullmatch(text)
    if match is None or match["dtype"] not in DTYPES:
        expected = f"expected TYPE:SIZExSIZE… without the batch, such as float32:3x224x224, got '{text}'"
        raise InputError("the command line", [Fault("--input", f"{expected}; types are {', '.join(DTYPES)}")])
    return Input(f"input{number}", match["dtype"], tuple(int(size) for size in match["shape"].split("x")))
