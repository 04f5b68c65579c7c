"""MLServer, whose adaptive batching collects requests in the process that speaks HTTP and sends batches to workers."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from load import infer_request
from server import HOST, PORT, Deployment, Start, environment, logged_batches, protocol_version

PACKAGES: tuple[str, ...] = ("mlserver==1.7.1", "uvloop<0.22")
START_S = 10.0
LOG = "batches.txt"


def start(folder: Path, deployment: Deployment) -> Start:
    """Write settings and model, and tell how MLServer is started."""
    environment(folder, PACKAGES)
    there = folder / "repository"
    shutil.rmtree(there, ignore_errors=True)
    there.mkdir()
    shutil.copy(deployment.source, there / "model.py")
    settings = {
        "debug": False,
        "host": HOST,
        "http_port": PORT,
        "grpc_port": PORT + 1,
        "metrics_endpoint": None,
        "parallel_workers": deployment.instances,
    }
    model = {
        "name": deployment.model,
        "implementation": f"model.{deployment.model.capitalize()}",
        "max_batch_size": deployment.max_batch_size,
        "max_batch_time": deployment.max_queue_delay_us / 1e6,
    }
    (there / "settings.json").write_text(json.dumps(settings))
    (there / "model-settings.json").write_text(json.dumps(model))
    (folder / LOG).write_text("")
    command = (folder / "bin" / "mlserver", "start", there)
    return Start(command, {"BATCHES": str(folder / LOG)})


def request(deployment: Deployment) -> bytes:
    """An inference request of one item."""
    return infer_request(HOST, deployment.model, deployment.inputs, binary=False)


def version() -> str:
    """What the server is called."""
    return protocol_version()


def batches(folder: Path, /) -> dict[int, dict[str, int]]:
    """Batch size to how many batches of it ran since the start, and how long they took in all (ns)."""
    return logged_batches(folder / LOG)
