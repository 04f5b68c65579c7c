"""A server whose model sleeps as an accelerator would compute, 16 ms a batch and 2 ms an item, without using the CPU.

python litserve_sleeping.py PORT WORKERS MAX_BATCH_SIZE BATCH_TIMEOUT_S LOG
"""

from __future__ import annotations

import os
import sys
import time

import litserve

PER_BATCH_S = 0.016
PER_ITEM_S = 0.002


class Sleeping(litserve.LitAPI):  # type: ignore[misc]  # of a package without types
    """What a worker runs."""

    def setup(self, device: str) -> None:  # noqa: ARG002 - what LitServe calls
        """Open the log: a line a batch, its size and how long it took (ns)."""
        self.log = os.open(sys.argv[5], os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def decode_request(self, request: dict[str, float]) -> float:
        """The one number of a request."""
        return request["input"]

    def batch(self, inputs: list[float]) -> list[float]:
        """One batch."""
        return list(inputs)

    def predict(self, x: list[float] | float) -> list[float] | float:
        """One batch, or a request alone where batches are of one."""
        size = len(x) if isinstance(x, list) else 1
        began = time.perf_counter_ns()
        time.sleep(PER_BATCH_S + PER_ITEM_S * size)
        os.write(self.log, f"{size} {time.perf_counter_ns() - began}\n".encode())
        return x

    def unbatch(self, output: list[float]) -> list[float]:
        """An answer for each request."""
        return output

    def encode_response(self, output: float) -> dict[str, float]:
        """What a client gets."""
        return {"output": output}


if __name__ == "__main__":
    port, workers, most, timeout_s = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
    server = litserve.LitServer(
        Sleeping(max_batch_size=most, batch_timeout=timeout_s),
        accelerator="cpu",
        workers_per_device=workers,
        healthcheck_path="/v2/health/ready",
    )
    server.run(host="127.0.0.1", port=port, num_api_servers=1, generate_client_file=False, log_level="warning")
