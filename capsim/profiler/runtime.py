"""What the measuring harness asks of a runtime.

A runtime is one file beside this one: it loads a model, and for a batch size gives back a function that
runs one batch of that size to its end.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Protocol

from capsim.errors import MeasurementError

Run = Callable[[], object]
"""Runs one batch to its end; where the device times itself, it returns the milliseconds as a float."""

_LONGEST_REASON = 300


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

    def prepare(self, batch_size: int, instance: int = 0) -> Run:
        """Build the inputs of one batch and return a function that runs it and waits for its result.

        Args:
            batch_size: items in the batch.
            instance: which of those that run at once; each may be called from a thread of its own.

        Raises:
            OutOfMemoryError: the inputs do not fit (running raises it where a batch does not fit).
            MeasurementError: the model cannot run this batch size.
        """


def brief(error: BaseException) -> str:
    """The first line without paths: runtimes add source locations of the machine that built them."""
    text = str(error).strip() or type(error).__name__
    return re.sub(r"\s*(/[\w.-]+){2,}\S*", "", text.splitlines()[0])[:_LONGEST_REASON]
