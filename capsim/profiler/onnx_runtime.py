"""onnxruntime, on the CPU or with CUDA."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from capsim.errors import Fault, InputError, MeasurementError, MissingExtraError
from capsim.profiler.inputs import Input, described, draw, with_length
from capsim.profiler.runtime import OutOfMemoryError, Run, brief

_DTYPES = {
    "tensor(float)": "float32",
    "tensor(float16)": "float16",
    "tensor(double)": "float64",
    "tensor(int64)": "int64",
    "tensor(int32)": "int32",
    "tensor(int8)": "int8",
    "tensor(uint8)": "uint8",
    "tensor(bool)": "bool",
}
_OUT_OF_MEMORY = ("bad_alloc", "failed to allocate", "out of memory", "bad allocation")
_CUDA = "CUDAExecutionProvider"
_CPU = "CPUExecutionProvider"


class OnnxRuntime:
    """A model in onnxruntime; each instance has a session of its own.

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
        below: Mapping[str, int] | None = None,
        device: str = "cpu",
    ) -> None:
        """Load the model.

        Args:
            model: an ONNX file whose inputs have the batch as their first dimension.
            threads: threads that compute within one operator.
            precision: of the weights, as the profile shall say it.
            sequence_length: what every free dimension but the batch becomes.
            below: for whole-number inputs, by name, the bound below which values are drawn.
            device: `cpu` or `cuda`.

        Raises:
            InputError: the file is missing or no model, its inputs need what was not given, or there is no CUDA.
            MissingExtraError: onnxruntime is not installed.
        """
        self._ort = _import()
        if not model.is_file():
            raise InputError(str(model), [Fault("--model", "no such file")])
        if device == "cuda" and _CUDA not in self._ort.get_available_providers():
            raise InputError("the command line", [Fault("--device", "the installed onnxruntime has no CUDA")])
        self._model = model
        self._threads = threads
        self._device = device
        self.version: str = self._ort.__version__
        self.precision = precision
        self._sessions = [self._load()]
        nodes = self._sessions[0].get_inputs()
        self._inputs = with_length(_inputs(model.name, nodes, below or {}), sequence_length)
        self._fixed = {node.name: node.shape[0] for node in nodes if isinstance(node.shape[0], int)}

    def _load(self) -> Any:
        options = self._ort.SessionOptions()
        options.intra_op_num_threads = self._threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 4  # failures are raised, and told by who catches them
        tf32 = {"use_tf32": "1" if self.precision == "tf32" else "0"}
        providers = [(_CUDA, tf32), _CPU] if self._device == "cuda" else [_CPU]
        try:
            return self._ort.InferenceSession(str(self._model), options, providers=providers)
        except Exception as error:
            # The exceptions of onnxruntime share no base class below Exception.
            fault = Fault("--model", f"onnxruntime does not load it: {brief(error)}")
            raise InputError(str(self._model), [fault]) from error

    def conditions(self) -> Mapping[str, object]:
        """The provider, the shapes of the inputs, and what made the model where the file says so."""
        said: dict[str, object] = {
            "provider": self._sessions[0].get_providers()[0],
            "inputs": described(self._inputs),
        }
        if self._device == "cuda":
            said["transfers"] = "inputs and outputs stay on the device; copying them is not in the latency"
        properties = self._sessions[0].get_modelmeta().custom_metadata_map
        return said | {key: properties[key] for key in ("exporter", "quantiser") if properties.get(key)}

    def prepare(self, batch_size: int, instance: int = 0) -> Run:
        """Random inputs of this size, and a function that runs the session on them."""
        for name, size in self._fixed.items():
            if size != batch_size:
                raise MeasurementError(f"input {name} has a fixed batch size of {size}")
        while len(self._sessions) <= instance:
            self._sessions.append(self._load())
        session = self._sessions[instance]
        try:
            feed = draw(self._inputs, batch_size)
        except MemoryError as error:
            raise OutOfMemoryError("the inputs do not fit in memory") from error
        if self._device == "cpu":
            return _guarded(lambda: session.run(None, feed))
        return _guarded(self._bound(session, feed, self._device))

    def _bound(self, session: Any, feed: Mapping[str, Any], device: str) -> Run:
        """A run whose inputs and outputs stay on the device."""
        binding = session.io_binding()
        for name, value in feed.items():
            binding.bind_ortvalue_input(name, self._ort.OrtValue.ortvalue_from_numpy(value, device, 0))
        for output in session.get_outputs():
            binding.bind_output(output.name, device)

        def run() -> object:
            session.run_with_iobinding(binding)
            binding.synchronize_outputs()
            return binding

        return run


def _guarded(run: Callable[[], object]) -> Run:
    def guarded() -> object:
        try:
            return run()
        except Exception as error:
            # The exceptions of onnxruntime share no base class below Exception.
            raise _failure(error) from error

    return guarded


def _import() -> Any:
    try:
        import onnxruntime
    except ImportError as error:
        raise MissingExtraError("onnxruntime", "measure") from error
    return onnxruntime


def _inputs(file: str, nodes: Sequence[Any], below: Mapping[str, int]) -> list[Input]:
    """The inputs of a session; every one that cannot be fed is a fault."""
    inputs = []
    faults = []
    for node in nodes:
        if node.type not in _DTYPES:
            faults.append(Fault(node.name, f"inputs of type {node.type} are not supported"))
        if not node.shape:
            faults.append(Fault(node.name, "expected the batch as first dimension, found a scalar"))
        shape = tuple(size if isinstance(size, int) else None for size in node.shape[1:])
        inputs.append(Input(node.name, _DTYPES.get(node.type, ""), shape, below.get(node.name, 2)))
    if faults:
        raise InputError(file, faults)
    return inputs


def _failure(error: Exception) -> MeasurementError:
    text = str(error).lower()
    if isinstance(error, MemoryError) or any(words in text for words in _OUT_OF_MEMORY):
        return OutOfMemoryError("out of memory")
    return MeasurementError(brief(error))
