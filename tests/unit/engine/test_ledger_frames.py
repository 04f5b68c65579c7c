"""Ledgers as users see them."""

from __future__ import annotations

from dataclasses import replace

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
            "class": pd.Categorical(["default"] * 4),
            "attempts": 1,
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
    assert list(nothing.visit_frame(0, ["cpu"], [0])) == [
        "replication", "request", "step", "pool", *list(VISITS)[2:], "attempt", "branch"
    ]  # fmt: skip
    assert nothing.attempt_frame(0).empty


SENT_AGAIN = {
    "request": [0, 1, 1, 2, 2],
    "attempt": [0, 0, 1, 0, 1],
    "sent_ns": [0, 5, 8, 9, 10],
    "finished_ns": [7, 8, 12, 13, 13],
    "outcome": [0, 2, 0, 0, 5],
}


@pytest.fixture
def mixed() -> Ledger:
    """Two classes; the second request was tried again, the third hedged."""
    more = {"class": [0, 1, 1, 0], "items": [1, 8, 2, 1], "attempts": [1, 2, 2, 0]}
    attempts = columns(SENT_AGAIN)
    visits = VISITS | {"attempt": [0, 1, 0, 0], "step": [0, 1, 2, 0]}
    return Ledger(columns(REQUESTS | more), columns(visits), columns(BATCHES), attempts=attempts)


def test_requests_say_their_class_and_how_often_they_were_sent(mixed: Ledger) -> None:
    frame = mixed.request_frame(0, 1, ["quick", "bulk"])
    assert frame["class"].tolist() == ["quick", "bulk", "bulk", "quick"]
    assert frame["items"].tolist() == [1, 8, 2, 1]
    assert frame["attempts"].tolist() == [1, 2, 2, 0]


def test_visits_say_their_attempt_and_branch(mixed: Ledger) -> None:
    frame = mixed.visit_frame(0, ["cpu"], [0], branches=[0, 1, 2])
    assert frame.attempt.tolist() == [0, 1, 0, 0]
    assert frame.branch.tolist() == [0, 1, 2, 0]


def test_each_sending_has_a_row(mixed: Ledger) -> None:
    frame = mixed.attempt_frame(3)
    assert list(frame) == ["replication", "request", "attempt", "sent_ns", "finished_ns", "outcome"]
    assert frame.outcome.tolist() == ["completed", "timed_out", "completed", "completed", "cancelled"]
    assert frame.attempt.tolist() == [0, 0, 1, 0, 1]
    assert set(frame.replication) == {3}


def test_ledgers_with_other_attempts_are_not_equal(mixed: Ledger) -> None:
    assert mixed == replace(mixed, attempts=columns(SENT_AGAIN))
    assert mixed != replace(mixed, attempts=columns(SENT_AGAIN | {"outcome": [0, 2, 0, 5, 0]}))
