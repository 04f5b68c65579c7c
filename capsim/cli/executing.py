"""Where many simulations run: processes of this machine, or a Dask cluster."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Annotated

import typer


class Executor(StrEnum):
    """What runs many simulations at once."""

    processes = "processes"
    dask = "dask"


Where = Annotated[
    Executor, typer.Option("--executor", help="What runs many simulations at once; the answer is the same.")
]
Cluster = Annotated[
    str | None,
    typer.Option("--cluster", metavar="ADDRESS", help="A Dask scheduler, tcp://…; without it dask starts one here."),
]


@contextmanager
def executing(executor: Executor, cluster: str | None, workers: int | None) -> Iterator[int | None]:
    """While many simulations run there; gives how many at a time, nothing where that is still open."""
    if executor is Executor.processes and cluster is None:
        yield workers
        return
    from capsim.cluster import on_cluster

    with on_cluster(cluster, workers) as at_once:
        # One at a time would stay in this process.
        yield max(2, at_once)
