"""The words of `capsim profile measure`, and what they ask to measure."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, fields
from pathlib import Path

from capsim.errors import Fault, InputError
from capsim.profiler import inputs, quantise, torch_runtime
from capsim.profiler.architectures import Architecture, architecture
from capsim.profiler.inputs import Input

RUNTIMES = ("onnxruntime", "torch")
DEVICES = ("cpu", "cuda")
MODEL_ENDINGS = (".onnx", ".pt2", ".pt", ".pth", ".ts")
"""ONNX, an exported program, and what TorchScript is saved as."""
HARDWARE_KINDS = ("cpu", "gpu", "edge")

_OPTIONS = {"inputs": "--input", "function": "--callable"}
_ALWAYS_SAID = ("batch_sizes", "samples", "threads", "seed")


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asked for; the fields are the options of the command."""

    architecture: str | None = None
    model: Path | None = None
    function: str | None = None
    inputs: tuple[str, ...] = ()
    runtime: str | None = None
    device: str = "cpu"
    precision: str | None = None
    width: float = 1.0
    sequence_length: str | None = None
    batch_sizes: str = "1,2,4,8,16,32"
    instances: str = "1"
    samples: int = 200
    most_samples: int = 1000
    tolerance: str = "5 %"
    time_limit: str | None = None
    threads: int = 1
    cores: str | None = None
    hardware_kind: str | None = None
    hardware_name: str | None = None
    output: Path | None = None
    force: bool = False
    seed: int = 1

    def command(self) -> str:
        """The command that takes this measurement again; files by name only, since paths are of this machine."""
        words = ["capsim", "profile", "measure"]
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name in {"output", "force"} or (value == field.default and field.name not in _ALWAYS_SAID):
                continue
            option = _OPTIONS.get(field.name, f"--{field.name.replace('_', '-')}")
            for each in value if isinstance(value, tuple) else (value,):
                words += [
                    option,
                    each.name if isinstance(each, Path) else f"{each:g}" if isinstance(each, float) else str(each),
                ]
        return shlex.join(words)


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be measured: one of an architecture, a file and a function.

    Attributes:
        architecture: a built-in one.
        file: an ONNX file, a TorchScript file or a .pt2 file.
        function: `module:function`.
        runtime: what runs it: `onnxruntime`, `torch` or `python`.
        device: `cpu` or `cuda`.
        precision: of the weights.
        width: share of its channels that every layer of a built-in architecture keeps.
        inputs: of one item, for files that do not say them.
    """

    architecture: Architecture | None
    file: Path | None
    function: str | None
    runtime: str
    device: str
    precision: str
    width: float
    inputs: tuple[Input, ...]

    @property
    def variant(self) -> str | None:
        """What differs from the published architecture, in words; nothing where nothing does."""
        if self.architecture is None:
            return None
        words = []
        if self.width < 1:
            words.append(
                f"structured pruning: every layer keeps {self.width:.0%} of its channels, heads and neurons; the "
                "narrower network is built as such"
            )
        if self.precision in quantise.WAYS:
            words.append(quantise.WAYS[self.precision])
        return "; ".join([*words, "the accuracy of the model is not part of this profile"]) if words else None


def target(request: Request) -> Target:
    """What is to be measured.

    Raises:
        InputError: everything in the request that contradicts itself or has no effect.
    """
    faults = [*_choices(request), *_one_of_three(request)]
    built_in = None
    shapes: tuple[Input, ...] = ()
    try:
        built_in = architecture(request.architecture) if request.architecture else None
        shapes = tuple(inputs.parse(text, at) for at, text in enumerate(request.inputs))
    except InputError as error:
        faults += error.faults
    runtime = _runtime(request)
    if not faults:
        faults += _without_effect(request, runtime, built_in)
        faults += _precision(request, runtime) if built_in else []
    if faults:
        raise InputError("the command line", faults)
    precision = request.precision or ("unstated" if request.function else "fp32")
    return Target(built_in, request.model, request.function, runtime, request.device, precision, request.width, shapes)


def _choices(request: Request) -> list[Fault]:
    chosen = (
        ("--runtime", request.runtime, RUNTIMES),
        ("--device", request.device, DEVICES),
        ("--hardware-kind", request.hardware_kind, HARDWARE_KINDS),
    )
    faults = [
        Fault(option, f"choose one of {', '.join(known)}, got '{value}'")
        for option, value, known in chosen
        if value is not None and value not in known
    ]
    if request.model is not None and request.model.suffix not in MODEL_ENDINGS:
        known = ", ".join(MODEL_ENDINGS)
        faults.append(Fault("--model", f"expected a name ending in one of {known}, got '{request.model.name}'"))
    if not 0 < request.width <= 1:
        faults.append(Fault("--width", f"must be above 0 and at most 1, got {request.width:g}"))
    return faults


def _one_of_three(request: Request) -> list[Fault]:
    given = sum(each is not None for each in (request.architecture, request.model, request.function))
    return [] if given == 1 else [Fault("--architecture", "give either this, --model or --callable")]


def _runtime(request: Request) -> str:
    if request.function is not None:
        return "python"
    if request.model is not None:
        return "onnxruntime" if request.model.suffix == ".onnx" else "torch"
    return request.runtime or "onnxruntime"


def _without_effect(request: Request, runtime: str, built_in: Architecture | None) -> list[Fault]:
    """What was asked for and would be ignored."""
    faults = []
    if request.runtime not in (None, runtime):
        faults.append(Fault("--runtime", f"{request.model or request.function} runs on {runtime}"))
    if request.width != 1 and not built_in:
        faults.append(Fault("--width", "only a built-in architecture can be built narrower"))
    if request.inputs and (built_in or runtime != "torch"):
        faults.append(Fault("--input", "only files of PyTorch need it"))
    if request.sequence_length is not None and ((built_in and built_in.sequence_length is None) or request.function):
        name = built_in.name if built_in else "a function"
        faults.append(Fault("--sequence-length", f"{name} takes none"))
    if request.device != "cpu" and request.function:
        faults.append(Fault("--device", "a function chooses its device itself; say what it is with --hardware-kind"))
    return faults


def _precision(request: Request, runtime: str) -> list[Fault]:
    if runtime == "torch":
        known = [each for each in torch_runtime.PRECISIONS if each != "tf32" or request.device == "cuda"]
    else:
        known = ["fp32", *(["tf32"] if request.device == "cuda" else quantise.WAYS)]
    if request.precision in (None, *known):
        return []
    return [Fault("--precision", f"choose one of {', '.join(known)} for {runtime}, got '{request.precision}'")]
