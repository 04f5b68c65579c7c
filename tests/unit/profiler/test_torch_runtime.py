from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from capsim.errors import InputError, MeasurementError, MissingExtraError
from capsim.profiler import torch_runtime
from capsim.profiler.architectures import ARCHITECTURES
from capsim.profiler.inputs import Input, with_length
from capsim.profiler.runtime import OutOfMemoryError


@pytest.fixture
def torch() -> Any:
    return pytest.importorskip("torch", reason="PyTorch is not installed")


@pytest.fixture
def linear(torch: Any) -> Any:
    return torch.nn.Linear(4, 2)


def of_file(file: Path, inputs: list[Input]) -> torch_runtime.TorchRuntime:
    return torch_runtime.of_file(file, inputs, sequence_length=None, precision="fp32", device="cpu", threads=1)


@pytest.fixture
def scripted(linear: Any, torch: Any, tmp_path: Path) -> Path:
    file = tmp_path / "model.pt"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # TorchScript is no longer developed, but such files exist
        torch.jit.save(torch.jit.trace(linear, torch.zeros(2, 4)), str(file))
    return file


def test_runs_a_batch_of_the_size_and_precision_asked_for(torch: Any) -> None:
    seen = []
    for precision in ("fp32", "bf16"):
        runtime = torch_runtime.TorchRuntime(
            lambda feed: seen.append(feed["x"]), [Input("x", "float32", (4,)), Input("ids", "int64", (2,))],
            precision=precision,
        )  # fmt: skip
        runtime.prepare(3)()
    assert [(tuple(x.shape), x.dtype) for x in seen] == [((3, 4), torch.float32), ((3, 4), torch.bfloat16)]


def test_an_architecture_runs_at_every_precision_of_a_cpu(torch: Any) -> None:
    pytest.importorskip("transformers", reason="transformers builds the architectures")
    from capsim.profiler import export

    architecture = ARCHITECTURES["mlp-fraud"]
    for precision in ("fp32", "fp16", "bf16"):
        runtime = torch_runtime.of_module(
            export.built(architecture), with_length(architecture.inputs, None), precision=precision, device="cpu",
            threads=1, made_by=export.builder(),
        )  # fmt: skip
        runtime.prepare(2)()
        assert runtime.conditions()["inputs"] == {"features": ["batch", 30]}
    assert torch.get_num_threads() == 1


def test_loads_torchscript_with_its_inputs_given(scripted: Path) -> None:
    of_file(scripted, [Input("input0", "float32", (4,))]).prepare(5)()
    with pytest.raises(InputError, match="is needed: this file does not say"):
        of_file(scripted, [])


def test_a_wrong_input_is_told_when_the_batch_runs(scripted: Path) -> None:
    with pytest.raises(MeasurementError) as caught:
        of_file(scripted, [Input("input0", "float32", (5,))]).prepare(2)()
    assert not isinstance(caught.value, OutOfMemoryError)


def test_an_exported_program_knows_its_inputs(linear: Any, torch: Any, tmp_path: Path) -> None:
    file = tmp_path / "model.pt2"
    batch = {0: torch.export.Dim.DYNAMIC}
    torch.export.save(torch.export.export(linear, (torch.zeros(2, 4),), dynamic_shapes=(batch,)), str(file))
    runtime = of_file(file, [])
    assert runtime.conditions()["inputs"] == {"input0": ["batch", 4]}
    runtime.prepare(7)()


@pytest.mark.parametrize("name", ["bad.pt", "bad.pt2"])
def test_a_file_that_is_no_model_is_a_fault(name: str, torch: Any, tmp_path: Path) -> None:
    assert torch
    file = tmp_path / name
    file.write_bytes(b"not a model")
    with pytest.raises(InputError, match="PyTorch does not load it"):
        of_file(file, [])
    with pytest.raises(InputError, match="no such file"):
        of_file(tmp_path / "missing.pt", [])


def test_running_out_of_memory_is_told_as_such(torch: Any) -> None:
    def call(_: object) -> None:
        torch.empty(10**15)

    runtime = torch_runtime.TorchRuntime(call, [Input("x", "float32", (1,))])
    with pytest.raises(OutOfMemoryError):
        runtime.prepare(1)()
    with pytest.raises(OutOfMemoryError):
        runtime.prepare(10**19)


def test_cuda_that_is_not_there_is_a_fault(torch: Any) -> None:
    if torch.cuda.is_available():
        pytest.skip("this machine has CUDA")
    with pytest.raises(InputError, match="PyTorch finds no CUDA device"):
        torch_runtime.check_device("cuda")


def test_events_time_a_batch_with_cuda(torch: Any) -> None:
    if not torch.cuda.is_available():
        pytest.skip("this machine has no CUDA")
    runtime = torch_runtime.of_module(
        torch.nn.Linear(4, 2), [Input("input", "float32", (4,))], precision="fp16", device="cuda", threads=1, made_by=""
    )
    runs: list[Callable[[], object]] = [runtime.prepare(8, instance) for instance in range(2)]
    for run in runs:
        took = run()
        assert isinstance(took, float)
        assert 0 < took < 10_000


def test_without_torch_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'capsim\[architectures\]'"):
        torch_runtime.check_device("cuda")
