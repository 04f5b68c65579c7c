"""Disturbances that end: spans in which a system has more load, or fewer servers, than before and after them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from capsim.engine.blueprint import Blueprint
from capsim.scenario import Scenario
from capsim.workload.rates import Steps

RISE = 1 + 1e-9
"""A rate that is larger by less is the same, written otherwise."""


@dataclass(frozen=True)
class Disturbance:
    """A span of more load or fewer servers, with the calm around it (ns).

    Attributes:
        what: is so, in words.
        calm_from_ns: since when all was as it is just before.
        start_ns: when it begins.
        end_ns: when it is over.
        calm_until_ns: until when all stays as it was before, or the load is lower.
    """

    what: str
    calm_from_ns: int
    start_ns: int
    end_ns: int
    calm_until_ns: int


def disturbances(scenario: Scenario, blueprint: Blueprint, from_ns: int) -> list[Disturbance]:
    """Those after an instant: rates in steps that rise and come back to what they were, or below, and known outages.

    None where the load varies otherwise, so that before and after could not be compared.
    """
    laws = _laws(scenario)
    if laws is None:
        return []
    changes = {step.at for law in laws for step in law.steps if from_ns < step.at < blueprint.horizon_ns}
    edges = sorted({from_ns, *changes})
    rates = [sum(_rate_at(law, edge) for law in laws) for edge in edges]
    spans = sorted([*_raised(edges, rates), *_outages(blueprint, from_ns)])
    told = []
    for start, end, what in _apart(spans):
        calm_from = max(edge for edge in (*edges, *(other for _, other, _ in spans)) if edge < start)
        usual = _held(edges, rates, start - 1) * RISE
        higher = (edge for edge, rate in zip(edges, rates, strict=True) if edge > end and rate > usual)
        until = min((*higher, *(other for other, _, _ in spans if other > end)), default=blueprint.horizon_ns)
        if _held(edges, rates, end) <= usual:
            told.append(Disturbance(what, calm_from, start, end, until))
    return told


def _held(edges: Sequence[int], rates: Sequence[float], at_ns: int) -> float:
    """The rate at an instant."""
    return rates[bisect_right(edges, at_ns) - 1]


def _laws(scenario: Scenario) -> list[Steps] | None:
    """The rates in steps; nothing where a load varies otherwise."""
    varying = [each.arrivals for each in scenario.classes if not each.arrivals.steady]
    laws = [rate for arrivals in varying if isinstance(rate := getattr(arrivals, "rate", None), Steps)]
    return laws if len(laws) == len(varying) else None


def _rate_at(law: Steps, at_ns: int) -> float:
    return float(next(step.rate for step in reversed(law.steps) if step.at <= at_ns))


def _raised(edges: Sequence[int], rates: Sequence[float]) -> Iterator[tuple[int, int, str]]:
    """From when to when the load is higher than before, and comes back."""
    place = 1
    while place < len(edges):
        at_most = rates[place - 1] * RISE
        back = next((later for later in range(place + 1, len(edges)) if rates[later] <= at_most), None)
        if rates[place] > at_most and back is not None:
            yield edges[place], edges[back], "the load is higher"
            place = back
        place += 1


def _outages(blueprint: Blueprint, from_ns: int) -> Iterator[tuple[int, int, str]]:
    """From when to when servers are known to be down."""
    for plan in blueprint.pools:
        for start, end, server in () if plan.faults is None else plan.faults.at:
            if from_ns < start < end < blueprint.horizon_ns:
                what = f"pool {plan.name} is down"
                yield start, end, what if server is None else f"server {server} of {what}"
    for zone in blueprint.zones:
        for start, end, _ in zone.faults.at:
            if from_ns < start < end < blueprint.horizon_ns:
                yield start, end, f"zone {zone.name} is down"


def _apart(spans: Sequence[tuple[int, int, str]]) -> Iterator[tuple[int, int, str]]:
    """The spans, those together that overlap."""
    held: tuple[int, int, list[str]] | None = None
    for start, end, what in spans:
        if held is not None and start <= held[1]:
            held = held[0], max(held[1], end), [*held[2], what]
            continue
        if held is not None:
            yield held[0], held[1], " and ".join(dict.fromkeys(held[2]))
        held = start, end, [what]
    if held is not None:
        yield held[0], held[1], " and ".join(dict.fromkeys(held[2]))
