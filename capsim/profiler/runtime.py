"""What the measuring harness asks of a runtime.

A runtime is one file beside this one: it loads a model, and for a batch size gives back a function that
runs one batch of that size to its end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from capsim.errors import MeasurementError

Run = Callable[[], object]


class OutOfMemoryError(MeasurementError):
    """A batch does not fit in the memory of this machine."""


class Runtime(Protocol):
    """A loaded model that can run batches."""

    @property
    def name(self) -> str:
        """Name without version, as it stands in file names."""

    @property
    def version(self) -> str:
        """Version of the runtime."""

    @property
    def precision(self) -> str:
        """Numeric precision of the model's weights, for example `fp32`."""

    def conditions(self) -> Mapping[str, object]:
        """What the profile should say of how this runtime ran the model (input shapes, options)."""

    def prepare(self, batch_size: int) -> Run:
        """Build the inputs of one batch and return a function that runs it and waits for its result.

        Raises:
            OutOfMemoryError: the inputs do not fit (running raises it where a batch does not fit).
            MeasurementError: the model cannot run this batch size.
        """
