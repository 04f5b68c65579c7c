"""What calibration may turn: settings that a profile cannot know, each with what is usual for it.

A time is counted in service times, so that one table of what is usual serves a device of 1 ms and one of 100 ms:
`alone` is the mean service of a single request, `each` the share of a request in a full batch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from capsim.scenario import Pool, Scenario
from capsim.scenario.service import service_times
from capsim.serving.noise import Noise
from capsim.serving.sharing import Sharing


@dataclass(frozen=True)
class Kind:
    """A setting by its place, with its usual value and the factor that it is usually within (in its own unit).

    Both are near what was fitted to the published deployments in `docs/explanation/accuracy.md`, well within `spread`;
    they only break ties between values that predict the measurements equally well.
    """

    place: str
    unit: str
    usual: float
    spread: float
    most: float


KINDS = (
    Kind("sharing.overlap", "share", 0.3, 1.0, 1.0),
    Kind("overhead.per_batch", "alone", 0.06, 1.5, 60.0),
    Kind("overhead.per_request", "each", 0.1, 1.5, 60.0),
    Kind("front_end.after", "each", 0.15, 1.5, 60.0),
    Kind("noise.cv", "cv", 0.1, 1.0, 1.0),
)
NETWORK = Kind("network.client.latency", "alone", 0.06, 1.5, 60.0)
GIVEN_SPREAD = 0.3
"""What a scenario gives is usually within this of the truth (log ratio)."""


@dataclass(frozen=True)
class Knob:
    """A setting of one scenario: `scale` turns the number that is fitted into the setting (ns, or a fraction)."""

    kind: Kind
    path: str
    pool: str | None
    scale: float

    def setting(self, x: float) -> float:
        """The value of the setting."""
        return round(x * self.scale) if self.kind.unit in {"alone", "each"} else round(x * self.scale, 4)


def knobs_of(scenario: Scenario) -> list[Knob]:
    """What there is to turn: for each pool on the route what it has a use for, and the network between."""
    items = scenario.items_per_unit
    visited = list(dict.fromkeys(name for step in scenario.steps for name in step.pools))
    knobs, alone_ns = [], 0.0
    for name in visited:
        pool = scenario.pool(name)
        times = service_times(pool.model_copy(update={"noise": None}), items)
        alone = float(times.mean_ns[0])
        scales = {"share": 1.0, "cv": 1.0, "alone": alone, "each": float(times.mean_ns[-1]) / len(times.mean_ns)}
        alone_ns += alone
        knobs += [Knob(kind, f"pools.{name}.{kind.place}", name, scales[kind.unit]) for kind in _useful(pool)]
    return [*knobs, Knob(NETWORK, NETWORK.place, None, alone_ns)]


def _useful(pool: Pool) -> list[Kind]:
    measured = pool.profile is not None and pool.profile.measured_overlap() is not None
    useless = set()
    if pool.abreast == 1 or measured:
        useless.add("sharing.overlap")
    if pool.profile is None:
        useless.add("noise.cv")
    if pool.batching.most_requests(1) == 1:
        # Alone in its batch, a request costs what its batch costs.
        useless.add("overhead.per_request")
    return [kind for kind in KINDS if kind.place not in useless]


def given(scenario: Scenario) -> dict[str, float]:
    """Path to value of the settings that the scenario gives, other than from a calibration (ns, or fractions)."""
    fitted = {parameter.path for parameter in scenario.calibration.fitted} if scenario.calibration else set()
    knobs = knobs_of(scenario)
    values = zip(knobs, current(scenario, knobs), strict=True)
    return {knob.path: value for knob, value in values if value > 0 and knob.path not in fitted}


def drawn_to(knob: Knob, value: float | None) -> Knob:
    """The knob, drawn to a setting if there is one."""
    if value is None:
        return knob
    x = value / knob.scale
    kind = replace(knob.kind, usual=x, spread=min(knob.kind.spread, GIVEN_SPREAD), most=max(knob.kind.most, 10 * x))
    return replace(knob, kind=kind)


def turned(scenario: Scenario, settings: Mapping[Knob, float]) -> Scenario:
    """The scenario with settings (ns, or fractions) in their places."""
    pools = [_turned_pool(pool, {k: v for k, v in settings.items() if k.pool == pool.name}) for pool in scenario.pools]
    network = scenario.network
    for knob, value in settings.items():
        if knob.pool is None:
            network = replace(network, client=replace(network.client, latency=int(value)))
    return scenario.model_copy(update={"pools": pools, "network": network})


def _turned_pool(pool: Pool, settings: Mapping[Knob, float]) -> Pool:
    update: dict[str, Any] = {}
    for knob, value in settings.items():
        part, name = knob.kind.place.split(".")
        if part == "sharing":
            update[part] = Sharing(overlap=float(value))
        elif part == "noise":
            update[part] = Noise(cv=float(value)) if value else None
        else:
            update[part] = replace(update.get(part, getattr(pool, part)), **{name: int(value)})
    return pool.model_copy(update=update)


def current(scenario: Scenario, knobs: Sequence[Knob]) -> list[float]:
    """What the settings are now (ns, or fractions)."""
    values = []
    for knob in knobs:
        holder: Any = scenario.network if knob.pool is None else scenario.pool(knob.pool)
        if knob.kind.place == "sharing.overlap":
            values.append(float(holder.overlap))
            continue
        for part in knob.kind.place.removeprefix("network.").split("."):
            holder = getattr(holder, part, None)
        values.append(float(holder or 0))
    return values
