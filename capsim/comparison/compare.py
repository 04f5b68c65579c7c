"""Two scenarios under common random numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from capsim.errors import CodedWarning
from capsim.processes import in_order
from capsim.scenario import Scenario
from capsim.stats import Result
from capsim.stats.paired import Change, change

SCHEMA = "capsim.compare/1"


@dataclass(frozen=True)
class ClassChange:
    """The changes of one class of requests; see `Comparison`."""

    latency_s: Mapping[str, Change]
    throughput_per_s: Change
    goodput_per_s: Change | None

    def to_dict(self) -> dict[str, Any]:
        """As `capsim compare --json` prints it."""
        return {
            "latency_s": {name: asdict(change) for name, change in self.latency_s.items()},
            "throughput_per_s": asdict(self.throughput_per_s),
            "goodput_per_s": None if self.goodput_per_s is None else asdict(self.goodput_per_s),
        }


@dataclass(frozen=True)
class Comparison:
    """The answers to two scenarios and the changes from the first to the second.

    Attributes:
        names: what the two are called.
        a: the first answer.
        b: the second.
        latency_s: statistic to its change (s).
        throughput_per_s: change of the throughput (requests per second).
        goodput_per_s: change of the requests that were answered in time, per second; nothing where one of both does
            not say what is in time.
        utilisation: pool to the change of its utilisation, for pools that both have.
        classes: class to its changes, for classes that both have beside others.
        warnings: what is doubtful about the comparison itself.
    """

    names: tuple[str, str]
    a: Result
    b: Result
    latency_s: Mapping[str, Change]
    throughput_per_s: Change
    goodput_per_s: Change | None
    utilisation: Mapping[str, Change]
    classes: Mapping[str, ClassChange]
    warnings: Sequence[CodedWarning]

    @property
    def usd_per_hour(self) -> tuple[float, float] | None:
        """The cost of both, where both have one; it is not a matter of chance."""
        if self.a.cost is None or self.b.cost is None:
            return None
        return self.a.cost.usd_per_hour, self.b.cost.usd_per_hour

    def worse(self, metric: str) -> float | None:
        """By which share the second is worse; below zero if better.

        In a latency, in `cost`, in `throughput` or `goodput` lost, or in one of these of a class (`CLASS.p99`). Nothing
        where it is not known of both.
        """
        if metric == "cost":
            a, b = self.usd_per_hour or (0.0, 0.0)
            return b / a - 1 if a else None
        of_class, _, name = metric.rpartition(".")
        told = self.classes.get(of_class) if of_class else self
        if told is None:
            return None
        lost = {"throughput": told.throughput_per_s, "goodput": told.goodput_per_s}
        if name not in lost:
            return told.latency_s[name].relative.value
        changed = lost[name]
        if changed is None or not changed.a or changed.b is None:
            return None
        # All of it can be lost, which is no change that has a logarithm.
        return 1 - changed.b / changed.a

    def to_dict(self) -> dict[str, Any]:
        """What `capsim compare --json` prints."""
        return {
            "schema": SCHEMA,
            "a": _side(self.names[0], self.a),
            "b": _side(self.names[1], self.b),
            "seed": self.a.seed,
            "replications": self.a.replications,
            "latency_s": {name: asdict(change) for name, change in self.latency_s.items()},
            "throughput_per_s": asdict(self.throughput_per_s),
            "goodput_per_s": None if self.goodput_per_s is None else asdict(self.goodput_per_s),
            "utilisation": {name: asdict(change) for name, change in self.utilisation.items()},
            "classes": {name: each.to_dict() for name, each in self.classes.items()},
            "cost": self._cost(),
            "warnings": [asdict(warning) for warning in self.warnings],
        }

    def _cost(self) -> dict[str, Any] | None:
        if self.usd_per_hour is None:
            return None
        a, b = self.usd_per_hour
        return {"usd_per_hour": {"a": a, "b": b, "difference": b - a, "relative": b / a - 1 if a else None}}


def compare(
    a: Scenario,
    b: Scenario,
    names: tuple[str, str] = ("A", "B"),
    workers: int = 1,
    engine: str = "auto",
    progress: Callable[[float], None] | None = None,
) -> Comparison:
    """Both scenarios with the `run` section of the first: its seed, horizon, warm-up and replications.

    Args:
        a: the first scenario; with `precision` its replications are found first.
        b: the second.
        names: what warnings call them.
        workers: how many processes; the answer does not depend on it.
        engine: as for `simulate`.
        progress: told the share that is done.
    """
    warnings = []
    differing = [name for name, value in a.run if value != getattr(b.run, name)]
    if differing:
        said = f"{names[1]} is run with the {', '.join(differing)} of {names[0]}, so that the two see the same chance"
        warnings.append(CodedWarning("run_differs", said))
    if a.run.precision is None:
        first, second = in_order([a, _like(a, b, a.run.least_replications)], workers, engine, progress)
    else:
        (first,) = in_order([a], 1, engine, progress and (lambda share: progress(share / 2)))
        again = _like(a, b, first.replications)
        (second,) = in_order([again], 1, engine, progress and (lambda share: progress((1 + share) / 2)))
    for name, result in zip(names, (first, second), strict=True):
        warnings += [replace(warning, message=f"{name}: {warning.message}") for warning in result.warnings]
    others = {pool.name for pool in second.pools}
    shared = [pool.name for pool in first.pools if pool.name in others]
    return Comparison(
        names=names,
        a=first,
        b=second,
        latency_s={name: _change(first, second, f"latency_s.{name}") for name in first.latency_s},
        throughput_per_s=_change(first, second, "throughput_per_s"),
        goodput_per_s=_goodput(first, second),
        utilisation={name: _change(first, second, f"utilisation.{name}") for name in shared},
        classes=_classes(first, second),
        warnings=warnings,
    )


def _like(a: Scenario, b: Scenario, replications: int) -> Scenario:
    """The second scenario with the first one's run; with `auto` each finds its own warm-up."""
    return b.model_copy(update={"run": a.run.model_copy(update={"replications": replications, "precision": None})})


def _classes(first: Result, second: Result) -> dict[str, ClassChange]:
    """The changes of the classes that both have, where each has several."""
    changes = {}
    for name in (each.name for each in first.classes):
        at = f"classes.{name}"
        if f"{at}.throughput_per_s" in first.known and f"{at}.throughput_per_s" in second.known:
            latency = {each: _change(first, second, f"{at}.latency_s.{each}") for each in first.latency_s}
            throughput = _change(first, second, f"{at}.throughput_per_s")
            changes[name] = ClassChange(latency, throughput, _goodput(first, second, name))
    return changes


def _goodput(first: Result, second: Result, of_class: str = "") -> Change | None:
    """The change of the goodput, of all requests or of a class, where both say the same of what is in time."""
    name = f"classes.{of_class}.goodput_per_s" if of_class else "goodput_per_s"
    limits = [
        [each.goodput_within_s for each in result.classes if each.name == of_class or not of_class]
        for result in (first, second)
    ]
    return _change(first, second, name) if limits[0] == limits[1] and name in first.known else None


def _change(first: Result, second: Result, name: str) -> Change:
    return change(first.known[name], second.known[name], first.section_values[name], second.section_values[name])


def _side(name: str, result: Result) -> dict[str, Any]:
    objective = None if result.objective is None else asdict(result.objective)
    return {"name": name, "scenario": result.scenario, "verdict": result.verdict, "objective": objective}
