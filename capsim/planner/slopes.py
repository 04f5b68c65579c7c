"""What a millisecond of p99 costs along the frontier."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from capsim.planner.candidates import Candidate
from capsim.stats import Result
from capsim.stats.paired import change


@dataclass(frozen=True)
class Slope:
    """A segment of the lower convex hull of cost against p99.

    Attributes:
        cheaper: the settings at its cheaper end.
        dearer: the settings at its dearer end.
        more_usd_per_hour: what the dearer one costs more.
        less_ms: how much lower its p99 is (ms).
        less_ms_ci95: its paired 95 % interval, where one is known.
        usd_per_hour_per_ms: dollars per hour for each millisecond less; nothing where it is not resolvable.
        usd_per_hour_per_ms_ci95: at the ends of the interval.
        resolvable: whether the interval leaves out 0.
    """

    cheaper: Mapping[str, Any]
    dearer: Mapping[str, Any]
    more_usd_per_hour: float
    less_ms: float
    less_ms_ci95: tuple[float, float] | None
    usd_per_hour_per_ms: float | None
    usd_per_hour_per_ms_ci95: tuple[float, float] | None
    resolvable: bool


def slopes(frontier: Sequence[Candidate], results: Mapping[int, Result]) -> list[Slope]:
    """The segments of the hull, from the cheapest on; none without prices.

    Args:
        frontier: by cost, each with a lower p99 than the one before.
        results: the answers to its members by number, under common random numbers.
    """
    if any(candidate.usd_per_hour is None or candidate.p99_s is None for candidate in frontier):
        return []
    hull = _hull([candidate for candidate in frontier if candidate.number in results])
    return [_slope(a, b, results[a.number], results[b.number]) for a, b in itertools.pairwise(hull)]


def _hull(frontier: Sequence[Candidate]) -> list[Candidate]:
    """Those that no mixture of two others beats (the lower convex hull, by a monotone chain)."""
    hull: list[Candidate] = []
    for candidate in frontier:
        while len(hull) > 1 and _turn(hull[-2], hull[-1], candidate) <= 0:
            hull.pop()
        hull.append(candidate)
    return hull


def _turn(a: Candidate, b: Candidate, c: Candidate) -> float:
    """Above zero where the way from a over b to c turns left."""
    (ax, ay), (bx, by), (cx, cy) = ((each.usd_per_hour or 0.0, each.p99_s or 0.0) for each in (a, b, c))
    return (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)


def _slope(cheaper: Candidate, dearer: Candidate, before: Result, after: Result) -> Slope:
    name = "latency_s.p99"
    told = change(
        before.known[name], after.known[name], before.section_values.get(name, ()), after.section_values.get(name, ())
    )
    more = (dearer.usd_per_hour or 0.0) - (cheaper.usd_per_hour or 0.0)
    less_ms = ((cheaper.p99_s or 0.0) - (dearer.p99_s or 0.0)) * 1e3
    ends = told.difference.ci95
    interval = None if ends is None else (-ends[1] * 1e3, -ends[0] * 1e3)
    resolvable = interval is not None and interval[0] > 0
    return Slope(
        cheaper.settings,
        dearer.settings,
        more,
        less_ms,
        interval,
        more / less_ms if resolvable else None,
        (more / interval[1], more / interval[0]) if interval is not None and resolvable else None,
        resolvable,
    )
