"""When each server is down, drawn beforehand: faults run on the clock, whatever is served."""

from __future__ import annotations

import numpy as np

from capsim.distributions import Variate
from capsim.engine.blueprint import Blueprint, FaultsPlan
from capsim.random import Stream

Spans = list[tuple[int, int]]

DRAWN = 64


def outages_of(blueprint: Blueprint) -> list[Spans]:
    """For each server the spans (ns) in which it is down, apart from each other and in the order of time.

    Every server is up at first. The stream `faults/POOL/POSITION` draws how long it is up, then how long it is down,
    the stream `zones/ZONE` likewise for a zone, which takes its servers with it.
    """
    if not blueprint.fails:
        return [[] for pool in blueprint.pools for _ in range(pool.servers)]
    zones = [_spans(blueprint, zone.faults, f"zones/{zone.name}", None) for zone in blueprint.zones]
    outages: list[Spans] = []
    for pool in blueprint.pools:
        for position in range(pool.servers):
            spans = zones[pool.zones[position % len(pool.zones)]] if pool.zones else []
            if pool.faults is not None:
                spans = spans + _spans(blueprint, pool.faults, f"faults/{pool.name}/{position}", position)
            outages.append(apart(spans))
    return outages


def _spans(blueprint: Blueprint, faults: FaultsPlan, stream: str, position: int | None) -> Spans:
    """When a zone is down, or the server at a position of its pool."""
    given = [(start, end) for start, end, only in faults.at if only is None or only == position]
    return given + by_chance(faults, blueprint.stream(stream), blueprint.stop_ns)


def by_chance(faults: FaultsPlan, stream: Stream, until_ns: int) -> Spans:
    """The spans, by chance, that begin before an instant."""
    spans: Spans = []
    if faults.up_ns is None:
        return spans
    start, now_ns = 0, 0
    while True:
        u = stream.uniforms(start, start + DRAWN)
        ups, downs = _lasting(faults.up, faults.up_ns, u[::2]), _lasting(faults.down, faults.down_ns, u[1::2])
        for up_ns, down_ns in zip(ups, downs, strict=True):
            now_ns += up_ns
            if now_ns >= until_ns:
                return spans
            spans.append((now_ns, now_ns + down_ns))
            now_ns += down_ns
        start += DRAWN


def _lasting(variate: Variate | None, mean_ns: int, u: np.ndarray[tuple[int], np.dtype[np.float64]]) -> list[int]:
    """How long something of a mean lasts, each time (ns, at least 1)."""
    drawn = np.ones(len(u)) if variate is None else variate.quantile(u)
    return [max(1, int(lasting)) for lasting in np.rint(drawn * mean_ns)]


def apart(spans: Spans) -> Spans:
    """Spans in the order of time, those that touch made one."""
    merged: Spans = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
