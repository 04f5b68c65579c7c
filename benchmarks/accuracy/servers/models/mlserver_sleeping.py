"""A model that sleeps as an accelerator would compute: 16 ms a batch and 2 ms an item, without using the CPU."""

from __future__ import annotations

import os
import time

from mlserver import MLModel
from mlserver.types import InferenceRequest, InferenceResponse, ResponseOutput

PER_BATCH_S = 0.016
PER_ITEM_S = 0.002


class Sleeping(MLModel):  # type: ignore[misc]  # of a package without types
    """What `implementation` names in `model-settings.json`; like MLServer's own runtimes it blocks its worker."""

    async def load(self) -> bool:
        """Open the log: a line a batch, its size and how long it took (ns)."""
        self.log = os.open(os.environ["BATCHES"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        """One batch, whose first dimension counts its items."""
        size = payload.inputs[0].shape[0]
        began = time.perf_counter_ns()
        time.sleep(PER_BATCH_S + PER_ITEM_S * size)
        os.write(self.log, f"{size} {time.perf_counter_ns() - began}\n".encode())
        output = ResponseOutput(name="output", shape=[size, 1], datatype="FP32", data=[1.0] * size)
        return InferenceResponse(model_name=self.name, outputs=[output])
