"""What a simulation says of a quantity, with the 99.9 % interval that its replications give."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import t

from capsim import Result
from capsim.engine.ledger import Ledger, Outcome
from capsim.units import NS_PER_S

CONFIDENCE = 0.999


@dataclass(frozen=True)
class Measured:
    """A simulated value and its 99.9 % Student interval."""

    value: float
    low: float
    high: float

    def holds(self, theory: float) -> bool:
        """Whether the theory's value lies in the interval."""
        return self.low <= theory <= self.high

    @property
    def half(self) -> float:
        """Half the width of the interval as a part of the value."""
        return (self.high - self.low) / 2 / self.value


def measure(result: Result, quantity: str) -> Measured:
    """The quantity as `result` tells it."""
    return MEASURES[quantity](result)


def student(replications: int, confidence: float) -> float:
    """How many standard errors the interval reaches to either side."""
    return float(t.ppf(0.5 + confidence / 2, replications - 1))


def _told(name: str) -> Callable[[Result], Measured]:
    """A time, with what the result knows of it."""

    def measured(result: Result) -> Measured:
        known = result.known[name]
        return Measured(known.value, known.quantile(0.5 - CONFIDENCE / 2), known.quantile(0.5 + CONFIDENCE / 2))

    return measured


def _averaged(value: float, parts: Sequence[float]) -> Measured:
    """A value whose error the replications show; `parts` are in proportion to what each of them says."""
    error = float(np.std(parts, ddof=1)) / len(parts) ** 0.5 / float(np.mean(parts))
    half = value * error * student(len(parts), CONFIDENCE)
    return Measured(value, value - half, value + half)


def _throughput(result: Result) -> Measured:
    assert result.throughput_per_s.value is not None
    return _averaged(result.throughput_per_s.value, result.section_values["throughput_per_s"])


def _utilisation(result: Result) -> Measured:
    first = result.pools[0]
    return _averaged(first.utilisation, result.section_values[f"utilisation.{first.name}"])


def _batch_size(result: Result) -> Measured:
    def mean(ledger: Ledger) -> float:
        started = ledger.batches["started_ns"] / NS_PER_S
        inside = (started >= result.warmup_s) & (started < result.horizon_s)
        return float(ledger.batches["requests"][inside].mean())

    return _averaged(result.pools[0].mean_batch_size or math.nan, [mean(ledger) for ledger in result.ledgers])


def _share(outcome: Outcome) -> Callable[[Result], Measured]:
    def measured(result: Result) -> Measured:
        def share(ledger: Ledger) -> float:
            sent = ledger.requests["arrived_ns"] / NS_PER_S >= result.warmup_s
            return float(np.mean(ledger.requests["outcome"][sent] == outcome))

        value = result.requests[outcome.name] / result.requests["offered"]
        return _averaged(value, [share(ledger) for ledger in result.ledgers])

    return measured


MEASURES: dict[str, Callable[[Result], Measured]] = {
    "mean latency": _told("latency_s.mean"),
    "p50 latency": _told("latency_s.p50"),
    "p99 latency": _told("latency_s.p99"),
    "mean waiting": _told("waiting_s.mean"),
    "p99 waiting": _told("waiting_s.p99"),
    "throughput": _throughput,
    "utilisation": _utilisation,
    "batch size": _batch_size,
    "rejected": _share(Outcome.rejected),
    "timed out": _share(Outcome.timed_out),
}
"""By name; the pool is the first."""
