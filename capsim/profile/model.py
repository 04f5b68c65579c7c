"""A latency profile: for each measured batch size the quantile function of its latency."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from capsim.errors import CodedWarning
from capsim.parameters import PositiveInt, parameters
from capsim.profile.curve import CELLS, mean_of
from capsim.profile.doubts import doubts
from capsim.profile.worth import Worth
from capsim.serving.sharing import batches_per_s
from capsim.units import NS_PER_S, Size

Floats = NDArray[np.float64]
HardwareKind = Literal["cpu", "gpu", "edge"]


@parameters
class Hardware:
    """What the measurement ran on."""

    kind: HardwareKind
    """cpu, gpu or edge."""
    name: str
    """The device in words."""
    devices: PositiveInt | None = None
    """How many of them worked on each batch together (the degree of tensor parallelism)."""
    memory: Size | None = None
    """What each of them has."""


@dataclass(frozen=True, eq=False)
class LatencyProfile:
    """Latency by batch size, with its provenance.

    Attributes:
        file: as the scenario names it.
        curves_ns: (instances, batch size in items) to the quantile function at `CELLS` + 1 points, in ns.
        counts: (instances, batch size) to the number of samples; 0 where only quantiles are known.
        tail_known: whether latencies beyond p99 were measured rather than left at the highest known quantile.
        provenance: model, runtime, precision and how it was measured, as the file says.
        worth: (instances, batch size) to what its samples are worth; empty where only quantiles are known.
        memory: bytes that the model and its largest batch take, on all devices together.
        stated: what the file itself says is doubtful, and what its quantiles leave open.
    """

    file: str
    curves_ns: Mapping[tuple[int, int], Floats]
    counts: Mapping[tuple[int, int], int]
    tail_known: bool
    model: str | None = None
    hardware: Hardware | None = None
    runtime: str | None = None
    precision: str | None = None
    measured: Mapping[str, Any] = field(default_factory=dict)
    worth: Mapping[tuple[int, int], Worth] = field(default_factory=dict)
    stated: Sequence[CodedWarning] = ()
    memory: int | None = None

    @property
    def batch_sizes(self) -> list[int]:
        """The batch sizes measured with one instance, from small to large."""
        return sorted(size for instances, size in self.curves_ns if instances == 1)

    @property
    def samples(self) -> int:
        """The fewest samples of any batch size; 0 where only quantiles are known."""
        return min(self.counts.values())

    def quantile_ns(self, batch_size: int, u: float) -> float:
        """The quantile of the latency at a measured batch size (ns)."""
        return float(np.interp(u, np.linspace(0, 1, CELLS + 1), self.curves_ns[1, batch_size]))

    def mean_ns(self, batch_size: int) -> float:
        """The mean of the sampled latency at a measured batch size (ns)."""
        return mean_of(self.curves_ns[1, batch_size])

    def measured_overlap(self) -> float | None:
        """What measurements with several instances at once say of `sharing.overlap`; nothing without them.

        From slowdown = 1 + (k - 1)(1 - overlap), averaged over what was measured and kept within 0 and 1. The
        slowdown is that of the means: where instances take turns, most batches are as quick as alone and few wait
        for a turn, but the throughput, k over the mean, is what they share.
        """
        overlaps = [
            1 - (mean_of(curve) / self.mean_ns(size) - 1) / (instances - 1)
            for (instances, size), curve in self.curves_ns.items()
            if instances > 1 and (1, size) in self.curves_ns
        ]
        return min(1.0, max(0.0, float(np.mean(overlaps)))) if overlaps else None

    def max_throughput_per_s(self, batch_size: int, instances: int = 1, overlap: float | None = None) -> float:
        """Items per second of one device whose instances always have a batch of this size: nothing waits to fill it.

        Args:
            batch_size: a measured one.
            instances: how many share the device.
            overlap: how little they slow each other; as measured if not given, and 0 where that is not known.
        """
        measured = self.curves_ns.get((instances, batch_size))
        if measured is not None and overlap is None:
            return batch_size * instances * NS_PER_S / mean_of(measured)
        shared = overlap if overlap is not None else self.measured_overlap() or 0.0
        return batch_size * batches_per_s(self.mean_ns(batch_size), 0.0, instances, shared)

    def place(self, batch_size: int) -> tuple[int, float]:
        """Between which measured batch sizes one lies: the index of the lower, and the weight of the upper.

        Outside the measured range the weight is below 0 or above 1: linear in batch size.
        """
        sizes = self.batch_sizes
        if len(sizes) == 1:
            return 0, 0.0
        lower = min(max(int(np.searchsorted(sizes, batch_size, side="right")) - 1, 0), len(sizes) - 2)
        return lower, (batch_size - sizes[lower]) / (sizes[lower + 1] - sizes[lower])

    def covers(self, batch_size: int) -> bool:
        """Whether a batch size lies within the measured ones."""
        return self.batch_sizes[0] <= batch_size <= self.batch_sizes[-1]

    def warnings(self) -> list[CodedWarning]:
        """What is doubtful about the measurement."""
        return list(doubts(self))
