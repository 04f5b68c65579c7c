from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from capsim.errors import InputError, MeasurementError, MissingExtraError
from capsim.profiler.inputs import draw
from capsim.profiler.runtime import OutOfMemoryError

pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")

from capsim.profiler.onnx_runtime import OnnxRuntime


def output(run: Callable[[], object]) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    result = run()
    assert isinstance(result, list)
    return np.asarray(result[0])


@pytest.mark.parametrize("size", [1, 3, 8])
def test_runs_a_batch_of_the_size_asked_for(size: int, onnx_model: Callable[..., Path]) -> None:
    runtime = OnnxRuntime(onnx_model())
    y = output(runtime.prepare(size))
    assert y.shape == (size, 4)
    assert np.unique(y).size == y.size


def test_says_what_it_ran(onnx_model: Callable[..., Path]) -> None:
    runtime = OnnxRuntime(onnx_model())
    assert runtime.name == "onnxruntime"
    assert runtime.conditions() == {"provider": "CPUExecutionProvider", "inputs": {"x": ["batch", 4]}}


def test_free_dimensions_take_the_sequence_length(onnx_model: Callable[..., Path]) -> None:
    file = onnx_model(("batch", "sequence"), "INT64")
    y = output(OnnxRuntime(file, sequence_length=64, below={"x": 100}).prepare(2))
    assert y.shape == (2, 64)
    assert 2 < y.max() <= 198
    with pytest.raises(InputError, match="has a free dimension: give --sequence-length"):
        OnnxRuntime(file)


def test_a_mask_lets_every_position_count(onnx_model: Callable[..., Path]) -> None:
    runtime = OnnxRuntime(onnx_model(kind="INT64", name="attention_mask"))
    assert (output(runtime.prepare(2)) == 2).all()


def test_a_fixed_batch_size_excludes_others(onnx_model: Callable[..., Path]) -> None:
    runtime = OnnxRuntime(onnx_model((2, 4)))
    runtime.prepare(2)()
    with pytest.raises(MeasurementError, match="input x has a fixed batch size of 2"):
        runtime.prepare(3)


def test_a_batch_that_the_model_refuses_says_why_without_paths(reshape_model: Path) -> None:
    runtime = OnnxRuntime(reshape_model)
    runtime.prepare(2)()
    with pytest.raises(MeasurementError, match="into_pairs") as caught:
        runtime.prepare(3)()
    assert not isinstance(caught.value, OutOfMemoryError)
    assert "/" not in str(caught.value)


@pytest.mark.parametrize("size", [10**12, 10**19])
def test_inputs_beyond_memory_are_told_as_such(size: int, onnx_model: Callable[..., Path]) -> None:
    with pytest.raises(OutOfMemoryError):
        OnnxRuntime(onnx_model()).prepare(size)


def test_running_out_of_memory_is_told_as_such(
    onnx_model: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Session:
        def run(self, *_: object) -> None:
            raise RuntimeError("Failed to allocate memory for requested buffer of size 42")

    runtime = OnnxRuntime(onnx_model())
    monkeypatch.setattr(runtime, "_sessions", [Session()])
    with pytest.raises(OutOfMemoryError, match="out of memory"):
        runtime.prepare(2)()


def test_a_missing_file_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.onnx has 1 problem\n.*no such file"):
        OnnxRuntime(tmp_path / "none.onnx")


@pytest.mark.parametrize("content", [b"", b"not a model"])
def test_a_file_that_is_no_model_is_a_fault(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "bad.onnx"
    file.write_bytes(content)
    with pytest.raises(InputError, match="does not load it"):
        OnnxRuntime(file)


def test_every_input_that_cannot_be_fed_is_a_fault(onnx_model: Callable[..., Path]) -> None:
    with pytest.raises(InputError, match="expected the batch as first dimension, found a scalar"):
        OnnxRuntime(onnx_model(()))
    with pytest.raises(InputError, match=r"inputs of type tensor\(int16\) are not supported"):
        OnnxRuntime(onnx_model(kind="INT16"))


def test_without_onnxruntime_the_extra_is_named(
    onnx_model: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = onnx_model()
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'capsim\[measure\]'"):
        OnnxRuntime(file)


def test_each_instance_has_a_session_of_its_own(onnx_model: Callable[..., Path]) -> None:
    runtime = OnnxRuntime(onnx_model())
    assert np.array_equal(output(runtime.prepare(2)), output(runtime.prepare(2, instance=1)))
    assert len(runtime._sessions) == 2


def test_inputs_bound_to_a_device_give_the_same_answer(onnx_model: Callable[..., Path]) -> None:
    """As with CUDA, but on the device that is always there."""
    runtime = OnnxRuntime(onnx_model())
    feed = draw(runtime._inputs, 3)
    binding: Any = runtime._bound(runtime._sessions[0], feed, "cpu")()
    assert np.array_equal(binding.copy_outputs_to_cpu()[0], output(runtime.prepare(3)))


def test_cuda_that_is_not_there_is_a_fault(onnx_model: Callable[..., Path]) -> None:
    import onnxruntime

    if "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        pytest.skip("this onnxruntime has CUDA")
    with pytest.raises(InputError, match="the installed onnxruntime has no CUDA"):
        OnnxRuntime(onnx_model(), device="cuda")
