"""A ResNet under ONNX Runtime with one thread."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import triton_python_backend_utils as pb_utils


class TritonPythonModel:
    """What Triton's Python backend looks for."""

    def initialize(self, args: dict[str, str]) -> None:
        """Load the network that lies beside this file."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        network = Path(args["model_repository"]) / args["model_version"] / "resnet.onnx"
        self.session = onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])

    def execute(self, requests: list[Any]) -> list[Any]:
        """One batch: a response for each request."""
        inputs = [pb_utils.get_input_tensor_by_name(request, "input").as_numpy() for request in requests]
        (found,) = self.session.run(None, {"input": np.concatenate(inputs)})
        return [
            pb_utils.InferenceResponse([pb_utils.Tensor("output", found[i : i + 1, :1])]) for i in range(len(requests))
        ]
