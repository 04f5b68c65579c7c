"""Work given to a Dask cluster in place of processes of this machine."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from capsim.errors import CapsimError, MissingExtraError, WorkerDiedError

T = TypeVar("T")
TIMES_THREADS = 2
"""So many tasks are on their way for each thread of the cluster, so that none waits for this process."""
WAIT_S = 30

_cluster: ContextVar[Any] = ContextVar("cluster", default=None)


class NoClusterError(CapsimError):
    """A Dask cluster cannot be reached."""

    def __init__(self, address: str, why: str) -> None:
        """Say which, and why."""
        super().__init__(f"There is no Dask cluster at {address}: {why}.")


@contextmanager
def on_cluster(address: str | None, workers: int | None) -> Iterator[int]:
    """While work goes to a Dask cluster; gives how many tasks it does at once.

    Args:
        address: of its scheduler, such as `tcp://10.0.0.1:8786`; a cluster on this machine where none is given.
        workers: processes of a cluster on this machine; as many as processors unless given.

    Raises:
        MissingExtraError: Dask is not installed.
        NoClusterError: nothing answers there.
    """
    try:
        import distributed
    except ModuleNotFoundError:
        raise MissingExtraError("distributed", "dask") from None
    dask: Any = distributed
    local: Any = None
    if address is None:
        # The SimPy engine starts processes of its own, which workers that are daemons could not.
        _allow_processes()
        local = dask.LocalCluster(
            n_workers=workers, threads_per_worker=1, dashboard_address=None, silence_logs=logging.CRITICAL
        )
    try:
        client: Any = dask.Client(local or address, timeout=WAIT_S)
    except (OSError, ValueError) as error:
        raise NoClusterError(str(address), str(error).splitlines()[0]) from None
    token = _cluster.set(client)
    try:
        yield max(1, sum(client.nthreads().values()))
    finally:
        _cluster.reset(token)
        client.close()
        if local is not None:
            local.close()


def _as_completed(dask: Any) -> Any:
    """Futures as they are done, to which more are added."""
    return dask.as_completed([])


def _allow_processes() -> None:
    import dask

    dask.config.set({"distributed.worker.daemon": False})


def current() -> Any:
    """The cluster that work goes to; nothing where it stays on this machine."""
    return _cluster.get()


def in_cluster(
    client: Any, function: Callable[..., T], tasks: Iterable[tuple[int, tuple[Any, ...]]]
) -> Generator[tuple[int, T]]:
    """What a function makes of each task, with its number, as it comes; in any order.

    A task whose worker died is done by another one; Dask counts how often, and gives up after three times.

    Raises:
        WorkerDiedError: workers died again and again while they had the same task.
    """
    import distributed

    waiting = iter(tasks)
    numbers: dict[str, int] = {}
    done: Any = _as_completed(distributed)
    most = TIMES_THREADS * max(1, sum(client.nthreads().values()))
    try:
        while True:
            while len(numbers) < most and (task := next(waiting, None)) is not None:
                future = client.submit(function, *task[1], pure=False)
                numbers[future.key] = task[0]
                done.add(future)
            if not numbers:
                return
            future = next(done)
            yield numbers.pop(future.key), future.result()
    except distributed.KilledWorker:
        raise WorkerDiedError from None
    finally:
        client.cancel(list(done.futures))
