"""How instances slow each other on one device, in integer arithmetic so that every engine agrees.

With k batches running each progresses at rate 1 / (1 + (k - 1)(1 - overlap)).
"""

from __future__ import annotations

from capsim.parameters import Flag, Fraction, parameters
from capsim.units import NS_PER_S

SCALE = 10_000
"""A slowdown of 1 in integers."""


@parameters
class Sharing:
    """How the instances of a server share its device."""

    overlap: Fraction = 0
    """0: the device is shared fully; 1: instances do not feel each other."""
    turns: Flag = False
    """Instances take turns: one batch at a time is on the device, and the next begins when it has ended."""


def slowdown(running: int, overlap: float) -> int:
    """How many times longer work takes with `running` batches on the device, in 1 / SCALE."""
    return SCALE + (running - 1) * (SCALE - round(overlap * SCALE))


def batches_per_s(work_ns: float, overhead_ns: float, instances: int, overlap: float) -> float:
    """Batches per second of a device each of whose instances always has one; overheads are not slowed by sharing."""
    return instances * NS_PER_S / (overhead_ns + work_ns * slowdown(instances, overlap) / SCALE)


def wall_ns(work_ns: int, slow: int) -> int:
    """How long work takes at a slowdown (ns), rounded up."""
    return (work_ns * slow + SCALE - 1) // SCALE


def done_ns(elapsed_ns: int, slow: int) -> int:
    """The work done in a span at a slowdown (ns), rounded down."""
    return elapsed_ns * SCALE // slow
