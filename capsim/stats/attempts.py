"""How often requests were sent, and what caches knew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from capsim.engine.ledger import CANCELLED, NOT_YET, Ledger
from capsim.engine.tally import Tally
from capsim.units import NEVER


@dataclass(frozen=True)
class AttemptsResult:
    """How often requests were sent, over all replications after warm-up.

    Attributes:
        sent: attempts in all; as many as requests where senders send each once.
        retried: those sent after the one before had ended without an answer.
        hedged: copies sent while another was under way.
        cancelled: those whose answer nobody waited for any more.
    """

    sent: int
    retried: int
    hedged: int
    cancelled: int


def attempts_of(found: Sequence[Ledger | Tally], offered: int, start_ns: int) -> AttemptsResult:
    """What became of the requests sent from an instant on, of which there are `offered`."""
    counts = [_counted(part, start_ns) for part in found if isinstance(part, Ledger) and "attempts" in part.requests]
    if not counts:
        return AttemptsResult(offered, 0, 0, 0)
    return AttemptsResult(*(sum(column) for column in zip(*counts, strict=True)))


def _counted(ledger: Ledger, start_ns: int) -> tuple[int, int, int, int]:
    inside = ledger.requests["arrived_ns"] >= start_ns
    rows = ledger.attempts
    kept = inside[rows["request"]]
    hedged, retried = 0, 0
    busy_until = np.full(len(ledger), -1, np.int64)
    for number in range(int(rows["attempt"].max(initial=0)) + 1):
        these = rows["attempt"] == number
        request, sent, finished = (rows[name][these] for name in ("request", "sent_ns", "finished_ns"))
        if number:
            beside = busy_until[request] > sent
            hedged += int((beside & inside[request]).sum())
            retried += int((~beside & inside[request]).sum())
        ends = np.where(finished == NOT_YET, NEVER, finished)
        busy_until[request] = np.maximum(busy_until[request], ends)
    sent_in_all = int(ledger.requests["attempts"][inside].sum())
    return sent_in_all, retried, hedged, int((rows["outcome"][kept] == CANCELLED).sum())


@dataclass(frozen=True)
class CacheResult:
    """What a cache knew, over all replications after warm-up.

    Attributes:
        name: of its node.
        hit_ratio: share of the look-ups that it answered; nothing without any.
        look_ups: how often it was asked.
    """

    name: str
    hit_ratio: float | None
    look_ups: int


def caches_of(found: Sequence[Ledger | Tally], names: dict[int, str], start_ns: int) -> list[CacheResult]:
    """What the caches knew from an instant on; `names` are those of their nodes, by number."""
    results = []
    for node, name in names.items():
        look_ups, hits = 0, 0
        for part in found:
            if isinstance(part, Ledger):
                rows = part.look_ups
                kept = (rows["node"] == node) & (rows["at_ns"] >= start_ns)
                look_ups, hits = look_ups + int(kept.sum()), hits + int(rows["hit"][kept].sum())
        results.append(CacheResult(name, hits / look_ups if look_ups else None, look_ups))
    return results
