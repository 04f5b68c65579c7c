"""First come, first served: nobody begins before those ahead in the line have left it."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from runs import run
from strategies import documents
from systems import Engine


@given(documents())
def test_nobody_begins_before_those_ahead_have_left(engine: Engine, document: dict[str, Any]) -> None:
    for _, line in run(engine, document).lines():
        ahead_left_ns = 0
        for visit in line:
            assert ahead_left_ns <= visit.started_ns
            ahead_left_ns = max(ahead_left_ns, visit.left_ns)


@given(documents())
def test_the_newest_are_rejected(engine: Engine, document: dict[str, Any]) -> None:
    """Whoever is behind a rejected request in the line is rejected at the same instant."""
    for _, line in run(engine, document).lines():
        for i, visit in enumerate(line):
            behind = [other for other in line[i + 1 :] if visit.rejected and other.enqueued_ns <= visit.left_ns]
            assert all(other.rejected and other.left_ns == visit.left_ns for other in behind)
