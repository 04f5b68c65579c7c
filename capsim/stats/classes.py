"""What the requests of each class had of the system."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from capsim.engine.blueprint import Blueprint
from capsim.scenario.objective import Objective
from capsim.stats.breakdown import Breakdown
from capsim.stats.confidence import Known
from capsim.stats.crowd import Crowd
from capsim.stats.interval import Interval, LatencyInterval, told, told_with
from capsim.stats.judgement import ObjectiveResult
from capsim.stats.model_error import ModelError
from capsim.stats.sections import Estimate
from capsim.stats.times import LEVELS
from capsim.stats.verdict import SIGNIFICANCE
from capsim.units import NEVER, NS_PER_S


@dataclass(frozen=True)
class ClassResult:
    """What the requests of a class had of the system, over all replications after warm-up. Times are seconds.

    Attributes:
        name: of the class; `default` where a scenario names none.
        requests: how many were offered, and how many came to each outcome.
        latency_s: of those that completed.
        waiting_s: their time in queues.
        breakdown_s: the parts of their mean latency.
        throughput_per_s: completed requests.
        items_per_s: the items that they carried.
        goodput_per_s: requests that completed within `goodput_within_s`; nothing without such a limit.
        goodput_within_s: the deadline of the class, else the target of its objective for the highest percentile.
        objective: whether the objective of the class is met, and how probably.
        cost_share: its part of the cost of the pools that were used, by the time that it had of their instances;
            nothing where nobody used any.
        verdict: saturated where more and more of its requests are in the system, or all are; else stable.
    """

    name: str
    requests: Mapping[str, int]
    latency_s: Mapping[str, LatencyInterval]
    waiting_s: Mapping[str, Interval]
    breakdown_s: Mapping[str, float]
    throughput_per_s: Interval
    items_per_s: Interval
    goodput_per_s: Interval | None
    goodput_within_s: float | None
    objective: ObjectiveResult | None
    cost_share: float | None
    verdict: str


@dataclass(frozen=True, eq=False)
class Share:
    """A class and its requests.

    Attributes:
        number: of the class.
        name: of the class.
        crowd: its requests.
        breakdown: of their latency.
        limit_ns: how late an answer is good for something; nothing where nobody says.
        objective: the verdict on its objective.
    """

    number: int
    name: str
    crowd: Crowd
    breakdown: Breakdown
    limit_ns: int | None
    objective: ObjectiveResult | None

    @cached_property
    def goodput(self) -> Estimate | None:
        """Requests completed within the limit, per second."""
        return None if self.limit_ns is None else self.crowd.per_second(self.crowd.in_time(self.limit_ns))


Judge = Callable[[Objective | None, Crowd, str], ObjectiveResult | None]
"""The verdict on an objective of some requests, which are those of the class of a name."""


def shares_of(
    blueprint: Blueprint, crowd: Crowd, objectives: Sequence[Objective | None], whole: Objective | None, judge: Judge
) -> list[Share]:
    """All classes with their requests.

    Args:
        blueprint: of any replication.
        crowd: the requests of all classes.
        objectives: what is asked for each class.
        whole: what is asked for all requests.
        judge: tells whether it is met.
    """
    alone, shares = len(blueprint.classes) == 1, []
    for number, (plan, objective) in enumerate(zip(blueprint.classes, objectives, strict=True)):
        own = crowd if alone else replace(crowd, runs=[run.of_class(number) for run in crowd.runs])
        limit = limit_ns(plan.deadline_ns, objective or (whole if alone else None))
        breakdown = Breakdown.of(blueprint, plan, own.runs, crowd.start_ns)
        shares.append(Share(number, plan.name, own, breakdown, limit, judge(objective, own, plan.name)))
    return shares


def limit_ns(deadline_ns: int, objective: Objective | None) -> int | None:
    """How late an answer is good for something: the deadline, else the target for the highest percentile."""
    if deadline_ns != NEVER:
        return deadline_ns
    targets = {} if objective is None else objective.targets_ns()
    highest = max((name for name in targets if name in LEVELS), key=lambda name: LEVELS[name], default=None)
    return None if highest is None else targets[highest]


def goodput_of(crowd: Crowd, shares: Sequence[Share]) -> Estimate | None:
    """Requests of all classes completed within the limits, per second; nothing where a class has none."""
    counts = [share.crowd.in_time(share.limit_ns) for share in shares if share.limit_ns is not None]
    if len(counts) < len(shares):
        return None
    return crowd.per_second([sum(column) for column in zip(*counts, strict=True)])


def known_of(shares: Sequence[Share]) -> tuple[dict[str, Known], dict[str, Sequence[float]]]:
    """What is known of each of several classes, and what each section says, by `classes.CLASS.latency_s.p99`."""
    if len(shares) == 1:
        return {}, {}
    known: dict[str, Known] = {}
    parts: dict[str, Sequence[float]] = {}
    for share in shares:
        start = f"classes.{share.name}."
        known |= {start + name: value for name, value in share.crowd.known().items()}
        parts |= {start + name: values for name, values in share.crowd.parts().items()}
        if share.goodput is not None:
            known[f"{start}goodput_per_s"], parts[f"{start}goodput_per_s"] = share.goodput, share.goodput.parts
    return known, parts


def grow(shares: Sequence[Share]) -> set[int]:
    """The classes of which more and more requests are in the system; of a single one the whole knows."""
    if len(shares) == 1:
        return set()
    return {share.number for share in shares if share.crowd.grows(SIGNIFICANCE / len(shares))}


def class_results(
    blueprint: Blueprint,
    shares: Sequence[Share],
    cost_shares: Sequence[float | None],
    errors: Mapping[str, ModelError],
    whole: ObjectiveResult | None,
    growing: Collection[int],
    *,
    saturated: bool,
) -> list[ClassResult]:
    """What each class had.

    Args:
        blueprint: of any replication.
        shares: the classes.
        cost_shares: what each has of the cost.
        errors: what is known to be uncertain besides chance, by statistic, of a class by `CLASS.p99`.
        whole: the verdict on the objective of all requests, which is that of an only class.
        growing: the classes of which more and more requests are in the system.
        saturated: whether all requests together are more than the system bears.
    """
    alone = len(shares) == 1
    results = []
    for share in shares:
        plan, crowd = blueprint.classes[share.number], share.crowd
        of_class = errors if alone else errors_of(errors, plan.name)
        items, per_request = crowd.items_per_s(), plan.units * blueprint.items_per_unit
        bad = share.number in growing or (saturated and (alone or not growing))
        results.append(
            ClassResult(
                name=plan.name,
                requests=crowd.requests,
                latency_s={name: told_with(known, of_class.get(name)) for name, known in crowd.latency.known.items()},
                waiting_s={name: told(known) for name, known in crowd.waiting.known.items()},
                breakdown_s=share.breakdown.mean_s,
                throughput_per_s=told(crowd.throughput),
                items_per_s=told(crowd.throughput, per_request) if items is None else told(items),
                goodput_per_s=None if share.goodput is None else told(share.goodput),
                goodput_within_s=None if share.limit_ns is None else share.limit_ns / NS_PER_S,
                objective=whole if alone and share.objective is None else share.objective,
                cost_share=cost_shares[share.number],
                verdict="saturated" if bad else "stable",
            )
        )
    return results


def errors_of(errors: Mapping[str, ModelError], name: str) -> dict[str, ModelError]:
    """What is known to be uncertain of the latency of a class, by statistic."""
    start = f"{name}."
    return {key.removeprefix(start): error for key, error in errors.items() if key.startswith(start)}
