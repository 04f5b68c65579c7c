"""From a request to a loaded runtime, a plan and an output."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from capsim.errors import Fault, InputError
from capsim.profile.write import default_file
from capsim.profiler import export, machine, python_runtime, torch_runtime
from capsim.profiler.document import Subject
from capsim.profiler.inputs import with_length
from capsim.profiler.onnx_runtime import OnnxRuntime
from capsim.profiler.plan import Plan, check_output, numbers
from capsim.profiler.request import Request, Target, target
from capsim.profiler.runtime import Runtime


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


def prepare(request: Request) -> Iterator[Prepared]:
    """Check the request, pin this process, and load the model; once per sequence length.

    Raises:
        InputError: the request is wrong.
        MissingExtraError: the runtime, or what exports a built-in architecture, is not installed.
    """
    plan, chosen, lengths = _checked(request)
    # Before loading: the threads of the runtime inherit it.
    machine.pin(plan.cores)
    for length in lengths:
        runtime = _load(chosen, plan, length)
        subject = Subject(
            model=_name(chosen),
            hardware_kind=request.hardware_kind or ("gpu" if plan.device == "cuda" else "cpu"),
            hardware_name=request.hardware_name or machine.hardware_name(plan.threads, plan.device),
            command=request.command(),
            origin=_origin(chosen, length),
            machine=machine.description(),
        )
        file = request.output or default_file(
            subject.hardware_kind, subject.hardware_name, subject.model, runtime.precision, runtime.name
        )
        if len(lengths) > 1:
            file = file.with_stem(f"{file.stem}-{length}tokens")
        yield Prepared(runtime, plan, subject, file)


def _checked(request: Request) -> tuple[Plan, Target, tuple[int | None, ...]]:
    """The plan, what to measure, and the lengths; everything that is wrong is told at once."""
    faults: list[Fault] = []
    plan, chosen = None, None
    lengths: tuple[int | None, ...] = ()
    with _collected(faults):
        plan = Plan.parse(
            request.batch_sizes,
            instances=request.instances,
            samples=request.samples,
            most_samples=request.most_samples,
            tolerance=request.tolerance,
            time_limit=request.time_limit,
            threads=request.threads,
            cores=request.cores,
            device=request.device,
            seed=request.seed,
        )
    with _collected(faults):
        chosen = target(request)
        lengths = (chosen.architecture.sequence_length if chosen.architecture else None,)
    with _collected(faults):
        lengths = numbers("--sequence-length", request.sequence_length) if request.sequence_length else lengths
    with _collected(faults):
        check_output(request.output or Path("profile.yaml"))
    if plan is None or chosen is None or faults:
        raise InputError("the command line", faults)
    return plan, chosen, lengths


@contextlib.contextmanager
def _collected(faults: list[Fault]) -> Iterator[None]:
    try:
        yield
    except InputError as error:
        faults.extend(error.faults)


def _load(chosen: Target, plan: Plan, length: int | None) -> Runtime:
    if chosen.function is not None:
        return python_runtime.PythonRuntime(python_runtime.function(chosen.function), chosen.precision)
    if chosen.runtime == "onnxruntime":
        return _load_onnx(chosen, plan, length)
    if chosen.architecture is None:
        assert chosen.file is not None  # noqa: S101 - checked: neither function nor architecture
        return torch_runtime.of_file(
            chosen.file,
            chosen.inputs,
            sequence_length=length,
            precision=chosen.precision,
            device=chosen.device,
            threads=plan.threads,
        )
    torch_runtime.check_device(chosen.device)
    return torch_runtime.of_module(
        export.built(chosen.architecture, chosen.width),
        with_length(chosen.architecture.inputs, length),
        precision=chosen.precision,
        device=chosen.device,
        threads=plan.threads,
        made_by=export.builder(),
    )


def _load_onnx(chosen: Target, plan: Plan, length: int | None) -> OnnxRuntime:
    file, below = chosen.file, {}
    if chosen.architecture is not None:
        precision = "fp32" if chosen.precision == "tf32" else chosen.precision
        file = export.onnx_file(chosen.architecture, precision, chosen.width)
        below = {each.name: each.below for each in chosen.architecture.inputs}
    assert file is not None  # noqa: S101 - checked: without an architecture there is a file
    return OnnxRuntime(
        file,
        threads=plan.threads,
        precision=chosen.precision,
        sequence_length=length,
        below=below,
        device=chosen.device,
    )


def _name(chosen: Target) -> str:
    if chosen.architecture:
        return export.variant_name(chosen.architecture.name, chosen.width)
    return chosen.file.stem if chosen.file else str(chosen.function).replace(":", ".")


def _origin(chosen: Target, length: int | None) -> dict[str, object]:
    """Where the model comes from, and what differs from the published one."""
    said: dict[str, object] = {"sequence_length": length} if length else {}
    if chosen.architecture:
        return {"weights": "random", **({"variant": chosen.variant} if chosen.variant else {}), **said}
    if chosen.file is None:
        return said
    with chosen.file.open("rb") as file:
        return {"file": chosen.file.name, "sha256": hashlib.file_digest(file, "sha256").hexdigest(), **said}
