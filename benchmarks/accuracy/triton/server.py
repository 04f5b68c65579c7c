"""A real Triton Inference Server on this machine: its environment, its model repository, its life.

The wheel of `nvidia-pytriton` carries Triton 2.51 (24.10) with the Python backend, which batches dynamically and needs
no GPU. It wants NumPy below 2, so that it gets a virtual environment of its own.
"""

from __future__ import annotations

import http.client
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import psutil

PACKAGES = ("nvidia-pytriton==0.7.0", "numpy<2", "onnx", "onnxruntime")
HOST, PORT = "127.0.0.1", 18000
MODELS = Path(__file__).parent / "models"
START_S = 60.0
PRIORITY = 10
"""Real-time, on a scale of 1 to 99."""


@dataclass(frozen=True)
class Deployment:
    """What Triton is told in `config.pbtxt`, and which model it runs.

    Attributes:
        model: a file of `models/`, without its suffix.
        inputs: elements of the one input (FP32) without the batch.
        instances: execution slots.
        max_batch_size: most requests in a batch.
        max_queue_delay_us: how long a request waits for company (µs).
        preferred_batch_sizes: as Triton names them.
        computes: whether its model keeps its core busy.
    """

    model: str
    inputs: tuple[int, ...]
    instances: int
    max_batch_size: int
    max_queue_delay_us: int
    preferred_batch_sizes: tuple[int, ...] = ()
    computes: bool = False

    def config(self) -> str:
        """The text of `config.pbtxt`."""
        preferred = f"preferred_batch_size: {list(self.preferred_batch_sizes)}" if self.preferred_batch_sizes else ""
        return f"""
name: "{self.model}"
backend: "python"
max_batch_size: {self.max_batch_size}
input [ {{ name: "input", data_type: TYPE_FP32, dims: {list(self.inputs)} }} ]
output [ {{ name: "output", data_type: TYPE_FP32, dims: [ 1 ] }} ]
instance_group [ {{ count: {self.instances}, kind: KIND_CPU }} ]
dynamic_batching {{ max_queue_delay_microseconds: {self.max_queue_delay_us} {preferred} }}
"""


def environment(folder: Path) -> Path:
    """The virtual environment with Triton, made if it is not there yet; its site-packages."""
    python = folder / "bin" / "python"
    if not (folder / "ready").exists():
        if sys.version_info[:2] != (3, 11):
            raise SystemExit("Triton's Python backend is built for each Python; run this with Python 3.11.")
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)  # noqa: S603 - our own command
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PACKAGES], check=True)  # noqa: S603 - our own command
        (folder / "ready").touch()
    return folder / "lib" / "python3.11" / "site-packages"


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
    shutil.copy(MODELS / f"{deployment.model}.py", version / "model.py")
    (version.parent / "config.pbtxt").write_text(deployment.config())
    if deployment.model == "resnet":
        network = folder / "resnet.onnx"
        if not network.exists():
            subprocess.run([python, MODELS / "build_resnet.py", network], check=True)  # noqa: S603 - our own command
        shutil.copy(network, version)
    return there


def undisturbed_on(core: int) -> None:
    """Keep to a core from now on, and let no other process have it first where the system allows that."""
    os.sched_setaffinity(0, {core})
    with suppress(PermissionError):
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(PRIORITY))


@contextmanager
def awake(cores: Sequence[int]) -> Iterator[list[int]]:
    """Cores that never sleep: what it takes a virtual machine to wake one differs from hour to hour; its processes."""

    def in_idle_time(core: int) -> None:
        os.sched_setaffinity(0, {core})
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))

    spinning = [
        subprocess.Popen([sys.executable, "-c", "while True: pass"], preexec_fn=partial(in_idle_time, core))
        for core in cores
    ]
    try:
        yield [process.pid for process in spinning]
    finally:
        for process in spinning:
            process.kill()
            process.wait()


@contextmanager
def serving(folder: Path, deployment: Deployment, core: int) -> Iterator[int]:
    """Triton with this deployment, pinned to a core, for as long as the context lasts; its process."""
    site = environment(folder)
    command: Sequence[str | Path] = [
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
    ]
    libraries = [site / "nvidia_pytriton.libs", sysconfig.get_config_var("LIBDIR"), os.environ.get("LD_LIBRARY_PATH")]
    variables = os.environ | {
        "LD_LIBRARY_PATH": ":".join(str(path) for path in libraries if path),
        # The interpreter inside the backend takes its packages from the first Python on the path.
        "PATH": f"{(folder / 'bin').resolve()}:{os.environ['PATH']}",
        "OMP_NUM_THREADS": "1",
    }
    with (folder / "server.log").open("w") as log:
        server = subprocess.Popen(  # noqa: S603 - our own command
            command, env=variables, stdout=log, stderr=log, preexec_fn=lambda: undisturbed_on(core)
        )
        try:
            _wait_until_ready(server, folder / "server.log")
            if deployment.computes:
                _give_way(server.pid)
            yield server.pid
        finally:
            server.terminate()
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _give_way(server: int) -> None:
    """Let what computes be interrupted by what speaks HTTP, as on a machine without real-time priorities."""
    for model in psutil.Process(server).children(recursive=True):
        for thread in model.threads():
            with suppress(PermissionError):
                os.sched_setscheduler(thread.id, os.SCHED_OTHER, os.sched_param(0))
                os.setpriority(os.PRIO_PROCESS, thread.id, -20)


def _wait_until_ready(server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        if server.poll() is not None:
            raise SystemExit(f"Triton ended with {server.returncode}; see {log}")
        try:
            status, _ = get("/v2/health/ready")
        except OSError:
            status = 0
        if status == http.client.OK:
            return
        time.sleep(0.1)
    raise SystemExit(f"Triton was not ready after {START_S:g} s; see {log}")


def get(path: str) -> tuple[int, bytes]:
    """Status and body of what the server answers to a GET."""
    connection = http.client.HTTPConnection(HOST, PORT, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def version() -> str:
    """What the server calls itself."""
    told = json.loads(get("/v2")[1])
    return f"{told['name']} {told['version']}"


def batches(model: str) -> dict[int, dict[str, int]]:
    """Batch size to how many batches of it ran since the start, and how long they took in all (ns)."""
    told: Any = json.loads(get(f"/v2/models/{model}/stats")[1])["model_stats"][0]
    return {
        int(row["batch_size"]): {
            "count": int(row["compute_infer"]["count"]),
            "ns": sum(int(row[part]["ns"]) for part in ("compute_input", "compute_infer", "compute_output")),
        }
        for row in told["batch_stats"]
    }
