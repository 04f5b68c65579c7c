"""How much memory a simulation takes, judged before it is spent and as it grows."""

from __future__ import annotations

import math
import os
import sys
from contextlib import suppress
from pathlib import Path

from capsim.errors import Fault, InputError
from capsim.scenario import Scenario

PER_SERVER, PER_INSTANCE, PER_REQUEST_IN_A_BATCH, PER_BATCH_SIZE = 4096, 160, 4, 1200
PER_CLIENT, PER_QUEUE_OF_A_STEP = 1500, 300
"""Bytes of the tables, by what they have a row for; measured, and rounded up to the hungrier engine."""
PER_VISIT, PER_VISIT_IN_A_FILE = 150, 600
"""Bytes of a row with what statistics make of it, and with the tables that are written."""
LEAST_LEFT = 64 * 1024**2
"""What growing must leave to everything else."""

CGROUPS = Path("/sys/fs/cgroup")


class TooManyRowsError(Exception):
    """More requests came than rows can be kept of."""


def tables(scenario: Scenario) -> dict[str, float]:
    """Bytes that one replication takes however long it runs, by the part of the scenario that asks for them."""
    items, clients = scenario.items_per_unit, scenario.workload.combined.clients
    found = {}
    for number, pool in enumerate(scenario.pools):
        most = pool.batching.most_requests(items)
        steps = sum(pool.name in step.pools for step in scenario.steps)
        instances = pool.servers * (pool.stages or pool.abreast) * (PER_INSTANCE + PER_REQUEST_IN_A_BATCH * most)
        servers = pool.servers * (PER_SERVER + PER_QUEUE_OF_A_STEP * steps)
        found[f"pools[{number}]"] = servers + instances + PER_BATCH_SIZE * most
    if clients is not None:
        found["workload.arrivals.clients" if scenario.workload.arrivals else "workload.classes"] = clients * PER_CLIENT
    return found


def check_memory(scenario: Scenario, visits: float = 0.0, at_once: int = 1, most_bytes: float = math.inf) -> None:
    """Refuse a scenario that takes more memory than is free, before it takes any.

    Args:
        scenario: what would be simulated.
        visits: bytes of rows that would be kept.
        at_once: how many replications run at once.
        most_bytes: how much it may take, however much is free.

    Raises:
        InputError: it takes more; says how much.
    """
    parts = {path: size * at_once for path, size in tables(scenario).items()}
    needed, free = sum(parts.values()) + visits, available_bytes()
    if needed <= min(free - LEAST_LEFT, most_bytes):
        return
    place, largest = max(parts.items(), key=lambda part: part[1])
    said = f"about {size(needed)} of memory would be taken, and {size(free)} is free"
    if needed > most_bytes:
        said = f"about {size(needed)} of memory would be taken, and at most {size(most_bytes)} is given here"
    if visits > largest:
        raise InputError(scenario.name, [Fault("run.horizon", f"{said}, as a row is kept of each request; shorten it")])
    raise InputError(scenario.name, [Fault(place, f"{said}{_more(scenario, place)}")])


def _more(scenario: Scenario, place: str) -> str:
    """What a part of the scenario holds that takes memory."""
    if not place.startswith("pools["):
        return ""
    pool = scenario.pools[int(place[len("pools[") : -1])]
    most = pool.batching.most_requests(scenario.items_per_unit)
    return f": {pool.servers:,} servers x {pool.abreast:,} instances, with batches of up to {most:,} requests"


def size(count: float) -> str:
    """A number of bytes as people say it: `13 GB`."""
    for unit, bytes_each in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if count >= bytes_each:
            return f"{count / bytes_each:.3g} {unit}"
    return f"{count / 1e3:.3g} kB"


def keep_free(growing_bytes: float) -> None:
    """See whether so much more can be had.

    Raises:
        TooManyRowsError: it can't.
    """
    if growing_bytes > LEAST_LEFT and growing_bytes + LEAST_LEFT > available_bytes():
        raise TooManyRowsError


def available_bytes() -> float:
    """Memory that this process can still get: of the machine, of its control group, of its own limit."""
    return min(_of_machine(), _of_group(), _of_process())


def _of_machine() -> float:
    with suppress(OSError, ValueError, IndexError):
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return float(line.split()[1]) * 1024
    with suppress(AttributeError, OSError, ValueError):
        return float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    return math.inf


def _of_group() -> float:
    with suppress(OSError, ValueError):
        most = float((CGROUPS / "memory.max").read_text(encoding="ascii"))
        used = float((CGROUPS / "memory.current").read_text(encoding="ascii"))
        for line in (CGROUPS / "memory.stat").read_text(encoding="ascii").splitlines():
            if line.startswith("inactive_file "):
                # Pages of files are given up when memory is asked for.
                used -= float(line.split()[1])
        return most - used
    return math.inf


def _of_process() -> float:
    if sys.platform != "linux":
        return math.inf
    import resource

    most, _ = resource.getrlimit(resource.RLIMIT_AS)
    if most == resource.RLIM_INFINITY:
        return math.inf
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    return float(most - pages * resource.getpagesize())
