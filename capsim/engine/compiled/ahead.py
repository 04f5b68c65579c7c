"""Machine code ahead of time: `python -m capsim.engine.compiled.ahead [FOLDER]`.

Without a folder, all functions are compiled for this processor, into where this machine keeps them, so that no answer
waits for the compiler. With a folder they are compiled for every baseline of this family of processors, in the layout
of `machine.SHIPPED`, for a wheel to bring along.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path

from joblib import cpu_count

from capsim.engine.compiled import baselines, machine, sources
from capsim.engine.compiled.baselines import Baseline
from capsim.engine.compiled.entries import Addresses, general_at, lane_at, part_at, word_at
from capsim.serving.admission import ADMISSION
from capsim.serving.balancing import BALANCING
from capsim.serving.batching import BATCHING

Function = partial[int]
"""Asks for the address of a function."""

PARTS = (("chance", "fill"), ("chance", "space_out"), ("chance", "add_up"))
WORDS = (
    *(("unfolding", f"unfold_{rows}", "GENERAL") for rows in ("requests", "visits", "batches")),
    *(("unfolding", "unfold_batches", "LANE"), ("lane.rows", "unfold_lane", "LANE")),
)
MANIFEST = "manifest.json"
"""Is written when all else is there, so that no wheel takes what was interrupted."""


def functions() -> list[Function]:
    """All that machine code is ever asked for, what takes longest to compile first."""
    rules, both = Addresses(), (True, False)
    asked: Iterable[tuple[Callable[[str], int], Iterable[str]]] = (
        *((rules.decide, BATCHING), (rules.learn, BATCHING)),
        *((rules.choose, BALANCING), (rules.admit, ADMISSION)),
    )
    return [
        *(partial(general_at, rows, True) for rows in both),
        partial(general_at, True, False),
        *(partial(lane_at, rows, closed) for rows in both for closed in both),
        *(partial(ask, name) for ask, names in asked for name in names),
        *(partial(part_at, *part) for part in PARTS),
        *(partial(word_at, *word) for word in WORDS),
    ]


def compile_into(place: Path, wanted: Sequence[Function], baseline: Baseline | None = None) -> list[str]:
    """Compile functions into a folder, for a baseline or else for this processor, in processes of their own.

    Returns:
        Which functions could not be compiled, and why.

    Raises:
        OSError: the folder can't be made.
    """
    place.mkdir(parents=True, exist_ok=True)
    workers = ProcessPoolExecutor(
        min(cpu_count(), len(wanted)), get_context("spawn"), initializer=_begin, initargs=(place, baseline)
    )
    with workers:
        return [why for why in workers.map(_compile, wanted) if why]


def _begin(place: Path, baseline: Baseline | None) -> None:
    """Before this process imports Numba, which reads once for what processor it compiles."""
    if baseline is not None:
        os.environ["NUMBA_CPU_NAME"] = baseline.cpu
        os.environ["NUMBA_CPU_FEATURES"] = ",".join(f"+{feature}" for feature in baseline.features)
    machine.settle(place)


def _compile(function: Function) -> str:
    try:
        function()
    except machine.NotCompiledError as error:
        return f"{function.func.__name__}{function.args}: {error}"
    return ""


def ship(folder: Path) -> list[str]:
    """Compile everything for all baselines of this family of processors, and write the manifest if all could be."""
    place, faults = folder / sources.digest(), []
    for baseline in baselines.of_this_family():
        faults += _told(place / baseline.folder, baseline)
    if not faults:
        made_by = {"python": platform.python_version()} | {name: version(name) for name in ("numba", "llvmlite")}
        held = {each.name: sorted(file.name for file in each.iterdir()) for each in place.iterdir() if each.is_dir()}
        (place / MANIFEST).write_text(json.dumps({"made_by": made_by, "functions": held}, indent=1))
    return faults


def _told(place: Path, baseline: Baseline | None = None) -> list[str]:
    """Compile everything into a folder, and say how long it took."""
    started = time.monotonic()
    faults = compile_into(place, functions(), baseline)
    kind = baseline.cpu if baseline else "this processor"
    sys.stdout.write(f"Machine code for {kind}: {time.monotonic() - started:.0f} s\n")
    return faults


def main(arguments: Sequence[str] | None = None) -> int:
    """Compile; 1 if something can't be, which is then compiled or simulated otherwise when it is needed."""
    parser = argparse.ArgumentParser(prog="python -m capsim.engine.compiled.ahead", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", help="for a wheel; else where this machine keeps its code")
    folder: Path | None = parser.parse_args(arguments).folder
    try:
        faults = ship(folder) if folder else _told(machine.folder())
    except OSError as error:
        faults = [f"{error.filename}: {error.strerror}"]
    sys.stderr.writelines(f"Not compiled: {fault}\n" for fault in faults)
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
