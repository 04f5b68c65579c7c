"""A real inference server on this machine: its environment, its life. What differs by server is in a file for each."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Protocol

import psutil

HOST, PORT = "127.0.0.1", 18000
MODELS = Path(__file__).parent / "models"
START_S = 60.0
PRIORITY = 10
"""Real-time, on a scale of 1 to 99."""


@dataclass(frozen=True)
class Deployment:
    """What a server is told, and which model it runs.

    Attributes:
        server: which.
        model: a file of `models/`, without the server's name.
        inputs: elements of the one input (FP32) without the batch.
        instances: execution slots.
        max_batch_size: most requests in a batch.
        max_queue_delay_us: how long a request waits for company (µs).
        preferred_batch_sizes: as Triton names them.
        computes: whether its model keeps its core busy.
    """

    server: str
    model: str
    inputs: tuple[int, ...]
    instances: int
    max_batch_size: int
    max_queue_delay_us: int
    preferred_batch_sizes: tuple[int, ...] = ()
    computes: bool = False

    @property
    def source(self) -> Path:
        """The model as the server runs it."""
        return MODELS / f"{self.server}_{self.model}.py"


@dataclass(frozen=True)
class Start:
    """How a server is started.

    Attributes:
        command: to run.
        variables: of its environment, beside those of this process.
        ready: the path of a GET that is answered with 200 once it serves.
    """

    command: Sequence[str | Path]
    variables: Mapping[str, str] = field(default_factory=dict)
    ready: str = "/v2/health/ready"


class Server(Protocol):
    """What differs between servers."""

    PACKAGES: tuple[str, ...]
    """What is installed into the server's virtual environment."""
    START_S: float
    """About how long it takes to start."""

    def start(self, folder: Path, deployment: Deployment) -> Start:
        """Write into its folder what the server reads, and tell how it is started."""

    def request(self, deployment: Deployment, /) -> bytes:
        """An inference request of one item."""

    def version(self) -> str:
        """What the server is called."""

    def batches(self, folder: Path, /) -> dict[int, dict[str, int]]:
        """Batch size to how many batches of it ran since the start, and how long they took in all (ns)."""


def environment(folder: Path, packages: Sequence[str]) -> Path:
    """A virtual environment with a server in it, made in its folder if it is not there yet; its site-packages."""
    python = folder / "bin" / "python"
    if not (folder / "ready").exists():
        if sys.version_info[:2] != (3, 11):
            raise SystemExit("Triton's Python backend is built for each Python; run this with Python 3.11.")
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)  # noqa: S603 - our own command
        subprocess.run([python, "-m", "pip", "install", "--quiet", *packages], check=True)  # noqa: S603 - our own command
        (folder / "ready").touch()
    return folder / "lib" / "python3.11" / "site-packages"


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
def serving(start: Start, log: Path, core: int, models_core: int) -> Iterator[int]:
    """A server on a core for as long as the context lasts, and the core that its models have; its process."""
    with log.open("w") as written:
        server = subprocess.Popen(  # noqa: S603 - our own command
            start.command,
            env={**os.environ, **start.variables},
            cwd=log.parent,
            stdout=written,
            stderr=written,
            preexec_fn=lambda: undisturbed_on(core),
        )
        children: list[psutil.Process] = []
        try:
            _wait_until_ready(server, start.ready, log)
            children = psutil.Process(server.pid).children(recursive=True)
            if models_core != core:
                _keep_models_on(models_core, children)
            yield server.pid
        finally:
            server.terminate()
            with suppress(subprocess.TimeoutExpired):
                server.wait(20)
            for child in children:
                with suppress(psutil.NoSuchProcess):
                    child.kill()
            server.kill()
            server.wait()


def _keep_models_on(core: int, models: Sequence[psutil.Process]) -> None:
    """Give the processes that run models a core, as an accelerator would compute apart from what speaks HTTP.

    Not in real time: Linux stops real-time processes for 50 ms in every second in which they compute for longer.
    """
    for model in models:
        for thread in model.threads():
            os.sched_setaffinity(thread.id, {core})
            with suppress(PermissionError):
                os.sched_setscheduler(thread.id, os.SCHED_OTHER, os.sched_param(0))
                os.setpriority(os.PRIO_PROCESS, thread.id, -20)


def _wait_until_ready(server: subprocess.Popen[bytes], path: str, log: Path) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        if server.poll() is not None:
            raise SystemExit(f"The server ended with {server.returncode}; see {log}")
        try:
            status, _ = get(path)
        except OSError:
            status = 0
        if status == http.client.OK:
            return
        time.sleep(0.1)
    raise SystemExit(f"The server was not ready after {START_S:g} s; see {log}")


def get(path: str) -> tuple[int, bytes]:
    """Status and body of what the server answers to a GET."""
    connection = http.client.HTTPConnection(HOST, PORT, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def protocol_version() -> str:
    """What a server that speaks the KServe protocol calls itself."""
    told = json.loads(get("/v2")[1])
    return f"{told['name']} {told['version']}"


def logged_batches(log: Path) -> dict[int, dict[str, int]]:
    """What a model has written, a line a batch: its size, and how long it took (ns)."""
    found: dict[int, dict[str, int]] = {}
    for line in log.read_text().splitlines():
        size, took_ns = map(int, line.split())
        told = found.setdefault(size, {"count": 0, "ns": 0})
        told["count"] += 1
        told["ns"] += took_ns
    return found
