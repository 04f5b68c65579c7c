"""Whether a system comes back after a disturbance that has ended.

A metastable failure outlasts what caused it: work that the disturbance made, such as retries, keeps the system as busy
as the disturbance did (Bronson, Aghayev, Charapko and Zhu, "Metastable failures in distributed systems", HotOS 2021).
A replication does not come back where all of this holds, with at least 20 requests in each span that is compared:

- before the disturbance it is calm: in the second half of that time the share of requests that are answered in time is
  nine tenths of that in the first, or more, and the number in the system does not grow;
- in the last quarter of the time after it less than nine tenths of that share is answered in time, or more than twice
  as many requests are in the system as at most before;
- in the last half of that time it is not on its way back: neither does the number in the system fall, by more than 1 %
  of the requests sent and two standard deviations of chance, nor does the share in time grow by a tenth.

A request is in time if it is answered within the limit that its goodput has, or at all where it has none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

import numpy as np

from capsim.engine.blueprint import Blueprint
from capsim.scenario import Scenario
from capsim.stats.classes import Share
from capsim.stats.disturbance import Disturbance, disturbances
from capsim.stats.runs import Run
from capsim.units import NS_PER_S

FEWEST = 20
CALM, BACK, LIKE_BEFORE = 0.9, 0.1, 2.0
LEAST_FALL, CHANCE = 0.01, 2.0
BARELY = 10
"""So many requests more in the system than before mean nothing."""
POINTS = 20
MOST = 0.5
"""From this share of the replications on the system is called metastable."""


@dataclass(frozen=True)
class Outlasting:
    """A disturbance after which replications do not come back.

    Attributes:
        share: of the replications.
        said: how it was before and at the end, in words.
    """

    share: float
    said: str

    @property
    def most(self) -> bool:
        """Whether so many do not that the system is called metastable."""
        return self.share >= MOST


def outlasting(
    scenario: Scenario, blueprint: Blueprint, shares: Sequence[Share], runs: Sequence[Run], start_ns: int
) -> Outlasting | None:
    """The disturbance after which most replications do not come back; nothing where they all do."""
    worst: Outlasting | None = None
    for told in disturbances(scenario, blueprint, start_ns):
        courses = [_course(number, run, shares, told) for number, run in enumerate(runs)]
        stuck = [course for course in courses if course is not None]
        if stuck and (worst is None or len(stuck) / len(runs) > worst.share):
            limited = any(share.limit_ns is not None for share in shares)
            worst = Outlasting(len(stuck) / len(runs), _said(stuck, len(runs), told, limited=limited))
    return worst


def _course(number: int, run: Run, shares: Sequence[Share], told: Disturbance) -> tuple[float, float] | None:
    """The shares in time before and at the end of a replication that does not come back; nothing of another one."""
    middle, halfway = (told.calm_from_ns + told.start_ns) // 2, (told.end_ns + told.calm_until_ns) // 2
    late = (halfway + told.calm_until_ns) // 2
    spans = [
        (told.calm_from_ns, middle),
        (middle, told.start_ns),
        (told.calm_from_ns, told.start_ns),
        (halfway, late),
        (late, told.calm_until_ns),
    ]
    counted = [_in_time(number, shares, *span) for span in spans]
    if min(sent for _, sent in counted) < FEWEST:
        return None
    early, settled, before, third, last = (good / sent for good, sent in counted)
    calm, after = _inside(run, told.calm_from_ns, told.start_ns), _inside(run, halfway, told.calm_until_ns)
    sent = counted[3][1] + counted[4][1]
    if settled < CALM * early or _change(calm) > _least(calm, counted[2][1]):
        return None
    ends = float(after[POINTS // 2 :].mean())
    worse = last < CALM * before or ends > LIKE_BEFORE * float(calm.max()) + BARELY
    coming = -_change(after) > _least(after, sent) or last > third + BACK
    return (before, last) if worse and not coming else None


def _in_time(number: int, shares: Sequence[Share], low_ns: int, high_ns: int) -> tuple[float, int]:
    """How many of the requests sent in a span were answered in time, and how many there were."""
    good, sent = 0.0, 0
    for share in shares:
        latency_s = share.crowd.runs[number].seen(low_ns, high_ns).latency_s
        limit_s = inf if share.limit_ns is None else share.limit_ns / NS_PER_S
        sent += len(latency_s)
        good += latency_s.completed if limit_s == inf else len(latency_s) * (1 - latency_s.share_above(limit_s))
    return good, sent


def _inside(run: Run, low_ns: int, high_ns: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """How many requests are in the system through a span."""
    return run.inside(np.linspace(low_ns, high_ns, POINTS))[1]


def _change(inside: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
    """By how much the number changes through its span, by least squares."""
    around = np.linspace(-0.5, 0.5, len(inside))
    return float(np.dot(around, inside) / np.dot(around, around))


def _least(inside: np.ndarray[tuple[int], np.dtype[np.float64]], sent: int) -> float:
    """The least change of the number that means something."""
    return max(LEAST_FALL * sent, CHANCE * float(np.sqrt(1 + inside.mean())))


def _said(stuck: Sequence[tuple[float, float]], runs: int, told: Disturbance, *, limited: bool) -> str:
    before, end = (float(np.mean(column)) for column in zip(*stuck, strict=True))
    start_s, end_s = told.start_ns / NS_PER_S, told.end_ns / NS_PER_S
    in_time = " in time" if limited else ""
    replications = "the run" if runs == 1 else f"{len(stuck)} of {runs} replications"
    come = "does" if runs == 1 else "do"
    return (
        f"{told.what} from {start_s:g} s to {end_s:g} s, and {replications} {come} not come back after it: "
        f"{_percent(before)} of requests were answered{in_time} before, {_percent(end)} at the end"
    )


def _percent(share: float) -> str:
    return f"{share * 100:.3g} %"
