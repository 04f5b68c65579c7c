"""Disturbances that end: spans in which a scenario asks more of a system than before and after them."""

from __future__ import annotations

from dataclasses import dataclass

from capsim.engine.blueprint import Blueprint, CrowdPlan
from capsim.workload.rates import Steps

RISE = 1 + 1e-9
"""A rate that is larger by less is the same, written otherwise."""


@dataclass(frozen=True)
class Disturbance:
    """A span of more load than before and after it, with the calm around it (ns)."""

    calm_from_ns: int
    start_ns: int
    end_ns: int
    calm_until_ns: int


def disturbances(blueprint: Blueprint, start_ns: int) -> list[Disturbance]:
    """Those after an instant: where rates in steps rise and come back to what they were, or below."""
    processes = [plan.arrivals.process for plan in blueprint.classes if isinstance(plan.arrivals, CrowdPlan)]
    laws = [rate for process in processes if isinstance(rate := getattr(process, "rate", None), Steps)]
    changes = {step.at for law in laws for step in law.steps if start_ns < step.at < blueprint.horizon_ns}
    edges = sorted({start_ns, *changes})
    rates = [sum(_rate_at(law, edge) for law in laws) for edge in edges]
    told, place = list[Disturbance](), 1
    while place < len(edges):
        back = _first(rates, place + 1, at_most=rates[place - 1])
        if rates[place] <= rates[place - 1] * RISE or back is None:
            place += 1
            continue
        rises = next((later for later in range(back + 1, len(edges)) if rates[later] > rates[back] * RISE), None)
        until = blueprint.horizon_ns if rises is None else edges[rises]
        told.append(Disturbance(edges[place - 1], edges[place], edges[back], until))
        place = back + 1
    return told


def _rate_at(law: Steps, at_ns: int) -> float:
    return float(next(step.rate for step in reversed(law.steps) if step.at <= at_ns))


def _first(rates: list[float], place: int, *, at_most: float) -> int | None:
    """The first place from one on at which the rate is at most so much."""
    return next((later for later in range(place, len(rates)) if rates[later] <= at_most * RISE), None)
