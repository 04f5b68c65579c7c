"""Which engine simulates a scenario, and replications at once where it lets them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from multiprocessing import current_process

from capsim.engine import tally
from capsim.engine.blueprint import Blueprint
from capsim.engine.ledger import Ledger
from capsim.engine.simpy.replication import run as run_on_simpy
from capsim.engine.tally import Tally
from capsim.errors import CodedWarning, Fault, InputError
from capsim.workers import in_processes

ENGINES = ("auto", "simpy", "compiled")

LONG_S = 2.0
"""After a replication that took so long, processes save more than they cost to start."""

Told = Callable[[float], None]
"""Told the share of a replication's horizon that has passed."""


@dataclass(frozen=True)
class Engine:
    """The engine that answers.

    Attributes:
        name: as results say it.
        run: from a blueprint to its ledger, or to its tally.
        threads: it lets other threads run, so that replications can.
        warnings: what there is to say about the choice.
    """

    name: str
    run: Callable[[Blueprint, Told | None], Ledger | Tally]
    threads: bool
    warnings: tuple[CodedWarning, ...] = ()

    def timed(self, blueprint: Blueprint, told: Told | None) -> tuple[Ledger | Tally, float]:
        """A replication, and the CPU seconds that it took."""
        started = time.thread_time()
        found = self.run(blueprint, told)
        return found, time.thread_time() - started

    def replicate(
        self, blueprints: list[Blueprint], told: Callable[[int, float], None] | None, *, at_once: bool = True
    ) -> Iterator[tuple[Ledger | Tally, float]]:
        """The replications in their order, each with its CPU seconds; how many run at once changes no result.

        Replications of an engine that lets no other thread run get processes, once one has taken long.
        """
        workers = most_at_once(len(blueprints)) if at_once else 1
        if workers > 1 and self.threads:
            with ThreadPoolExecutor(workers) as pool:
                yield from _told(pool.map(self.timed, blueprints, [None] * len(blueprints)), 0, told)
            return
        for number, blueprint in enumerate(blueprints):
            ledger, spent_s = self.timed(blueprint, _of(number, told))
            yield ledger, spent_s
            rest = blueprints[number + 1 :]
            if workers > 1 and len(rest) > 1 and spent_s > LONG_S and current_process().name == "MainProcess":
                yield from _told(_in_processes(self, rest, workers), number + 1, told)
                return


def _told(
    ended: Iterable[tuple[Ledger | Tally, float]], first: int, told: Callable[[int, float], None] | None
) -> Iterator[tuple[Ledger | Tally, float]]:
    """Replications that run at once, numbered from `first` on; each is told of when it is over."""
    for number, found in enumerate(ended, first):
        if told:
            told(number, 1.0)
        yield found


def _in_processes(engine: Engine, blueprints: list[Blueprint], workers: int) -> Iterator[tuple[Ledger | Tally, float]]:
    """The replications in their order, however they come."""
    early: dict[int, tuple[Ledger | Tally, float]] = {}
    tasks = ((number, (blueprint, None)) for number, blueprint in enumerate(blueprints))
    following = 0
    with closing(in_processes(engine.timed, tasks, workers)) as answers:
        for number, found in answers:
            early[number] = found
            while following in early:
                yield early.pop(following)
                following += 1


def choose_engine(name: str, blueprint: Blueprint, tally_from_ns: int | None = None) -> Engine:
    """The engine of this name, or the fastest that covers the blueprint with `auto`.

    Given an instant it keeps no rows but a tally from then on, if it can.

    Raises:
        ValueError: no such engine.
        InputError: the named engine does not cover it.
    """
    if name not in ENGINES:
        raise ValueError(f"no engine '{name}'; choose one of {', '.join(ENGINES)}")
    if name == "simpy":
        return Engine("simpy", run_on_simpy, threads=False)
    reason = _why_not_compiled(blueprint, rows=tally_from_ns is None)
    if reason is None:
        from capsim.engine import compiled

        if tally_from_ns is None:
            return Engine("compiled", compiled.run, threads=True)
        counted = CodedWarning(
            "tallied", f"requests are counted in histograms: percentiles are at most {tally.LARGEST_ERROR:.1%} off"
        )
        return Engine(
            "compiled",
            lambda each, told: compiled.run_tally(each, tally_from_ns, told),
            threads=True,
            warnings=(counted,),
        )
    if name == "compiled":
        raise InputError("--engine compiled", [Fault("", reason)])
    fallback = CodedWarning("engine_fallback", f"simulated by the slower SimPy engine: {reason}")
    return Engine("simpy", run_on_simpy, threads=False, warnings=(fallback,))


def can_tally(name: str, blueprint: Blueprint) -> bool:
    """Whether the engine of this name can count requests in histograms, which do not tell requests apart."""
    return blueprint.plain and name != "simpy" and _why_not_compiled(blueprint, rows=False) is None


def _why_not_compiled(blueprint: Blueprint, *, rows: bool) -> str | None:
    try:
        from capsim.engine import compiled

        return compiled.refusal(blueprint, rows)
    except ImportError as error:
        return f"Numba can't be imported ({error})"


def _of(number: int, told: Callable[[int, float], None] | None) -> Told | None:
    return None if told is None else lambda share: told(number, share)


def most_at_once(replications: int) -> int:
    """How many replications run at once where that is wanted."""
    return min(replications, _cores())


def _cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
