"""Latency that a client of Triton has measured, made into time of service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from capsim.errors import CodedWarning
from capsim.importer.imported import row_of
from capsim.importer.reading import Row
from capsim.profile.load import LEVELS, QuantileRow

Part = Literal["compute", "client"]
COMPUTE = ("Server Compute Input", "Server Compute Infer", "Server Compute Output")
BATCH_MISMATCH = 0.25
"""By what share the batch size that throughput and latency imply may differ from the one that is given."""

HOLDS: dict[Part, str] = {
    "compute": (
        "time of the server's compute (input, infer, output): percentiles of the client's latency less the mean of "
        "everything else (sending, network, server overhead, queue, receiving); how these vary is left in"
    ),
    "client": (
        "latency at the client with one request at a time: compute, and also sending, network, server overhead, "
        "queue and receiving"
    ),
}


@dataclass(frozen=True, slots=True)
class Served:
    """One request at a time, as a client of Triton saw it.

    Attributes:
        row: where it stands.
        batch_size: items in a request.
        items_per_s: throughput.
        mean_ms: mean latency at the client.
        compute_ms: mean time of the server's compute; nothing where it is not given.
        quantiles_ms: `p50_ms`, `p90_ms` … of the latency at the client.
    """

    row: Row
    batch_size: int
    items_per_s: float
    mean_ms: float
    compute_ms: float | None
    quantiles_ms: Mapping[str, float]

    def quantile_row(self, part: Part) -> QuantileRow:
        """The quantiles of the time of service.

        Raises:
            InputError: the compute is not given, or what is left of a percentile makes no sense.
        """
        outside = self.outside_ms if part == "compute" else 0.0
        kept = {name: value - outside for name, value in self.quantiles_ms.items()}
        if "p50_ms" not in kept:
            kept["p50_ms"] = median_from_mean(kept, self.mean_ms - outside)
        known = [(name, kept[name]) for name in LEVELS if name in kept]
        if min(kept.values()) <= 0 or known != sorted(known, key=lambda pair: pair[1]):
            shown = ", ".join(f"{name.removesuffix('_ms')} {value:.4g} ms" for name, value in known)
            said = f"makes no sense of batch size {self.batch_size}: {shown}, without {outside:.4g} ms outside compute"
            raise self.row.fault("", said)
        return row_of(self.batch_size, kept)

    @property
    def outside_ms(self) -> float:
        """Mean latency outside the server's compute.

        Raises:
            InputError: the compute is not given.
        """
        if self.compute_ms is None:
            said = f"has no columns {', '.join(COMPUTE)}; take --part client, which leaves everything in"
            raise self.row.fault("", said)
        return max(self.mean_ms - self.compute_ms, 0.0)

    def doubts(self) -> list[CodedWarning]:
        """By Little's law one request at a time carries throughput times latency items."""
        implied = self.items_per_s * self.mean_ms / 1e3
        if abs(implied / self.batch_size - 1) <= BATCH_MISMATCH:
            return []
        said = (
            f"{self.row.source} line {self.row.line}: batch size {self.batch_size} is given, "
            f"but throughput and latency make about {implied:.3g} items a request"
        )
        return [CodedWarning("batch_size_doubtful", said)]


def median_from_mean(quantiles_ms: Mapping[str, float], mean_ms: float) -> float:
    """The median (ms) with which the quantile function, drawn as a profile draws it, has this mean.

    The function is level below the median and beyond the highest quantile and straight between, so that its mean is
    linear in the median.
    """
    known = sorted((LEVELS[name], value) for name, value in quantiles_ms.items() if LEVELS[name] > 0.5)
    if not known:
        return mean_ms
    levels, values = (np.array(part) for part in zip(*known, strict=True))
    above = float(np.trapezoid(values, levels)) + (1 - levels[-1]) * values[-1]
    half = (levels[0] - 0.5) / 2
    return float((mean_ms - above - half * values[0]) / (0.5 + half))


def provenance(served: Sequence[Served], part: Part) -> dict[str, object]:
    """What the latencies hold, and how much was left out of them."""
    told: dict[str, object] = {"latency_holds": HOLDS[part]}
    if part == "compute":
        told["mean_left_out_ms"] = {each.batch_size: round(each.outside_ms, 3) for each in served}
    return told
