"""Models at int8, as onnxruntime makes them.

Scales are taken from random inputs: they decide what a model answers, not how long it takes.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from capsim.errors import MissingExtraError
from capsim.profiler.inputs import Input, draw

WAYS = {
    "int8": "int8 weights, quantised dynamically by onnxruntime: activations are scaled anew for each batch",
    "int8-static": "int8 weights and activations, quantised statically by onnxruntime with scales from random inputs",
}
"""Precision to what it means."""

_CALIBRATION_BATCHES = 4


def quantise(model: Path, output: Path, precision: str, inputs: Sequence[Input]) -> None:
    """Write the model at int8.

    Args:
        model: an fp32 ONNX file.
        output: where to write.
        precision: one of `WAYS`.
        inputs: to calibrate with.

    Raises:
        MissingExtraError: onnxruntime or onnx is not installed.
    """
    try:
        import onnx
        from onnxruntime import __version__, quantization
    except ImportError as error:
        raise MissingExtraError("onnx", "measure") from error
    # It advises on accuracy, which is not measured here.
    logging.getLogger().setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "model.onnx"
        _plain(onnx, model, whole)
        if precision == "int8":
            quantization.quantize_dynamic(whole, output, weight_type=quantization.QuantType.QInt8)
        else:
            _quantise_statically(quantization, whole, output, inputs)
    quantised = onnx.load(output)
    onnx.helper.set_model_props(quantised, _properties(model, onnx) | {"quantiser": f"onnxruntime {__version__}"})
    onnx.save(quantised, output)


def _plain(onnx: Any, model: Path, output: Path) -> None:
    """Without the exporter's shapes of inner values, which contradict those that quantising finds."""
    loaded = onnx.load(model)
    del loaded.graph.value_info[:]
    onnx.save(loaded, output)


def _properties(model: Path, onnx: Any) -> dict[str, str]:
    return {each.key: each.value for each in onnx.load(model, load_external_data=False).metadata_props}


def _quantise_statically(quantization: Any, model: Path, output: Path, inputs: Sequence[Input]) -> None:
    batches = iter([draw(inputs, 1) for _ in range(_CALIBRATION_BATCHES)])

    class Random(quantization.CalibrationDataReader):  # type: ignore[misc]  # the base class is known when this runs
        def get_next(self) -> dict[str, Any] | None:
            return next(batches, None)

    quantization.quantize_static(
        model,
        output,
        Random(),
        quant_format=quantization.QuantFormat.QDQ,
        activation_type=quantization.QuantType.QUInt8,
        weight_type=quantization.QuantType.QInt8,
        per_channel=True,
    )
