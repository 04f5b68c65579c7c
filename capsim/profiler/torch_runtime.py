"""PyTorch, on the CPU or with CUDA."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from capsim.errors import Fault, InputError, MeasurementError, MissingExtraError
from capsim.profiler.inputs import Input, described, draw, with_length
from capsim.profiler.runtime import OutOfMemoryError, Run, brief

_HALF = {"fp16": "float16", "bf16": "bfloat16"}
PRECISIONS = ("fp32", "tf32", *_HALF)
"""Those that a module of PyTorch can be brought to."""
_OUT_OF_MEMORY = ("not enough memory", "can't allocate memory", "out of memory", "bad_alloc")

Call = Callable[[dict[str, Any]], object]


class TorchRuntime:
    """A module of PyTorch; instances share its weights, and with CUDA each has a stream of its own.

    Attributes:
        name: `torch`.
        version: version of the installed package, without the part that names a build.
        precision: of the weights and activations.
    """

    name = "torch"

    def __init__(
        self,
        call: Call,
        inputs: Sequence[Input],
        *,
        precision: str = "fp32",
        device: str = "cpu",
        threads: int = 1,
        made_by: str | None = None,
    ) -> None:
        """Measure a function of tensors.

        Args:
            call: runs the model on its inputs by name, on their device.
            inputs: of one item.
            precision: as the profile shall say it; `tf32` and `fp32` also choose how matrices are multiplied.
            device: `cpu` or `cuda`.
            threads: that compute within one operator on the CPU.
            made_by: what built the model.
        """
        self._torch = torch = _import()
        torch.set_num_threads(threads)
        tf32 = precision == "tf32"
        torch.backends.cuda.matmul.allow_tf32 = tf32
        torch.backends.cudnn.allow_tf32 = tf32
        self.version = str(torch.__version__).split("+", maxsplit=1)[0]
        self.precision = precision
        self._call = call
        self._inputs = tuple(inputs)
        self._device = device
        self._made_by = made_by
        self._streams: dict[int, Any] = {}

    def conditions(self) -> Mapping[str, object]:
        """The device, the shapes of the inputs, and what built the model."""
        said: dict[str, object] = {"device": self._device, "inputs": described(self._inputs)}
        if self._device == "cuda":
            said["cuda"] = str(self._torch.version.cuda)
            said["timing"] = "CUDA events around the batch, after which the host synchronises"
            said["transfers"] = "inputs and outputs stay on the device; copying them is not in the latency"
        return said | ({"exporter": self._made_by} if self._made_by else {})

    def prepare(self, batch_size: int, instance: int = 0) -> Run:
        """Random inputs of this size, and a function that runs the module on them."""
        with self._failures():
            feed = {name: self._tensor(value) for name, value in draw(self._inputs, batch_size).items()}
        return self._on_cuda(feed, instance) if self._device == "cuda" else self._on_cpu(feed)

    def _tensor(self, value: Any) -> Any:
        tensor = self._torch.from_numpy(value).to(self._device)
        half = _HALF.get(self.precision)
        return tensor.to(getattr(self._torch, half)) if half and tensor.dtype == self._torch.float32 else tensor

    def _on_cpu(self, feed: dict[str, Any]) -> Run:
        def run() -> None:
            with self._failures(), self._torch.inference_mode():
                self._call(feed)

        return run

    def _on_cuda(self, feed: dict[str, Any], instance: int) -> Run:
        cuda = self._torch.cuda
        stream = self._streams.setdefault(instance, cuda.Stream())
        start, end = (cuda.Event(enable_timing=True) for _ in range(2))
        cuda.synchronize()

        def run() -> float:
            with self._failures(), self._torch.inference_mode(), cuda.stream(stream):
                start.record(stream)
                self._call(feed)
                end.record(stream)
                end.synchronize()
            return float(start.elapsed_time(end))

        return run

    @contextlib.contextmanager
    def _failures(self) -> Any:
        """What PyTorch raises becomes what the harness knows; memory it reserved is given back."""
        try:
            yield
        except (MemoryError, RuntimeError, ValueError, TypeError, IndexError) as error:
            text = str(error).lower()
            if isinstance(error, MemoryError) or any(words in text for words in _OUT_OF_MEMORY):
                if self._device == "cuda":
                    self._torch.cuda.empty_cache()
                raise OutOfMemoryError("out of memory") from None
            raise MeasurementError(brief(error)) from error


def of_module(
    module: Any, inputs: Sequence[Input], *, precision: str, device: str, threads: int, made_by: str
) -> TorchRuntime:
    """A built-in architecture, brought to a precision.

    Raises:
        InputError: the device is not there.
    """
    torch = _import()
    check_device(device)
    module = module.to(device)
    if precision in _HALF:
        module = module.to(getattr(torch, _HALF[precision]))
    return TorchRuntime(
        lambda feed: module(**feed), inputs, precision=precision, device=device, threads=threads, made_by=made_by
    )


def of_file(
    file: Path,
    inputs: Sequence[Input],
    *,
    sequence_length: int | None,
    precision: str,
    device: str,
    threads: int,
) -> TorchRuntime:
    """A TorchScript file, or one that `torch.export.save` wrote (.pt2).

    Such a file is code that runs when it is loaded and measured, as a program does.

    Args:
        file: the model; its inputs are positional, with the batch as their first dimension.
        inputs: of one item; where none are given, those that a .pt2 file was exported with.
        sequence_length: what every free dimension but the batch becomes.
        precision: of the weights, as the profile shall say it.
        device: `cpu` or `cuda`.
        threads: that compute within one operator.

    Raises:
        InputError: the file is missing or no model, the inputs are not known, or the device is not there.
    """
    torch = _import()
    check_device(device)
    if not file.is_file():
        raise InputError(str(file), [Fault("--model", "no such file")])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that TorchScript is no longer developed is no concern of who measures it
        try:
            if file.suffix == ".pt2":
                program = torch.export.load(str(file))
                inputs = inputs or _of_example(program.example_inputs)
                module = program.module().to(device)
            else:
                module = torch.jit.load(str(file), map_location=device).eval()
        except Exception as error:
            # A damaged file fails in as many ways as there are readers of archives.
            raise InputError(str(file), [Fault("--model", f"PyTorch does not load it: {brief(error)}")]) from error
    if not inputs:
        missing = "is needed: this file does not say the shapes of its inputs, for example float32:3x224x224"
        raise InputError("the command line", [Fault("--input", missing)])
    whole = with_length(inputs, sequence_length)
    return TorchRuntime(lambda feed: module(*feed.values()), whole, precision=precision, device=device, threads=threads)


def check_device(device: str) -> None:
    """Only a device that is there can be measured.

    Raises:
        InputError: it is not there.
    """
    if device == "cuda" and not _import().cuda.is_available():
        raise InputError("the command line", [Fault("--device", "PyTorch finds no CUDA device on this machine")])


def _of_example(example: Any) -> list[Input]:
    """The inputs that a program was exported with; its whole numbers say how large they may be."""
    if not example:
        return []
    positional, named = example
    tensors = [*positional, *named.values()]
    return [
        Input(
            f"input{at}",
            str(tensor.dtype).removeprefix("torch."),
            tuple(tensor.shape[1:]),
            2 if tensor.is_floating_point() else int(tensor.max()) + 1,
        )
        for at, tensor in enumerate(tensors)
    ]


def _import() -> Any:
    try:
        import torch
    except ImportError as error:
        raise MissingExtraError("torch", "architectures") from error
    return torch
