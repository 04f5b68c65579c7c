"""How instances slow each other on one device, in integer arithmetic so that every engine agrees.

With k batches running each progresses at rate 1 / (1 + (k - 1)(1 - overlap)).
"""

from __future__ import annotations

from capsim.parameters import Fraction, parameters

SCALE = 10_000
"""A slowdown of 1 in integers."""


@parameters
class Sharing:
    """How the instances of a server share its device."""

    overlap: Fraction
    """0: the device is shared fully; 1: instances do not feel each other."""


def slowdown(running: int, overlap: float) -> int:
    """How many times longer work takes with `running` batches on the device, in 1 / SCALE."""
    return SCALE + (running - 1) * (SCALE - round(overlap * SCALE))


def wall_ns(work_ns: int, slow: int) -> int:
    """How long work takes at a slowdown (ns), rounded up."""
    return (work_ns * slow + SCALE - 1) // SCALE


def done_ns(elapsed_ns: int, slow: int) -> int:
    """The work done in a span at a slowdown (ns), rounded down."""
    return elapsed_ns * SCALE // slow
