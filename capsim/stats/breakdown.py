"""Where the mean latency of completed requests goes, along the path that ended last."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from capsim.engine.blueprint import Blueprint, ClassPlan, JoinPlan, SplitPlan, StepPlan
from capsim.stats.runs import Run, Split
from capsim.units import NS_PER_S

AWAY = (StepPlan, SplitPlan, JoinPlan)
"""Nodes at which no delay is spent."""


@dataclass(frozen=True)
class Breakdown:
    """Sums of times of completed requests (ns), by part; the parts sum to the latency."""

    requests: int
    parts_ns: dict[str, float]

    @classmethod
    def of(cls, blueprint: Blueprint, plan: ClassPlan, runs: Sequence[Run], start_ns: int) -> Breakdown:
        """That of the requests of a class that were sent from an instant on."""
        splits = [run.split(start_ns) for run in runs]
        count = sum(split.requests for split in splits)
        parts = {
            "network": float(count * (plan.up_ns + plan.down_ns)),
            "front_end": 0.0,
            "waiting": _sum(splits, "waiting_ns"),
            "service": _sum(splits, "service_ns"),
        }
        if any(not isinstance(node, AWAY) for node in blueprint.nodes):
            parts["delay"] = _sum(splits, "delay_ns")
        if any(each.senders is not None for each in blueprint.classes):
            parts["retrying"] = _sum(splits, "retrying_ns")
        parts["front_end"] = _sum(splits, "latency_ns") - sum(parts.values())
        return cls(count, parts)

    @classmethod
    def summed(cls, breakdowns: Iterable[Breakdown]) -> Breakdown:
        """That of all of several classes."""
        count, parts = 0, dict[str, float]()
        for each in breakdowns:
            count += each.requests
            parts = {name: parts.get(name, 0.0) + value for name, value in each.parts_ns.items()}
        return cls(count, parts)

    @property
    def mean_s(self) -> dict[str, float]:
        """The mean of each part (s); nothing where no request completed."""
        if not self.requests:
            return {}
        return {name: value / self.requests / NS_PER_S for name, value in self.parts_ns.items()}


def breakdown(blueprint: Blueprint, runs: Sequence[Run], start_ns: int) -> dict[str, float]:
    """Where the mean latency of completed requests of all classes goes (s)."""
    of_classes = [
        Breakdown.of(blueprint, plan, [run.of_class(number) for run in runs], start_ns)
        for number, plan in enumerate(blueprint.classes)
    ]
    return Breakdown.summed(of_classes).mean_s


def _sum(splits: Sequence[Split], name: str) -> float:
    return float(sum(getattr(split, name) for split in splits))
