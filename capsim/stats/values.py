"""The best guesses of an answer alone, without how sure they are: what an optimiser asks for a thousand times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from capsim.engine.blueprint import Blueprint
from capsim.stats.breakdown import breakdown
from capsim.stats.runs import Run
from capsim.stats.sample import Sample
from capsim.stats.times import LEVELS
from capsim.units import NS_PER_S


@dataclass(frozen=True)
class Values:
    """The values that `summarise` gives for the same replications.

    Attributes:
        latency_s: mean and percentiles of requests that completed, by name.
        breakdown_s: where the mean goes.
        throughput_per_s: completions.
    """

    latency_s: Mapping[str, float]
    breakdown_s: Mapping[str, float]
    throughput_per_s: float


def values_of(blueprint: Blueprint, runs: Sequence[Run], start_ns: int) -> Values:
    """What replications say from an instant on until the horizon; `blueprint` is that of any of them."""
    seen = [run.seen(start_ns, blueprint.horizon_ns) for run in runs]
    latency_s = Sample.joined([part.latency_s for part in seen]).finite
    percentiles = {name: latency_s.quantile(p) for name, p in LEVELS.items()}
    span_s = len(runs) * (blueprint.horizon_ns - start_ns) / NS_PER_S
    return Values(
        {"mean": latency_s.mean, **percentiles},
        breakdown(blueprint, runs, start_ns),
        sum(part.completions for part in seen) / span_s,
    )
