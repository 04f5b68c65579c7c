"""How many of the requests are answered within the objective."""

from __future__ import annotations

import numpy as np

from capsim.stats import Result
from capsim.units import NS_PER_S


def limit_s(result: Result) -> float | None:
    """The latency that a single request must keep below (s): the loosest of the objective's percentiles.

    An objective of p50 and p99 lets half of the requests pass the former. Nothing where there is no objective, or one
    for the mean alone, which no single request misses.
    """
    targets = {} if result.objective is None else result.objective.targets_s
    return max((target for name, target in targets.items() if name != "mean"), default=None)


def share_within(result: Result) -> float | None:
    """The share of completed requests whose latency is within the objective; nothing where that is not known."""
    limit = limit_s(result)
    if limit is None or not result.requests["completed"]:
        return None
    if result.ledgers:
        return _counted(result, limit)
    return None if result.latency_histogram is None else _from_histogram(result, limit)


def _counted(result: Result, limit: float) -> float:
    within = completed = 0
    for ledger in result.ledgers:
        counts = ledger.requests["arrived_ns"] >= result.warmup_s * NS_PER_S
        latencies = ledger.latencies_ns()[counts]
        completed += int(np.isfinite(latencies).sum())
        within += int((latencies <= limit * NS_PER_S).sum())
    return within / completed if completed else 0.0


def _from_histogram(result: Result, limit: float) -> float:
    """By bins of equal width, within each of which latencies are taken for evenly spread."""
    histogram = result.latency_histogram
    assert histogram is not None, "asked before"  # noqa: S101 - narrows the type
    edges, sums = np.array(histogram.edges), np.concatenate([[0.0], np.cumsum(histogram.shares)])
    if limit >= edges[-1]:
        return 1.0 if limit >= histogram.most else float(1 - histogram.beyond)
    return float(np.interp(limit, edges, sums, left=0.0))
