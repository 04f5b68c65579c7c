"""Kinds of processors that machine code is compiled for ahead of time."""

from __future__ import annotations

import sys
from dataclasses import dataclass

import llvmlite.binding as llvm

V2 = ("cx16", "popcnt", "sahf", "sse3", "sse4.1", "sse4.2", "ssse3")
V3 = (*V2, "avx", "avx2", "bmi", "bmi2", "f16c", "fma", "lzcnt", "movbe", "xsave")
V4 = (*V3, "avx512bw", "avx512cd", "avx512dq", "avx512f", "avx512vl")
"""What the levels of the x86-64 psABI (1.0, table 3.1) have beyond the first, in LLVM's words."""


@dataclass(frozen=True)
class Baseline:
    """A kind of processor.

    Attributes:
        cpu: what LLVM calls it.
        family: what it calls processors that run the same instructions; there can be several names.
        features: what it has beyond what all of the family have.
    """

    cpu: str
    family: tuple[str, ...]
    features: tuple[str, ...] = ()

    @property
    def folder(self) -> str:
        """Of its machine code, for this operating system."""
        return f"{sys.platform}-{self.family[0]}-{self.cpu}"


BASELINES = (
    Baseline("x86-64-v4", ("x86_64",), V4),
    Baseline("x86-64-v3", ("x86_64",), V3),
    Baseline("x86-64-v2", ("x86_64",), V2),
    Baseline("generic", ("aarch64", "arm64")),
)
"""The best of a family first."""


def of_this_family() -> list[Baseline]:
    """Those whose code can be made here; it need not be able to run here."""
    family = llvm.get_process_triple().partition("-")[0]
    return [baseline for baseline in BASELINES if family in baseline.family]


def of_this_processor() -> list[Baseline]:
    """Those whose code runs here, the best first."""
    has = {name for name, present in llvm.get_host_cpu_features().items() if present}
    return [baseline for baseline in of_this_family() if has.issuperset(baseline.features)]
