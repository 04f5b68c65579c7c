"""Ledgers as users see them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from capsim.engine import Ledger, Outcome

REQUESTS = {"arrived_ns": [0, 5, 9, 12], "finished_ns": [7, 5, -1, 20], "outcome": [0, 1, 4, 2]}
VISITS = {
    "request": [0, 1, 2, 3],
    "step": [0, 0, 0, 1],
    "server": [0, 2, 3, 4],
    "enqueued_ns": [1, 5, 9, 12],
    "started_ns": [2, -1, 10, -1],
    "finished_ns": [7, -1, -1, -1],
    "batch": [0, -1, 3, -1],
    "batch_size": [1, -1, 8, -1],
}
BATCHES = {"server": [0, 3], "number": [0, 3], "started_ns": [2, 10], "finished_ns": [7, -1], "requests": [1, 8]}


def columns(table: dict[str, list[int]]) -> dict[str, np.ndarray[tuple[int], np.dtype[np.int64]]]:
    return {name: np.array(values, dtype=np.int64) for name, values in table.items()}


@pytest.fixture
def ledger() -> Ledger:
    return Ledger(columns(REQUESTS), columns(VISITS), columns(BATCHES))


def test_requests_are_numbered_as_sent_and_what_did_not_come_is_missing(ledger: Ledger) -> None:
    frame = ledger.request_frame(replication=3, items_per_request=8)
    expected = pd.DataFrame(
        {
            "replication": 3,
            "request": [0, 1, 2, 3],
            "arrived_ns": [0, 5, 9, 12],
            "finished_ns": pd.array([7, 5, None, 20], dtype="Int64"),
            "outcome": pd.Categorical(
                ["completed", "rejected", "in_flight", "timed_out"], categories=[each.name for each in Outcome]
            ),
            "items": 8,
        }
    )
    pd.testing.assert_frame_equal(frame, expected)


def test_servers_are_counted_within_their_pool(ledger: Ledger) -> None:
    frame = ledger.visit_frame(1, ["cpu", "gpu", "after"], [0, 2, 4])
    assert frame.pool.tolist() == ["cpu", "gpu", "gpu", "after"]
    assert frame.server.tolist() == [0, 0, 1, 0]
    assert frame.replication.tolist() == [1] * 4
    assert frame.enqueued_ns.tolist() == [1, 5, 9, 12]


def test_a_visit_without_service_has_no_batch(ledger: Ledger) -> None:
    frame = ledger.visit_frame(0, ["cpu"], [0])
    for name, values in (("started_ns", [2, 10]), ("finished_ns", [7]), ("batch", [0, 3]), ("batch_size", [1, 8])):
        assert frame[name].dtype == "Int64"
        assert frame[name].dropna().tolist() == values
    assert frame.started_ns.isna().tolist() == [False, True, False, True]


def test_a_latency_is_from_sending_to_the_answer_and_infinite_without_one(ledger: Ledger) -> None:
    assert ledger.latencies_ns().tolist() == [7, np.inf, np.inf, np.inf]


def test_ledgers_are_equal_where_every_row_is(ledger: Ledger) -> None:
    assert ledger == Ledger(columns(REQUESTS), columns(VISITS), columns(BATCHES))
    for table, name in (("requests", "outcome"), ("visits", "batch"), ("batches", "finished_ns")):
        changed = Ledger(columns(REQUESTS), columns(VISITS), columns(BATCHES))
        getattr(changed, table)[name][-1] += 1
        assert ledger != changed
    assert ledger != "a ledger"


def test_no_requests_make_empty_tables() -> None:
    nothing = Ledger(*({name: np.zeros(0, dtype=np.int64) for name in t} for t in (REQUESTS, VISITS, BATCHES)))
    assert len(nothing) == 0
    assert nothing.request_frame(0, 1).empty
    assert list(nothing.visit_frame(0, ["cpu"], [0])) == ["replication", "request", "step", "pool", *list(VISITS)[2:]]
