"""What calibrated scenarios say of one that is like them: the model on another device, or another of its family.

A setting is carried over in the unit of its `Kind`: times in service times of the model, so that a faster device has
shorter overheads.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from capsim.errors import Fault, InputError
from capsim.scenario import Scenario
from capsim.scenario.knobs import Knob, current, knobs_of
from capsim.validation import structure

LEAST_SPREAD = 0.4
"""Settings of alike deployments differ at least by this (log ratio): two that agree prove little."""
ALONE_SPREAD = 0.8
"""How far a setting may be from that of a single one."""
SCATTER = 0.2
"""How far measurements lie from a prediction with nothing but the settings of others, from
`docs/explanation/accuracy.md` (log ratio)."""


@dataclass(frozen=True)
class Likeness:
    """What others had: which settings, each with its usual value and spread, and their load generators' window.

    Attributes:
        names: of the scenarios.
        knobs: those that most others needed, with what was usual for them.
        unused: those that most others did without.
        window_s: of their load generators, where most had one.
    """

    names: list[str]
    knobs: list[Knob]
    unused: list[Knob]
    window_s: float | None


def bare_as_most(scenario: Scenario, others: Sequence[tuple[str, Scenario]]) -> Scenario:
    """The scenario without its evidence, structured as most others."""
    alike = []
    for pool in scenario.pools:
        names = [(other, _pool_of(pool.name, scenario, other)) for _, other in others]
        alike.append((pool, [other.pool(name) for other, name in names if name is not None]))
    return structure.structured_alike(scenario, alike).model_copy(update={"calibration": None, "validation": None})


def likeness(scenario: Scenario, others: Sequence[tuple[str, Scenario]]) -> Likeness:
    """What calibrated scenarios say of one that is like them.

    Args:
        scenario: the one to be calibrated.
        others: name and scenario; pools are matched by name, or are the only ones.

    Raises:
        InputError: one of the others was not calibrated, or they share no pool with the scenario.
    """
    for name, other in others:
        if other.calibration is None:
            raise InputError(name, [Fault("calibration", "is missing; write it with: capsim calibrate")])
    used, unused = [], []
    for knob in knobs_of(scenario):
        values = [value for _, other in others if (value := _value(knob, scenario, other)) is not None]
        if not values or 2 * sum(value > 0 for value in values) <= len(values):
            unused.append(knob)
            continue
        logs = np.log([value for value in values if value > 0])
        spread = max(LEAST_SPREAD, float(np.std(logs, ddof=1))) if len(logs) > 1 else ALONE_SPREAD
        used.append(replace(knob, kind=replace(knob.kind, usual=math.exp(float(np.median(logs))), spread=spread)))
    if not used and not any(_shares_pool(scenario, other) for _, other in others):
        raise InputError(others[0][0], [Fault("pools", f"has no pool of {scenario.name}, by name or as the only one")])
    windows = [other.calibration.window_s for _, other in others if other.calibration and other.calibration.window_s]
    window = float(np.median(windows)) if 2 * len(windows) > len(others) else None
    return Likeness([name for name, _ in others], used, unused, window)


def _shares_pool(scenario: Scenario, other: Scenario) -> bool:
    return any(_pool_of(pool.name, scenario, other) is not None for pool in scenario.pools)


def _pool_of(name: str, scenario: Scenario, other: Scenario) -> str | None:
    """The pool of the other scenario that this one corresponds to."""
    names = [pool.name for pool in other.pools]
    if name in names:
        return name
    return names[0] if len(names) == len(scenario.pools) == 1 else None


def _value(knob: Knob, scenario: Scenario, other: Scenario) -> float | None:
    """The setting in the other scenario, in the unit of its kind; nothing where that has no use for it."""
    pool = None if knob.pool is None else _pool_of(knob.pool, scenario, other)
    if knob.pool is not None and pool is None:
        return None
    known = [each for each in knobs_of(other) if each.kind.place == knob.kind.place and each.pool == pool]
    return current(other, known)[0] / known[0].scale if known else None
