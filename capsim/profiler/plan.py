"""What is to be measured, checked before anything is loaded."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from capsim.errors import Fault, InputError

_MOST_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be measured.

    Attributes:
        batch_sizes: each of them.
        samples: least number of measured batches of each size.
        threads: that compute within one operator.
        cores: that the process is pinned to; empty where the system cannot pin.
        seed: of the order in which batch sizes alternate.
    """

    batch_sizes: tuple[int, ...]
    samples: int = 200
    threads: int = 1
    cores: tuple[int, ...] = ()
    seed: int = 1

    @classmethod
    def parse(cls, batch_sizes: str, samples: int, threads: int, cores: str | None, seed: int) -> Plan:
        """A plan from the words of the command line.

        Raises:
            InputError: with everything that is wrong with them.
        """
        faults: list[Fault] = []
        sizes = _numbers("--batch-sizes", batch_sizes, 1, faults)
        if samples < 1:
            faults.append(Fault("--samples", f"must be at least 1, got {samples}"))
        if threads < 1:
            faults.append(Fault("--threads", f"must be at least 1, got {threads}"))
        if seed < 0:
            faults.append(Fault("--seed", f"must be at least 0, got {seed}"))
        available = _available_cores()
        pinned = tuple(available[-threads:]) if cores is None else _numbers("--cores", cores, 0, faults)
        if cores is not None:
            faults += _core_faults(pinned, available)
        if available and len(pinned) < threads:
            faults.append(Fault("--threads", f"{threads} threads need as many cores, got {len(pinned)}"))
        if faults:
            raise InputError("the command line", faults)
        return cls(sizes, samples, threads, pinned, seed)


def check_output(file: Path) -> None:
    """The output must be a YAML file, since its name gives the name of the samples beside it.

    Raises:
        InputError: it is not.
    """
    if file.suffix not in {".yaml", ".yml"}:
        raise InputError("the command line", [Fault("--output", f"expected a .yaml file, got {file.name}")])


def _numbers(option: str, text: str, least: int, faults: list[Fault]) -> tuple[int, ...]:
    """Distinct whole numbers in rising order; each word that is none becomes a fault."""
    numbers = set()
    for word in (part.strip() for part in text.split(",")):
        if not word.isdecimal():
            faults.append(Fault(option, f"expected whole numbers such as 1,2,4, got '{word}'"))
        elif len(word) > _MOST_DIGITS or int(word) < least:
            faults.append(Fault(option, f"must be from {least} to {'9' * _MOST_DIGITS}, got {word}"))
        else:
            numbers.add(int(word))
    return tuple(sorted(numbers))


def _available_cores() -> list[int]:
    """The cores that this process may use; none where the system cannot pin."""
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []


def _core_faults(cores: tuple[int, ...], available: list[int]) -> list[Fault]:
    if not available:
        return [Fault("--cores", "this system cannot pin a process to cores")]
    absent = sorted(set(cores) - set(available))
    return [Fault("--cores", f"core {core} is not among those this process may use, {available}") for core in absent]
