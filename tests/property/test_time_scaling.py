"""There is no natural unit of time: with all times doubled, everything happens at twice the instant.

Exact where nothing is rounded: constant service, no batches that slow each other.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from hypothesis import given
from runs import run
from strategies import TEXT_BOOK, documents
from systems import Engine

from capsim.engine import Ledger
from capsim.workload import TraceFile

TIMES = re.compile(r"(\d+) (ms|kB)")
"""Sizes are times too, at a given bandwidth."""


def doubled(value: Any) -> Any:
    """A document with all times doubled."""
    if isinstance(value, dict):
        return {name: doubled(held) for name, held in value.items()}
    if isinstance(value, list):
        return [doubled(held) for held in value]
    if isinstance(value, TraceFile):
        return TraceFile(value.file, value.times_s * 2)
    match = TIMES.fullmatch(value) if isinstance(value, str) else None
    return f"{2 * int(match[1])} {match[2]}" if match else value


def instants_doubled(ledger: Ledger) -> Ledger:
    """A ledger with all instants doubled."""

    def table(columns: dict[str, Any]) -> dict[str, Any]:
        return {
            name: np.where(column < 0, column, 2 * column) if name.endswith("_ns") else column
            for name, column in columns.items()
        }

    return Ledger(table(ledger.requests), table(ledger.visits), table(ledger.batches))


@given(documents(loads=["trace", "closed_loop"], policies=TEXT_BOOK, distributions=["constant"], overlaps=[1.0]))
def test_twice_the_times_are_twice_the_instants(engine: Engine, document: dict[str, Any]) -> None:
    assert run(engine, doubled(document)).ledger == instants_doubled(run(engine, document).ledger)
