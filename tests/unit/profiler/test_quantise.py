from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("onnx", reason="onnx writes the models of these tests")
pytest.importorskip("onnxruntime", reason="onnxruntime quantises the models of these tests")

import onnx

from capsim.profiler.inputs import Input
from capsim.profiler.onnx_runtime import OnnxRuntime
from capsim.profiler.quantise import WAYS, quantise


@pytest.fixture
def product(tmp_path: Path) -> Path:
    """A model that multiplies with a matrix of weights."""
    helper, kind = onnx.helper, onnx.TensorProto.FLOAT
    weights = np.random.default_rng(1).standard_normal((64, 32)).astype(np.float32)
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["y"])],
        "product",
        [helper.make_tensor_value_info("x", kind, ("batch", 64))],
        [helper.make_tensor_value_info("y", kind, ("batch", 32))],
        [onnx.numpy_helper.from_array(weights, "w")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    helper.set_model_props(model, {"exporter": "a test"})
    file = tmp_path / "product.onnx"
    onnx.save(model, file)
    return file


@pytest.mark.parametrize("precision", WAYS)
def test_weights_become_int8_and_the_model_still_runs(precision: str, product: Path, tmp_path: Path) -> None:
    file = tmp_path / "quantised.onnx"
    quantise(product, file, precision, [Input("x", "float32", (64,))])
    weights = [each for each in onnx.load(file).graph.initializer if np.prod(each.dims) == 64 * 32]
    assert [each.data_type for each in weights] == [onnx.TensorProto.INT8]
    runtime = OnnxRuntime(file, precision=precision)
    runtime.prepare(3)()
    said = runtime.conditions()
    assert said["exporter"] == "a test"
    assert str(said["quantiser"]).startswith("onnxruntime ")
