"""Triton Inference Server.

The wheel of `nvidia-pytriton` carries Triton 2.51 (24.10) with the Python backend, which batches dynamically and needs
no GPU. It wants NumPy below 2, so that it gets a virtual environment of its own.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sysconfig
from pathlib import Path
from typing import Any

from load import infer_request
from server import HOST, MODELS, PORT, Deployment, Start, environment, get, protocol_version

PACKAGES: tuple[str, ...] = ("nvidia-pytriton==0.7.0", "numpy<2", "onnx", "onnxruntime")
START_S = 5.0


def config(deployment: Deployment) -> str:
    """The text of `config.pbtxt`."""
    sizes = deployment.preferred_batch_sizes
    preferred = f"preferred_batch_size: {list(sizes)}" if sizes else ""
    return f"""
name: "{deployment.model}"
backend: "python"
max_batch_size: {deployment.max_batch_size}
input [ {{ name: "input", data_type: TYPE_FP32, dims: {list(deployment.inputs)} }} ]
output [ {{ name: "output", data_type: TYPE_FP32, dims: [ 1 ] }} ]
instance_group [ {{ count: {deployment.instances}, kind: KIND_CPU }} ]
dynamic_batching {{ max_queue_delay_microseconds: {deployment.max_queue_delay_us} {preferred} }}
"""


def backends(folder: Path, site: Path) -> Path:
    """The folder in which Triton finds the Python backend, with the process that runs `model.py` beside it."""
    triton = site / "pytriton" / "tritonserver"
    there = folder / "backends"
    if not there.exists():
        shutil.copytree(triton / "backends" / "python", there / "python")
        shutil.copy(triton / "python_backend_stubs" / "3.11" / "triton_python_backend_stub", there / "python")
    return there


def repository(folder: Path, deployment: Deployment, python: Path) -> Path:
    """A model repository that holds one model."""
    there = folder / "repository"
    shutil.rmtree(there, ignore_errors=True)
    version = there / deployment.model / "1"
    version.mkdir(parents=True)
    shutil.copy(deployment.source, version / "model.py")
    (version.parent / "config.pbtxt").write_text(config(deployment))
    if deployment.model == "resnet":
        network = folder / "resnet.onnx"
        if not network.exists():
            subprocess.run([python, MODELS / "build_resnet.py", network], check=True)  # noqa: S603 - our own command
        shutil.copy(network, version)
    return there


def start(folder: Path, deployment: Deployment) -> Start:
    """Write the model repository, and tell how Triton is started."""
    site = environment(folder, PACKAGES)
    command = (
        site / "pytriton" / "tritonserver" / "bin" / "tritonserver",
        f"--model-repository={repository(folder, deployment, folder / 'bin' / 'python')}",
        f"--backend-directory={backends(folder, site)}",
        "--model-control-mode=explicit",
        f"--load-model={deployment.model}",
        f"--http-address={HOST}",
        f"--http-port={PORT}",
        "--allow-grpc=false",
        "--allow-metrics=false",
        f"--backend-config=python,shm-region-prefix-name=capsim{os.getpid()}",
    )
    libraries = [site / "nvidia_pytriton.libs", sysconfig.get_config_var("LIBDIR"), os.environ.get("LD_LIBRARY_PATH")]
    variables = {
        "LD_LIBRARY_PATH": ":".join(str(path) for path in libraries if path),
        # The interpreter inside the backend takes its packages from the first Python on the path.
        "PATH": f"{(folder / 'bin').resolve()}:{os.environ['PATH']}",
        "OMP_NUM_THREADS": "1",
    }
    return Start(command, variables)


def request(deployment: Deployment) -> bytes:
    """An inference request of one item."""
    return infer_request(HOST, deployment.model, deployment.inputs)


def version() -> str:
    """What the server is called."""
    return protocol_version()


def batches(_folder: Path, /) -> dict[int, dict[str, int]]:
    """Batch size to how many batches of it ran since the start, and how long they took in all (ns)."""
    told: Any = json.loads(get("/v2/models/stats")[1])["model_stats"][0]
    return {
        int(row["batch_size"]): {
            "count": int(row["compute_infer"]["count"]),
            "ns": sum(int(row[part]["ns"]) for part in ("compute_input", "compute_infer", "compute_output")),
        }
        for row in told["batch_stats"]
    }
