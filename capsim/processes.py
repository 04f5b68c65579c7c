"""Many scenarios simulated in parallel processes; the answers do not depend on how many."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import closing
from dataclasses import replace
from typing import NamedTuple

from capsim.errors import Fault, InputError
from capsim.scenario import Scenario
from capsim.simulation import Progress, simulate
from capsim.stats import Result
from capsim.workers import in_processes

WORTH_PROCESSES_S = 10.0
"""Work of less than this is done before other processes have started, which takes seconds of CPU each."""


def simulate_all(
    scenarios: Iterable[tuple[int, Scenario]],
    workers: int,
    engine: str = "auto",
    progress: Progress | None = None,
    *,
    counted: bool = True,
) -> Generator[tuple[int, Result]]:
    """The answers to numbered scenarios as they come, in any order and without ledgers.

    Args:
        scenarios: taken a few at a time, as workers become free.
        workers: how many processes; with 1 everything runs in this one, in order.
        engine: as for `simulate`.
        progress: told of the scenario that runs, with 1 worker only.
        counted: as for `simulate`.

    Raises:
        InputError: the named engine does not cover a scenario.
        WorkerDiedError: processes died twice at the same scenario.
    """
    if workers == 1:
        for number, scenario in scenarios:
            yield number, _answer(scenario, engine, progress, counted=counted)
        return
    yield from _in_processes(scenarios, workers, engine, counted=counted)


def _in_processes(
    scenarios: Iterable[tuple[int, Scenario]], workers: int, engine: str, *, counted: bool
) -> Generator[tuple[int, Result]]:
    tasks = ((number, (scenario, engine, counted)) for number, scenario in scenarios)
    with closing(in_processes(_answer_or_refusal, tasks, workers)) as answers:
        for number, answer in answers:
            if isinstance(answer, Refusal):
                raise InputError(answer.source, answer.faults, answer.uncollected)
            yield number, answer


def in_order(
    scenarios: Sequence[Scenario],
    workers: int,
    engine: str = "auto",
    progress: Callable[[float], None] | None = None,
) -> list[Result]:
    """The answers to some scenarios, in their order, from rows but without them.

    `progress` is told the share that is done.
    """
    answers: dict[int, Result] = {}
    many = len(scenarios)

    def tell(replication: int, wanted: int, share: float) -> None:
        if progress:
            progress((len(answers) + (replication + share) / wanted) / many)

    at_once = workers if many > 1 else 1
    for number, answer in simulate_all(enumerate(scenarios), at_once, engine, tell, counted=False):
        answers[number] = answer
        tell(0, 1, 0)
    return [answers[number] for number in range(many)]


def processors() -> int:
    """How many processes run at once without waiting for each other."""
    import joblib

    return int(joblib.cpu_count())


class Workers:
    """How many processes to use: as many as are asked for, or one until the work so far is worth starting others."""

    def __init__(self, wanted: int | None) -> None:
        """Without a wanted number the clock starts now."""
        self._wanted = wanted
        self._since = time.monotonic()

    def __call__(self) -> int:
        """How many now."""
        if self._wanted is not None:
            return self._wanted
        return processors() if time.monotonic() - self._since > WORTH_PROCESSES_S else 1


class Refusal(NamedTuple):
    """An `InputError` on its way between processes: an exception of two arguments does not unpickle."""

    source: str
    faults: tuple[Fault, ...]
    uncollected: int


def _answer_or_refusal(scenario: Scenario, engine: str, counted: bool) -> Result | Refusal:
    try:
        return _answer(scenario, engine, None, counted=counted)
    except InputError as error:
        return Refusal(error.source, error.faults, error.uncollected)


def _answer(scenario: Scenario, engine: str, progress: Progress | None, *, counted: bool) -> Result:
    return replace(simulate(scenario, engine, progress, counted=counted), ledgers=())
