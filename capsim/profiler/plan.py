"""What is to be measured, checked before anything is loaded."""

from __future__ import annotations

import math
import os
import re
from dataclasses import dataclass
from pathlib import Path

from capsim.errors import Fault, InputError
from capsim.profiler.samples import Cell
from capsim.units import NS_PER_S, SHARE, TIME, Unit

_MOST_DIGITS = 6
_MOST_INSTANCES = 64
_RANGE = re.compile(r"(\d{1,4})-(\d{1,4})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be measured.

    Attributes:
        batch_sizes: each of them.
        instances: how many share the device, each of them.
        samples: least number of measured batches of each size.
        most_samples: of each size, where the intervals do not become narrow before.
        tolerance: both intervals, of the median and of p99, end within this part of the value.
        most_seconds: the time after which the measurement ends; infinite for none.
        threads: that compute within one operator.
        cores: that the process is pinned to; empty where it is not.
        device: `cpu` or `cuda`.
        seed: of the order in which batch sizes alternate.
    """

    batch_sizes: tuple[int, ...]
    instances: tuple[int, ...] = (1,)
    samples: int = 200
    most_samples: int = 1000
    tolerance: float = 0.05
    most_seconds: float = math.inf
    threads: int = 1
    cores: tuple[int, ...] = ()
    device: str = "cpu"
    seed: int = 1

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Everything that is measured."""
        return tuple(Cell(size, instances) for size in self.batch_sizes for instances in self.instances)

    @property
    def crowd(self) -> str | None:
        """What is said where the threads of all instances are more than the cores to pin to."""
        most, cores = max(self.instances), len(self.cores)
        threads = most * self.threads
        if self.device != "cpu" or most == 1 or not 0 < cores < threads:
            return None
        between = f"{threads} threads of {most} instances have {cores} core{'s' if cores > 1 else ''} between them"
        return f"{between}; name {threads} with --cores to give each its own"

    @classmethod
    def parse(
        cls,
        batch_sizes: str,
        *,
        instances: str = "1",
        samples: int = 200,
        most_samples: int = 1000,
        tolerance: str = "5 %",
        time_limit: str | None = None,
        threads: int = 1,
        cores: str | None = None,
        device: str = "cpu",
        seed: int = 1,
    ) -> Plan:
        """A plan from the words of the command line.

        Raises:
            InputError: with everything that is wrong with them.
        """
        faults: list[Fault] = []
        sizes = _numbers("--batch-sizes", batch_sizes, 1, faults)
        at_once = _numbers("--instances", instances, 1, faults)
        faults += [
            Fault(option, f"must be at least {least}, got {value}")
            for option, value, least in (("--samples", samples, 1), ("--threads", threads, 1), ("--seed", seed, 0))
            if value < least
        ]
        if most_samples < samples:
            faults.append(Fault("--most-samples", f"must be at least --samples, {samples}, got {most_samples}"))
        if at_once and 1 not in at_once:
            faults.append(Fault("--instances", "must include 1, which the others are compared with"))
        if at_once and max(at_once) > _MOST_INSTANCES:
            faults.append(Fault("--instances", f"must be at most {_MOST_INSTANCES}, got {max(at_once)}"))
        part = _quantity("--tolerance", tolerance, SHARE.positive, faults)
        seconds = _quantity("--time-limit", time_limit, TIME.positive, faults) / NS_PER_S if time_limit else math.inf
        pinned = _pinned(cores, threads, device, faults)
        if faults:
            raise InputError("the command line", faults)
        return cls(sizes, at_once, samples, most_samples, part, seconds, threads, pinned, device, seed)


def check_output(file: Path) -> None:
    """The output must be a YAML file, since its name gives the name of the samples beside it.

    Raises:
        InputError: it is not.
    """
    if file.suffix not in {".yaml", ".yml"}:
        raise InputError("the command line", [Fault("--output", f"expected a .yaml file, got {file.name}")])


def numbers(option: str, text: str) -> tuple[int, ...]:
    """Distinct whole numbers of at least 1, in rising order.

    Raises:
        InputError: with each word that is none.
    """
    faults: list[Fault] = []
    whole_numbers = _numbers(option, text, 1, faults)
    if faults:
        raise InputError("the command line", faults)
    return whole_numbers


def _numbers(option: str, text: str, least: int, faults: list[Fault]) -> tuple[int, ...]:
    """Distinct whole numbers in rising order; each word that is none becomes a fault."""
    values = set()
    for word in (part.strip() for part in text.split(",")):
        if not word.isdecimal():
            faults.append(Fault(option, f"expected whole numbers such as 1,2,4, got '{word}'"))
        elif len(word) > _MOST_DIGITS or int(word) < least:
            faults.append(Fault(option, f"must be from {least} to {'9' * _MOST_DIGITS}, got {word}"))
        else:
            values.add(int(word))
    return tuple(sorted(values))


def _counted_out(text: str) -> str:
    """The numbers of ranges such as 0-3,8, one by one; what is none stays as it is, for a fault."""
    words = []
    for word in text.split(","):
        ends = _RANGE.fullmatch(word.strip())
        first, last = map(int, ends.groups()) if ends else (0, -1)
        words += [str(number) for number in range(first, last + 1)] or [word]
    return ",".join(words)


def _quantity(option: str, text: str, unit: Unit, faults: list[Fault]) -> float:
    try:
        return float(unit.parse(text))
    except ValueError as error:
        faults.append(Fault(option, str(error)))
        return 1.0


def _pinned(cores: str | None, threads: int, device: str, faults: list[Fault]) -> tuple[int, ...]:
    """The cores to pin to: those named, else one per thread; a GPU's host threads are left free unless named."""
    available = _available_cores()
    if cores is None:
        chosen = () if device == "cuda" else tuple(available[-threads:])
    else:
        chosen = _numbers("--cores", _counted_out(cores), 0, faults)
        faults += _core_faults(chosen, available)
    if available and device == "cpu" and len(chosen) < threads:
        faults.append(Fault("--threads", f"{threads} threads need as many cores, got {len(chosen)}"))
    return chosen


def _available_cores() -> list[int]:
    """The cores that this process may use; none where the system cannot pin."""
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []


def _core_faults(cores: tuple[int, ...], available: list[int]) -> list[Fault]:
    if not available:
        return [Fault("--cores", "this system cannot pin a process to cores")]
    absent = sorted(set(cores) - set(available))
    return [Fault("--cores", f"core {core} is not among those this process may use, {available}") for core in absent]
