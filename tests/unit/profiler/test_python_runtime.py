from __future__ import annotations

import sys
from pathlib import Path

import pytest

from capsim.errors import InputError, MeasurementError
from capsim.profiler.python_runtime import PythonRuntime, function
from capsim.profiler.runtime import OutOfMemoryError


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    name = f"module_of_{tmp_path.name.replace('-', '_')}"
    Path(f"{name}.py").write_text("def run(size):\n    return [0] * size\nLIMIT = 3\n")
    Path(f"broken_{name}.py").write_text("1 / 0\n")
    return name


def test_finds_a_function_beside_the_user(module: str) -> None:
    found = function(f"{module}:run")
    assert found(3) == [0, 0, 0]
    assert PythonRuntime(found, "fp32").conditions() == {"callable": f"{module}:run"}


def test_whatever_is_no_function_is_a_fault(module: str) -> None:
    for named, message in (
        ("module", "expected module:function, got 'module'"),
        (":run", "expected module:function"),
        (f"{module}:rum", "did you mean run"),
        (f"{module}:LIMIT", "is no function but a int"),
        ("no_such_module:run", "cannot import no_such_module: ModuleNotFoundError"),
        (f"broken_{module}:run", "ZeroDivisionError"),
    ):
        with pytest.raises(InputError, match=message):
            function(named)


def test_what_the_function_raises_is_told() -> None:
    def fails(size: int) -> None:
        if size > 8:
            raise MemoryError
        raise KeyError("weights")

    runtime = PythonRuntime(fails, "unstated")
    with pytest.raises(OutOfMemoryError):
        runtime.prepare(9)()
    with pytest.raises(MeasurementError, match="KeyError"):
        runtime.prepare(1)()


def test_the_function_is_given_the_batch_size_and_its_answer_is_no_time() -> None:
    sizes = []

    def run(size: int) -> float:
        sizes.append(size)
        return 0.5

    assert PythonRuntime(run, "fp32").prepare(7)() is None
    assert sizes == [7]
