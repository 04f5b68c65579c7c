"""For whom instances were at work: by class, and for attempts that nobody had an answer of.

A batch's time is divided among its requests by the items that they carry.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from capsim.engine.blueprint import Blueprint, PoolPlan
from capsim.engine.ledger import NOT_YET, Ints, Ledger, Outcome
from capsim.engine.tally import COMPLETED, SENT, Tally

Floats = NDArray[np.float64]
UNDECIDED = (Outcome.completed, Outcome.in_flight)
"""Attempts of these outcomes were answered, or may still be."""


@dataclass(frozen=True, eq=False)
class Spent:
    """Time of instances within a window (ns), of all replications.

    Attributes:
        by_class: a row for each pool, a column for each class; of one class alone nothing is known or needed.
        wasted: by pool, what was spent on attempts that were not answered; nothing where that isn't known.
    """

    by_class: Floats | None
    wasted: Floats | None

    @classmethod
    def of(cls, found: Sequence[Ledger | Tally], blueprint: Blueprint, start_ns: int) -> Spent:
        """What these replications say."""
        several = len(blueprint.classes) > 1
        tables = [_of_ledger(part, blueprint, start_ns) if isinstance(part, Ledger) else None for part in found]
        told = [table for table in tables if table is not None]
        if len(told) < len(tables):
            return cls(None, None if any(map(_loses, found)) else np.zeros(len(blueprint.pools)))
        table = np.sum(told, axis=0)
        return cls(table.sum(axis=2) if several else None, table[:, :, 1].sum(axis=1))

    def wasted_share(self, plan: PoolPlan, number: int, span_ns: float) -> float | None:
        """Share of the time of a pool's instances that was spent on attempts that were not answered."""
        return None if self.wasted is None else float(self.wasted[number]) / (plan.servers * plan.instances * span_ns)

    def shares(self, costs: Sequence[float | None]) -> list[float | None]:
        """What each class has of the cost of the pools that were used, by the time that it had of their instances.

        Without a price of each pool the time itself is divided.
        """
        if self.by_class is None:
            return [1.0]
        used = self.by_class.sum(axis=1)
        priced = [cost for cost in costs if cost is not None]
        worth = np.array(priced) if len(priced) == len(costs) and sum(priced) > 0 else used
        each = np.divide(self.by_class, used[:, None], out=np.zeros_like(self.by_class), where=used[:, None] > 0)
        total = float(worth[used > 0].sum())
        return [float(part) / total if total else None for part in worth @ each]


def _loses(part: Ledger | Tally) -> bool:
    """Whether a tally has requests that did not complete, as far as is known."""
    if isinstance(part, Ledger):
        return bool((part.requests["outcome"] != Outcome.completed).any())
    return bool(part.requests[:, SENT].sum() > part.requests[:, COMPLETED].sum())


def _of_ledger(ledger: Ledger, blueprint: Blueprint, start_ns: int) -> Floats:
    """By pool, class and whether it was wasted (ns)."""
    visits, pools, classes = ledger.visits, blueprint.pools, len(blueprint.classes)
    kept = visits["started_ns"] != NOT_YET
    if classes == 1 and not len(ledger.attempts["request"]):
        # Only what is wasted counts, and that is of requests that did not complete.
        lost = ~np.isin(ledger.requests["outcome"], UNDECIDED)
        kept &= lost[visits["request"]]
    request, started, finished, size, server = (
        visits[name][kept] for name in ("request", "started_ns", "finished_ns", "batch_size", "server")
    )
    ends = np.where(finished == NOT_YET, blueprint.horizon_ns, finished)
    inside = np.maximum(np.minimum(ends, blueprint.horizon_ns) - np.maximum(started, start_ns), 0)
    items = ledger.column("items", blueprint.items_per_unit)[request]
    spent = inside * items / np.maximum(size, 1)
    pool = np.searchsorted([plan.first_server for plan in pools], server, side="right") - 1
    attempt = visits["attempt"][kept] if "attempt" in visits else np.zeros(len(request), np.int64)
    vain = ~np.isin(_outcomes(ledger, request, attempt), UNDECIDED)
    place = (pool * classes + ledger.column("class", 0)[request]) * 2 + vain
    table = np.bincount(place, spent, minlength=len(pools) * classes * 2).astype(np.float64)
    return table.reshape(len(pools), classes, 2)


def _outcomes(ledger: Ledger, request: Ints, attempt: Ints) -> Ints:
    """How each of these attempts ended; as its request did where attempts have no rows."""
    ended = ledger.requests["outcome"][request]
    rows = ledger.attempts
    if not len(rows["request"]):
        return ended
    place = np.minimum(np.searchsorted(rows["request"], request) + attempt, len(rows["request"]) - 1)
    there = (rows["request"][place] == request) & (rows["attempt"][place] == attempt)
    return np.where(there, rows["outcome"][place], ended)
