"""How many replications a wanted precision takes."""

from __future__ import annotations

import math

from capsim.errors import CodedWarning
from capsim.scenario.schema import Run
from capsim.stats.result import Result

GROWTH = 2**0.5
"""Times as many replications, until the wanted precision is reached."""


def still_wanted(run: Run, result: Result) -> int:
    """How many replications more the wanted precision may take.

    It is looked at after 5, 8, 12, 17 … replications, whatever the answers say: an interval that is looked at after
    each one is soon narrow by chance. One without requests needn't be looked at again.
    """
    if run.precision is None or _relative_half_width(result) <= run.precision:
        return 0
    if result.latency_s["p99"].value is None:
        return run.max_replications
    return math.ceil(result.replications * GROWTH) - result.replications


def not_reached(replications: int) -> CodedWarning:
    """That as many replications as are allowed did not reach it."""
    said = f"the interval of p99 is wider than the wanted precision after {replications} replications"
    return CodedWarning("precision_not_reached", said)


def _relative_half_width(result: Result) -> float:
    p99 = result.latency_s["p99"]
    if p99.value is None or p99.ci95 is None:
        return math.inf
    return (p99.ci95[1] - p99.ci95[0]) / 2 / p99.value
