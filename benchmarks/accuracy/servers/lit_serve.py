"""LitServe, whose workers collect batches from one queue, each in windows of its own."""

from __future__ import annotations

import json
from pathlib import Path

from load import http_request
from server import HOST, PORT, Deployment, Start, environment, logged_batches

PACKAGES: tuple[str, ...] = ("litserve==0.2.19", "uvloop<0.22")
START_S = 10.0
LOG = "batches.txt"


def start(folder: Path, deployment: Deployment) -> Start:
    """Tell how LitServe is started; the model is the server's own script."""
    environment(folder, PACKAGES)
    (folder / LOG).write_text("")
    told = (PORT, deployment.instances, deployment.max_batch_size, deployment.max_queue_delay_us / 1e6, folder / LOG)
    return Start((folder / "bin" / "python", deployment.source, *map(str, told)))


def request(_deployment: Deployment, /) -> bytes:
    """An inference request of one item."""
    return http_request(HOST, "/predict", json.dumps({"input": 1.0}).encode(), "Content-Type: application/json")


def version() -> str:
    """What the server is called."""
    return PACKAGES[0].replace("==", " ")


def batches(folder: Path, /) -> dict[int, dict[str, int]]:
    """Batch size to how many batches of it ran since the start, and how long they took in all (ns)."""
    return logged_batches(folder / LOG)
