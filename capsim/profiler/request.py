"""From the words of `capsim profile measure` to a loaded runtime, a plan and an output."""

from __future__ import annotations

import contextlib
import hashlib
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from capsim.errors import Fault, InputError
from capsim.profiler import machine
from capsim.profiler.architectures import Architecture, architecture
from capsim.profiler.document import Subject
from capsim.profiler.export import onnx_file
from capsim.profiler.onnx_runtime import OnnxRuntime
from capsim.profiler.plan import Plan, check_output
from capsim.profiler.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asked for; the fields are the options of the command."""

    architecture: str | None
    model: Path | None
    batch_sizes: str
    samples: int
    threads: int
    cores: str | None
    sequence_length: int | None
    precision: str | None
    hardware_name: str | None
    output: Path | None
    seed: int


@dataclass(frozen=True, slots=True)
class Prepared:
    """Everything that a measurement needs.

    Attributes:
        runtime: with the model loaded.
        plan: what to measure.
        subject: what it is, in the words of the profile.
        file: the profile to write.
    """

    runtime: Runtime
    plan: Plan
    subject: Subject
    file: Path


def prepare(request: Request) -> Prepared:
    """Check the request, pin this process, and load the model.

    Raises:
        InputError: the request is wrong.
        MeasurementError: the model does not load.
        MissingExtraError: the runtime, or what exports a built-in architecture, is not installed.
    """
    plan, built_in = _checked(request)
    path = request.model if built_in is None else onnx_file(built_in)
    assert path is not None  # noqa: S101 - checked: without an architecture there is a model
    # Before loading: the threads of the runtime inherit it.
    machine.pin(plan.cores)
    runtime = OnnxRuntime(
        path,
        threads=plan.threads,
        precision=request.precision or "fp32",
        sequence_length=request.sequence_length or (built_in.sequence_length if built_in else None),
        integer_limits=built_in.integer_limits if built_in else None,
    )
    subject = Subject(
        model=built_in.name if built_in else path.stem,
        hardware_kind="cpu",
        hardware_name=request.hardware_name or machine.hardware_name(plan.threads),
        command=_command(request),
        origin=_origin(built_in, path),
        machine=machine.description(),
    )
    return Prepared(runtime, plan, subject, request.output or _default_output(subject, runtime))


def _checked(request: Request) -> tuple[Plan, Architecture | None]:
    """The plan, and the built-in architecture if it is one; everything that is wrong is told at once."""
    faults: list[Fault] = []
    plan, built_in = None, None
    with _collected(faults):
        plan = Plan.parse(request.batch_sizes, request.samples, request.threads, request.cores, request.seed)
    with _collected(faults):
        built_in = _built_in(request)
    if request.output is not None:
        with _collected(faults):
            check_output(request.output)
    if plan is None or faults:
        raise InputError("the command line", faults)
    return plan, built_in


@contextlib.contextmanager
def _collected(faults: list[Fault]) -> Iterator[None]:
    try:
        yield
    except InputError as error:
        faults.extend(error.faults)


def _built_in(request: Request) -> Architecture | None:
    if (request.architecture is None) == (request.model is None):
        raise InputError("the command line", [Fault("--architecture", "give either this or --model")])
    if request.architecture is None:
        return None
    built_in = architecture(request.architecture)
    faults = []
    if request.precision not in (None, "fp32"):
        faults.append(Fault("--precision", f"a built-in architecture is fp32, got {request.precision}"))
    if request.sequence_length is not None and built_in.sequence_length is None:
        faults.append(Fault("--sequence-length", f"{built_in.name} takes none"))
    if faults:
        raise InputError("the command line", faults)
    return built_in


def _command(request: Request) -> str:
    """The command that takes this measurement again; files by name only, since paths are of this machine."""
    options = {
        "--architecture": request.architecture,
        "--model": request.model.name if request.model else None,
        "--batch-sizes": request.batch_sizes,
        "--samples": request.samples,
        "--threads": request.threads,
        "--cores": request.cores,
        "--sequence-length": request.sequence_length,
        "--precision": request.precision,
        "--hardware-name": request.hardware_name,
        "--seed": request.seed,
    }
    words = [word for name, value in options.items() if value is not None for word in (name, str(value))]
    return shlex.join(["capsim", "profile", "measure", *words])


def _origin(built_in: Architecture | None, path: Path) -> dict[str, object]:
    if built_in:
        return {"weights": "random"}
    with path.open("rb") as file:
        return {"file": path.name, "sha256": hashlib.file_digest(file, "sha256").hexdigest()}


def _default_output(subject: Subject, runtime: Runtime) -> Path:
    hardware = f"{subject.hardware_kind} {subject.hardware_name}".lower()
    folder = re.sub(r"[^a-z0-9]+", "-", hardware).strip("-")
    return Path("profiles") / folder / f"{subject.model}-{runtime.precision}-{runtime.name}.yaml"
