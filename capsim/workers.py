"""Work given to other processes: out of reach of Ctrl-C, and given anew once where a process dies."""

from __future__ import annotations

import signal
import time
from collections import deque
from collections.abc import Callable, Collection, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Any, TypeVar

from capsim.cluster import current, in_cluster
from capsim.errors import WorkerDiedError

T = TypeVar("T")
Task = tuple[int, tuple[Any, ...]]
"""A number, and the arguments of the work."""
IDLE_S = 60
MOST_WAIT_S = 2.0


def in_processes(function: Callable[..., T], tasks: Iterable[Task], workers: int) -> Generator[tuple[int, T]]:
    """What a function makes of each task, with its number, as it comes; in any order; on a cluster inside its context.

    Args:
        function: at the top of a module, so that other processes find it.
        tasks: taken a few at a time, as workers become free.
        workers: how many processes.

    Raises:
        WorkerDiedError: processes died twice while they had the same task.
    """
    if current() is not None:
        yield from in_cluster(current(), function, tasks)
        return
    waiting, again = iter(tasks), deque[Task]()
    running: dict[Future[T], Task] = {}
    lost: set[int] = set()
    try:
        while True:
            # A task more than workers, so that none of them waits for this process.
            while len(running) <= workers and (task := again.popleft() if again else next(waiting, None)):
                running[_submit(function, task, workers)] = task
            if not running:
                return
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                task = running.pop(future)
                if isinstance(future.exception(), BrokenProcessPool):
                    again.append(_once_more(task, lost))
                else:
                    yield task[0], future.result()
    except BaseException:
        _stop(workers, running)
        raise


def _once_more(task: Task, lost: set[int]) -> Task:
    if task[0] in lost:
        raise WorkerDiedError
    lost.add(task[0])
    return task


def _submit(function: Callable[..., T], task: Task, workers: int) -> Future[T]:
    """Give a task to the processes, which are started where there are none, or some have died."""
    with _ctrl_c_held():
        while True:
            try:
                future: Future[T] = _pool(workers).submit(function, *task[1])
            except BrokenProcessPool:
                # One died since the pool was asked for; the next pool is whole.
                continue
            return future


def _pool(workers: int) -> Any:
    from joblib.externals.loky import get_reusable_executor

    return get_reusable_executor(max_workers=workers, timeout=IDLE_S)


def _stop(workers: int, running: Collection[Future[Any]]) -> None:
    """End the processes now, whatever they do."""
    with _ctrl_c_held():
        # Killed between a task and its start, the pool would print a traceback.
        until = time.monotonic() + MOST_WAIT_S
        while not all(future.running() or future.done() for future in running) and time.monotonic() < until:
            time.sleep(0.01)
        _pool(workers).shutdown(wait=True, kill_workers=True)


@contextmanager
def _ctrl_c_held() -> Iterator[None]:
    """Processes that start inside never see Ctrl-C, which a terminal sends to all; this one sees it afterwards."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing.resource_tracker import ensure_running

    # It lets the signal through again where it starts.
    ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
