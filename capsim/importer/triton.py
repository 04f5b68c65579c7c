"""Latency that a client of Triton has measured, made into time of service."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from capsim.errors import CodedWarning
from capsim.importer.imported import row_of
from capsim.importer.reading import Row
from capsim.profile.load import LEVELS, QuantileRow

Part = Literal["compute", "client"]
COMPUTE = ("Server Compute Input", "Server Compute Infer", "Server Compute Output")
QUEUE = "Server Queue"
BATCH_MISMATCH = 0.25
"""By what share the batch size that throughput and latency imply may differ from the one that is given."""
COARSE = 0.02
"""The share of the time of service from which rounding is told."""
WAITED = 0.1
"""The share of the latency from which a wait in it is told."""
CONTRADICTS = 0.15
"""By what share more requests than clients times that of one may be finished before rows contradict each other."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """One request at a time, as a client of Triton saw it.

    Attributes:
        row: where it stands.
        batch_size: items in a request.
        items_per_s: throughput.
        mean_ms: mean latency at the client; nothing where it is not known.
        compute_ms: mean time of the server's compute; nothing where it is not given.
        queue_ms: mean wait in the server's queue; nothing where it is not given.
        quantiles_ms: `p50_ms`, `p90_ms` … of the latency at the client.
        rounded_ms: by how much the mean may differ from what was measured, as its source was rounded.
        why: what rounded it, and what would tell it better.
    """

    row: Row
    batch_size: int
    items_per_s: float
    mean_ms: float | None
    compute_ms: float | None
    queue_ms: float | None
    quantiles_ms: Mapping[str, float]
    rounded_ms: float = 0.0
    why: str = ""

    def quantile_row(self, part: Part) -> QuantileRow:
        """The quantiles of the time of service, and its mean.

        Raises:
            InputError: the compute is not given, or what is left of a percentile makes no sense.
        """
        outside = self.outside_ms if part == "compute" else 0.0
        kept = {name: value - outside for name, value in self.quantiles_ms.items()}
        if "p50_ms" not in kept:
            kept["p50_ms"] = median_from_mean(kept, self.about_ms - outside)
        known = [(name, kept[name]) for name in LEVELS if name in kept]
        if min(kept.values()) <= 0 or known != sorted(known, key=lambda pair: pair[1]):
            shown = ", ".join(f"{name.removesuffix('_ms')} {value:.4g} ms" for name, value in known)
            said = f"makes no sense of batch size {self.batch_size}: {shown}"
            said += f", without {outside:.4g} ms outside compute" if outside else ""
            raise self.row.fault("", said + (f"; {self.why}" if self.why else ""))
        mean = {} if self.mean_ms is None else {"mean_ms": self.mean_ms - outside}
        try:
            return row_of(self.batch_size, kept | mean)
        except ValueError as error:
            raise self.row.fault("", f"makes no sense of batch size {self.batch_size}: {error}") from None

    @property
    def about_ms(self) -> float:
        """The mean latency, or about it the median."""
        return self.quantiles_ms["p50_ms"] if self.mean_ms is None else self.mean_ms

    @property
    def outside_ms(self) -> float:
        """Mean latency outside the server's compute.

        Raises:
            InputError: the compute is not given.
        """
        if self.compute_ms is None:
            said = f"has no columns {', '.join(COMPUTE)}; take --part client, which leaves everything in"
            raise self.row.fault("", said)
        return max(self.about_ms - self.compute_ms, 0.0)

    def doubts(self, part: Part) -> Iterator[CodedWarning]:
        """What throughput, rounding and waiting make doubtful."""
        where = f"{self.row.source} line {self.row.line}"
        # By Little's law one request at a time carries throughput times latency items.
        implied = self.items_per_s * self.about_ms / 1e3
        if abs(implied / self.batch_size - 1) > BATCH_MISMATCH + self.rounded_ms / self.about_ms:
            said = f"batch size {self.batch_size} is given, but throughput and latency make about {implied:.3g} items"
            yield CodedWarning("batch_size_doubtful", f"{where}: {said} a request")
        left = self.about_ms if part == "client" else self.compute_ms or self.about_ms
        if self.rounded_ms > COARSE * left:
            said = (
                f"{self.why}: the time of service is {left:.4g} ms, give or take {float(f'{self.rounded_ms:.2g}'):g} ms"
            )
            yield CodedWarning("rounded", f"{where}: {said}")
        if part == "client" and self.queue_ms is not None and self.queue_ms > WAITED * self.about_ms:
            said = f"of {self.about_ms:.4g} ms at the client {self.queue_ms:.4g} ms are a wait in the server's queue"
            yield CodedWarning("wait_in_service", f"{where}: {said}, such as the delay of its batcher")


def contradiction(alone: Row, others: Sequence[Row], throughput: str) -> list[CodedWarning]:
    """That some clients finish more than so many times as many requests as one: its row holds a wait.

    A client that sends its next request at the answer finishes one in each latency, which is at least the time of
    service; N of them finish at most N in the time of service.
    """
    one = alone.number(throughput) + alone.rounded_by(throughput)
    times = {row.line: row.number(throughput) / one / row.number("Concurrency") for row in others}
    worst = max(others, key=lambda row: times[row.line], default=alone)
    if worst is alone or times[worst.line] <= 1 + CONTRADICTS:
        return []
    clients, ratio = worst.number("Concurrency"), worst.number(throughput) / alone.number(throughput)
    said = (
        f"{alone.source} line {worst.line}: {clients:g} clients finish {ratio:.3g} times as many requests as the one "
        f"of line {alone.line}, which no time of service allows; the latency of line {alone.line} holds a wait, such "
        "as the delay of the batcher (the column 'Server Queue' would tell it)"
    )
    return [CodedWarning("rows_contradict", said)]


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
