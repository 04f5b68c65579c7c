"""A model that sleeps as an accelerator would compute: 4 ms a batch and 0.5 ms an item, without using the CPU."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import triton_python_backend_utils as pb_utils

PER_BATCH_S = 0.004
PER_ITEM_S = 0.0005


class TritonPythonModel:
    """What Triton's Python backend looks for."""

    def execute(self, requests: list[Any]) -> list[Any]:
        """One batch: a response for each request."""
        time.sleep(PER_BATCH_S + PER_ITEM_S * len(requests))
        output = pb_utils.Tensor("output", np.ones((1, 1), np.float32))
        return [pb_utils.InferenceResponse([output]) for _ in requests]
