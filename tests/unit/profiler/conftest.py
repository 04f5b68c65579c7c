"""A runtime without a model, and the smallest ONNX models that show something."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from capsim.errors import MeasurementError
from capsim.profiler.document import Subject
from capsim.profiler.runtime import OutOfMemoryError, Run
from capsim.profiler.timing import Visit
from capsim.profiler.warmup import WarmUp


class FakeRuntime:
    """Runs nothing; fails, or is interrupted, where it is told to."""

    name = "fake"
    version = "1.0"
    precision = "fp32"

    def __init__(
        self,
        *,
        too_large: int = 1000,
        fails_after: int | None = None,
        interrupted_after: int | None = None,
        inputs: str = "x",
    ) -> None:
        self._too_large = too_large
        self._fails_after = fails_after
        self._interrupted_after = interrupted_after
        self._inputs = inputs
        self.ran: list[int] = []

    def conditions(self) -> Mapping[str, object]:
        return {"inputs": {self._inputs: ["batch", 4]}}

    def prepare(self, batch_size: int, instance: int = 0) -> Run:
        assert 0 <= instance < 64
        if batch_size == 13:
            raise MeasurementError("thirteen is not possible")

        def run() -> None:
            self.ran.append(batch_size)
            if batch_size >= self._too_large or len(self.ran) == self._fails_after:
                raise OutOfMemoryError("out of memory")
            if len(self.ran) == self._interrupted_after:
                raise KeyboardInterrupt

        return run


class Notes:
    """An observer that remembers."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.times: list[tuple[float, float]] = []

    def note(self, text: str) -> None:
        self.notes.append(text)

    def left(self, done_s: float, left_s: float) -> None:
        self.times.append((done_s, left_s))


@pytest.fixture(autouse=True)
def cores() -> Iterator[list[int]]:
    """The cores of this process, which a test may pin, are given back."""
    if not hasattr(os, "sched_getaffinity"):
        yield []
        return
    before = os.sched_getaffinity(0)
    yield sorted(before)
    os.sched_setaffinity(0, before)


@pytest.fixture(autouse=True)
def short_warm_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("capsim.profiler.warmup._LEAST_SECONDS", 0.0)
    monkeypatch.setattr("capsim.profiler.warmup._MOST_SECONDS", 0.05)


@pytest.fixture
def single_warm_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """One visit of warm-up, and all batch sizes equally slow: the number of runs is then known."""

    def warm_up(visit: Visit) -> WarmUp:
        return WarmUp(runs=len(visit()), median_ms=5.0, stable=True)

    monkeypatch.setattr("capsim.profiler.measure.warm_up", warm_up)


@pytest.fixture
def fake_runtime() -> Callable[..., Any]:
    return FakeRuntime


@pytest.fixture
def notes() -> Any:
    return Notes()


@pytest.fixture
def subject() -> Subject:
    return Subject("m", "cpu", "a CPU", "capsim profile measure", {"weights": "random"}, {"machine": "m"})


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[list[int]], Run]:
    """A function whose runs take the given milliseconds, one after the other, the last for ever."""
    now = 0

    def make(latencies_ms: list[int]) -> Run:
        left = list(latencies_ms)

        def run() -> None:
            nonlocal now
            now += 1_000_000 * (left.pop(0) if len(left) > 1 else left[0])

        return run

    monkeypatch.setattr(time, "perf_counter_ns", lambda: now)
    return make


@pytest.fixture
def onnx_model(tmp_path: Path) -> Callable[..., Path]:
    """Writes a model that adds `x` to itself, with an input of the given shape and type."""
    onnx = pytest.importorskip("onnx", reason="onnx writes the models of these tests")
    pytest.importorskip("onnxruntime", reason="onnxruntime runs the models of these tests")

    def write(shape: tuple[int | str, ...] = ("batch", 4), kind: str = "FLOAT", name: str = "x") -> Path:
        element = getattr(onnx.TensorProto, kind)
        graph = onnx.helper.make_graph(
            [onnx.helper.make_node("Add", [name, name], ["y"])],
            "tiny",
            [onnx.helper.make_tensor_value_info(name, element, shape)],
            [onnx.helper.make_tensor_value_info("y", element, shape)],
        )
        opset = onnx.helper.make_opsetid("", 17)
        model = onnx.helper.make_model(graph, opset_imports=[opset], ir_version=8)
        file = tmp_path / "tiny.onnx"
        onnx.save(model, file)
        return file

    return write


@pytest.fixture
def reshape_model(tmp_path: Path) -> Path:
    """A model whose exporter has frozen a batch size of 2 inside."""
    onnx = pytest.importorskip("onnx", reason="onnx writes the models of these tests")
    pytest.importorskip("onnxruntime", reason="onnxruntime runs the models of these tests")
    helper, kind = onnx.helper, onnx.TensorProto.FLOAT
    graph = helper.make_graph(
        [helper.make_node("Reshape", ["x", "shape"], ["y"], name="into_pairs")],
        "frozen",
        [helper.make_tensor_value_info("x", kind, ("batch", 4))],
        [helper.make_tensor_value_info("y", kind, (2, 2, 2))],
        [helper.make_tensor("shape", onnx.TensorProto.INT64, (3,), (2, 2, 2))],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    file = tmp_path / "frozen.onnx"
    onnx.save(model, file)
    return file
