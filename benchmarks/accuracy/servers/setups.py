"""What is measured: deployments, and under which loads."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import bento_ml
import lit_serve
import ml_server
import numpy as np
import triton
from numpy.typing import NDArray
from server import Deployment, Server

SIZES = (1, 2, 4, 8)
"""Batch sizes that are profiled."""
SHARES = (30, 50, 70, 85)
"""Open loads, in percent of what full batches on every instance bear."""
CLIENTS = (1, 2, 4, 8, 16, 32)
ANYHOW_US = 1_000_000
"""A delay after which every batch is full."""


@dataclass(frozen=True)
class Setup:
    """A deployment under test.

    Attributes:
        name: of the files.
        words: what it is.
        deployment: what the server is told.
        requests: in each open loop.
        learns: whether the server batches by what it has served before. Each load then gets a server that has served
            nothing, and closed loops last longer than what it goes through.
    """

    name: str
    words: str
    deployment: Deployment
    requests: int
    learns: bool = False


SETUPS = (
    Setup("sleeping", "a model that sleeps", Deployment("triton", "sleeping", (1,), 1, 8, 2000, (4, 8)), 6000),
    Setup("two", "two instances of it", Deployment("triton", "sleeping", (1,), 2, 8, 0), 6000),
    Setup("resnet", "ResNet-56", Deployment("triton", "resnet", (3, 32, 32), 1, 8, 2000, computes=True), 3000),
    Setup("mlserver", "a slower one", Deployment("mlserver", "sleeping", (1,), 1, 8, 30_000), 3000),
    Setup("litserve", "a slower one", Deployment("litserve", "sleeping", (1,), 1, 8, 10_000), 2000),
    Setup("bentoml", "a slower one", Deployment("bentoml", "sleeping", (1,), 1, 8, 0), 2000, learns=True),
)
SERVERS: dict[str, Server] = {"triton": triton, "mlserver": ml_server, "litserve": lit_serve, "bentoml": bento_ml}


@dataclass(frozen=True)
class Run:
    """One measurement.

    Attributes:
        kind: `rounds` (exact batches, one at a time), `full` (exact batches, the next always ready), `open`, `closed`.
        load: the batch size, the share of capacity in percent, or the clients.
        repeat: which of several alike; 0 where there is one.
        instances: of the deployment.
    """

    kind: str
    load: int
    repeat: int
    instances: int

    @property
    def name(self) -> str:
        """What it is called in the data."""
        repeat = f"-{self.repeat}" if self.kind in {"open", "closed"} else f"x{self.instances}"
        return f"{self.kind}-{self.load}{repeat}"

    @property
    def exact(self) -> bool:
        """Whether batches are to be of one size."""
        return self.kind in {"rounds", "full"}


def runs(setup: Setup, repeats: int) -> Iterator[Run]:
    """All runs of a setup in their order: repeats last, so that slow changes of the machine show as noise."""
    several = setup.deployment.instances
    for size in SIZES:
        yield Run("rounds", size, 0, 1)
        for instances in dict.fromkeys((1, several)):
            yield Run("full", size, 0, instances)
    for repeat in range(1, repeats + 1):
        for share in SHARES:
            yield Run("open", share, repeat, several)
        for clients in CLIENTS:
            yield Run("closed", clients, repeat, several)


def arrivals_s(setup: Setup, share: int, capacity_per_s: float) -> NDArray[np.float64]:
    """The Poisson arrivals of a load, the same in every repeat, in whole microseconds."""
    seed = zlib.crc32(f"{setup.name} {share}".encode())
    gaps = np.random.default_rng(seed).exponential(100 / (share * capacity_per_s), setup.requests)
    return np.asarray(np.round(np.cumsum(gaps), 6), dtype=np.float64)
