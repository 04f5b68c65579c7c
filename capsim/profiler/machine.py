"""The machine that is measured on: its name, pinning, and what disturbed it meanwhile."""

from __future__ import annotations

import contextlib
import os
import platform
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from capsim.errors import MissingExtraError
from capsim.profiler import gpu

OTHERS = "other_processes_percent"
"""Where a report says how much of the cores' time went to other processes."""

_MEMORY_LEFT_TO_OTHERS = 0.05


def cpu_name() -> str:
    """What the processor calls itself."""
    names = [value for key, value in _cpuinfo() if key == "model name"]
    return names[0] if names else platform.processor() or platform.machine()


def is_virtual() -> bool:
    """Whether a hypervisor says that it is there."""
    return any("hypervisor" in value.split() for key, value in _cpuinfo() if key == "flags")


def hardware_name(threads: int, device: str = "cpu") -> str:
    """What is measured, where the user does not name it."""
    if device == "cuda":
        return gpu.name()
    cores = f"{threads} core{'' if threads == 1 else 's'}"
    return ", ".join([cpu_name(), *(["virtual machine"] if is_virtual() else []), cores])


def description() -> dict[str, object]:
    """The processor and the system in words that name no machine."""
    processor = {key: value for key, value in _cpuinfo() if key in {"cpu family", "model"}}
    family = f" (family {processor['cpu family']}, model {processor['model']})" if len(processor) == 2 else ""
    kind = "virtual machine" if is_virtual() else "machine"
    return {
        "machine": f"{kind} with {os.cpu_count()} cores, {cpu_name()}{family}",
        "system": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
    }


def pin(cores: Sequence[int]) -> None:
    """Confine this process, and the threads that it starts from now on, to these cores."""
    if cores and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, cores)


@contextlib.contextmanager
def limited_memory() -> Iterator[None]:
    """Let an allocation beyond the free memory fail, which is reported and survived.

    Without this, Linux promises the memory and then kills the process, samples and all.
    """
    if sys.platform != "linux":
        yield
        return
    import resource

    psutil = _psutil()
    free = int(psutil.virtual_memory().available * (1 - _MEMORY_LEFT_TO_OTHERS))
    used = psutil.Process().memory_info().vms
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    with contextlib.suppress(ValueError):  # a lower hard limit holds already
        resource.setrlimit(resource.RLIMIT_AS, (used + free, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


class Watch:
    """What disturbs the measured cores from its creation on."""

    def __init__(self, cores: Sequence[int], device: str = "cpu") -> None:
        """Watch these cores, all of them where none is given; and the GPU if that is what is measured."""
        self._psutil = _psutil()
        self._cores = tuple(cores)
        self._start = self._times()
        self._switches = self._involuntary()
        self._mhz: list[float] = []
        self._device = device
        self._gpu_mhz: list[int] = []
        self.look()

    def look(self) -> None:
        """Note the clock frequency of now."""
        if self._device == "cuda":
            self._gpu_mhz += gpu.clock_mhz()
        with contextlib.suppress(OSError, NotImplementedError):
            every = self._psutil.cpu_freq(percpu=True) or []
            self._mhz += [each.current for each in self._mine(every)]

    def report(self) -> dict[str, object]:
        """Priority, and so far: what of the cores' time was stolen or went to others, clocks, preemptions."""
        steal, busy, own, total = (now - then for now, then in zip(self._times(), self._start, strict=True))
        said: dict[str, object] = {
            "priority": int(self._psutil.Process().nice()),
            "steal_percent": round(100 * steal / total, 3) if total > 0 else 0.0,
            OTHERS: round(100 * max(0.0, busy - own) / total, 3) if total > 0 else 0.0,
        }
        if self._mhz:
            said["clock_mhz"] = [round(min(self._mhz)), round(max(self._mhz))]
        if self._gpu_mhz:
            said["gpu_clock_mhz"] = [min(self._gpu_mhz), max(self._gpu_mhz)]
        return said | {"preemptions": self._involuntary() - self._switches}

    def _times(self) -> tuple[float, float, float, float]:
        """Seconds of the cores stolen by the hypervisor and busy, of this process, and of the cores altogether."""
        mine = self._mine(self._psutil.cpu_times(percpu=True))
        steal = sum(getattr(each, "steal", 0.0) for each in mine)
        # Time in guests is counted in user time already.
        total = sum(sum(each) - getattr(each, "guest", 0.0) - getattr(each, "guest_nice", 0.0) for each in mine)
        idle = sum(each.idle + getattr(each, "iowait", 0.0) for each in mine)
        own = self._psutil.Process().cpu_times()
        return steal, total - idle - steal, own.user + own.system, total

    def _mine(self, every: Sequence[Any]) -> list[Any]:
        """Those of the watched cores; some systems report one value for all."""
        if not self._cores or len(every) <= max(self._cores):
            return list(every)
        return [every[core] for core in self._cores]

    def _involuntary(self) -> int:
        return int(self._psutil.Process().num_ctx_switches().involuntary)


def _cpuinfo() -> list[tuple[str, str]]:
    """Fields of the first processor, where the system tells them."""
    file = Path("/proc/cpuinfo")
    if not file.is_file():
        return []
    first = file.read_text(encoding="utf-8").split("\n\n", maxsplit=1)[0]
    pairs = (line.partition(":") for line in first.splitlines())
    return [(key.strip(), value.strip()) for key, _, value in pairs]


def _psutil() -> Any:
    try:
        import psutil
    except ImportError as error:
        raise MissingExtraError("psutil", "measure") from error
    return psutil
