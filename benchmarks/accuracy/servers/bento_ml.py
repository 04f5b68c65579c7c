"""BentoML, whose dispatcher batches adaptively in the process that speaks HTTP; the model runs on a thread of it."""

from __future__ import annotations

import json
from pathlib import Path

from load import http_request
from server import HOST, PORT, Deployment, Start, environment, logged_batches

PACKAGES: tuple[str, ...] = ("bentoml==1.4.39",)
START_S = 5.0
LOG = "batches.txt"


def start(folder: Path, deployment: Deployment) -> Start:
    """Tell how BentoML is started; the model's file is its service. A delay, which it lacks, means exact batches."""
    environment(folder, PACKAGES)
    (folder / LOG).write_text("")
    variables = {
        "BATCHES": str(folder / LOG),
        "MAX_BATCH_SIZE": str(deployment.max_batch_size),
        "EXACT_US": str(deployment.max_queue_delay_us),
        "BENTOML_HOME": str(folder / "home"),
        "BENTOML_DO_NOT_TRACK": "True",
    }
    at = ("--host", HOST, "--port", str(PORT), "--working-dir", deployment.source.parent)
    service = f"{deployment.source.stem}:{deployment.model.capitalize()}"
    return Start((folder / "bin" / "bentoml", "serve", service, *at), variables, "/readyz")


def request(_deployment: Deployment, /) -> bytes:
    """An inference request of one item."""
    return http_request(HOST, "/predict", json.dumps({"inputs": [1.0]}).encode(), "Content-Type: application/json")


def version() -> str:
    """What the server is called."""
    return PACKAGES[0].replace("==", " ").replace("bentoml", "BentoML")


def batches(folder: Path, /) -> dict[int, dict[str, int]]:
    """Batch size to how many batches of it ran since the start, and how long they took in all (ns)."""
    return logged_batches(folder / LOG)
