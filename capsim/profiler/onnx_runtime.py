"""onnxruntime on the CPU."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from capsim.errors import Fault, InputError, MeasurementError, MissingExtraError
from capsim.profiler.runtime import OutOfMemoryError, Run

_DTYPES: dict[str, type[np.generic]] = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(double)": np.float64,
    "tensor(int64)": np.int64,
    "tensor(int32)": np.int32,
    "tensor(int8)": np.int8,
    "tensor(uint8)": np.uint8,
    "tensor(bool)": np.bool_,
}
_OUT_OF_MEMORY = ("bad_alloc", "failed to allocate", "out of memory", "bad allocation")
_SEED = 1
_LONGEST_REASON = 300


class OnnxRuntime:
    """A model in an onnxruntime session on the CPU.

    Attributes:
        name: `onnxruntime`.
        version: version of the installed package.
        precision: as given; an ONNX file does not say it in one word.
    """

    name = "onnxruntime"

    def __init__(
        self,
        model: Path,
        *,
        threads: int = 1,
        precision: str = "fp32",
        sequence_length: int | None = None,
        integer_limits: Mapping[str, int] | None = None,
    ) -> None:
        """Load the model.

        Args:
            model: an ONNX file whose inputs have the batch as their first dimension.
            threads: threads that compute within one operator.
            precision: of the weights, as the profile shall say it.
            sequence_length: what every free dimension but the batch becomes.
            integer_limits: for integer inputs, by name, the bound below which values are drawn.

        Raises:
            InputError: the file is missing or no model, or its inputs need what was not given.
            MissingExtraError: onnxruntime is not installed.
        """
        ort = _import()
        if not model.is_file():
            raise InputError(str(model), [Fault("--model", "no such file")])
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 4  # failures are raised, and told by who catches them
        try:
            self._session = ort.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        except Exception as error:
            # The exceptions of onnxruntime share no base class below Exception.
            fault = Fault("--model", f"onnxruntime does not load it: {_brief(error)}")
            raise InputError(str(model), [fault]) from error
        self.version: str = ort.__version__
        self.precision = precision
        self._limits = dict(integer_limits or {})
        self._inputs = self._session.get_inputs()
        self._shapes = _shapes(model.name, self._inputs, sequence_length)

    def conditions(self) -> Mapping[str, object]:
        """The provider, the shapes of the inputs, and what exported the model where the file says so."""
        said: dict[str, object] = {
            "provider": self._session.get_providers()[0],
            "inputs": {name: ["batch", *shape[1:]] for name, shape in self._shapes.items()},
        }
        exporter = self._session.get_modelmeta().custom_metadata_map.get("exporter")
        return said | ({"exporter": exporter} if exporter else {})

    def prepare(self, batch_size: int) -> Run:
        """Random inputs of this size, and a function that runs the session on them."""
        for name, shape in self._shapes.items():
            if shape[0] not in (None, batch_size):
                raise MeasurementError(f"input {name} has a fixed batch size of {shape[0]}")
        try:
            feed = self._feed(batch_size)
        except (MemoryError, ValueError) as error:
            # numpy raises the second for a size beyond what an address can hold.
            raise OutOfMemoryError("the inputs do not fit in memory") from error
        session = self._session

        def run() -> object:
            try:
                return session.run(None, feed)
            except Exception as error:
                # The exceptions of onnxruntime share no base class below Exception.
                raise _failure(error) from error

        return run

    def _feed(self, batch_size: int) -> dict[str, NDArray[Any]]:
        """Random inputs: denormal numbers, or one table row read over and over, would change the latency."""
        rng = np.random.default_rng(_SEED)
        feed: dict[str, NDArray[Any]] = {}
        for node in self._inputs:
            shape = (batch_size, *(int(size or 1) for size in self._shapes[node.name][1:]))
            dtype = _DTYPES[node.type]
            if np.issubdtype(dtype, np.floating):
                feed[node.name] = rng.standard_normal(shape, np.float32).astype(dtype)
            elif "mask" in node.name:
                feed[node.name] = np.ones(shape, dtype)  # every position counts: nothing is padding
            else:
                feed[node.name] = rng.integers(0, self._limits.get(node.name, 2), shape).astype(dtype)
        return feed


def _import() -> Any:
    try:
        import onnxruntime
    except ImportError as error:
        raise MissingExtraError("onnxruntime", "measure") from error
    return onnxruntime


def _shapes(file: str, inputs: Any, sequence_length: int | None) -> dict[str, list[int | None]]:
    """Shape of each input, None for a batch size that is free; every fault of the inputs at once."""
    shapes: dict[str, list[int | None]] = {}
    faults = []
    for node in inputs:
        if node.type not in _DTYPES:
            faults.append(Fault(node.name, f"inputs of type {node.type} are not supported"))
        if not node.shape:
            faults.append(Fault(node.name, "expected the batch as first dimension, found a scalar"))
            continue
        free = [size for size in node.shape[1:] if not isinstance(size, int)]
        if free and sequence_length is None:
            faults.append(Fault(node.name, f"dimension {free[0]} is free: give --sequence-length"))
        batch, *rest = (size if isinstance(size, int) else None for size in node.shape)
        shapes[node.name] = [batch, *(sequence_length if size is None else size for size in rest)]
    if faults:
        raise InputError(file, faults)
    return shapes


def _failure(error: Exception) -> MeasurementError:
    text = str(error).lower()
    if isinstance(error, MemoryError) or any(words in text for words in _OUT_OF_MEMORY):
        return OutOfMemoryError("out of memory")
    return MeasurementError(_brief(error))


def _brief(error: Exception) -> str:
    """The first line without paths: onnxruntime adds source locations of the machine that built it."""
    text = str(error).strip() or type(error).__name__
    return re.sub(r"\s*(/[\w.-]+){2,}\S*", "", text.splitlines()[0])[:_LONGEST_REASON]
