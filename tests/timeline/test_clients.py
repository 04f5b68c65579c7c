"""Clients that give up, try again, send copies or nothing. Service takes 10 ms unless a test says; instants are ms."""

from __future__ import annotations

from typing import Any

from played import Attempt, Play
from systems import constant, pool

MS = 1_000_000
NO_QUEUE = pool(queue={"capacity": 0})
TWO = [pool("slow", service=constant("20 ms")), pool("fast", service=constant("4 ms"))]
IN_TURN = [{"pools": ["slow", "fast"], "balancer": "round_robin"}]


def retry(most: int, first: str = "5 ms", **settings: Any) -> dict[str, Any]:
    """Retries of who was turned away, with pauses that double."""
    return {"most": most, "backoff": {"first": first, "factor": 2, "jitter": "none"}, "on": ["rejected"], **settings}


# timeouts


def test_a_client_gives_up_and_the_server_goes_on_in_vain(play: Play) -> None:
    """1 and 2 give up at 16 and 17 and are served all the same, until 30; 3 waits for them and gives up at 33."""
    seen = play([0, 1, 2, 18], clients={"timeout": "15 ms"})
    assert seen.outcomes == ["completed", "timed_out", "timed_out", "timed_out"]
    assert seen.finished == [10, 16, 17, 33]
    assert seen.started() == [0, 10, 20, 30]


def test_who_is_cancelled_leaves_the_line_but_not_a_batch(play: Play) -> None:
    """1 is being served when it gives up at 16, 2 leaves at 17: 3 is served from 20."""
    seen = play([0, 1, 2, 18], clients={"timeout": "15 ms", "cancel": True})
    assert seen.outcomes == ["completed", "timed_out", "timed_out", "completed"]
    assert seen.finished == [10, 16, 17, 30]
    assert seen.started() == [0, 10, None, 20]


def test_an_answer_at_the_very_instant_of_the_timeout_counts(play: Play) -> None:
    """10 ms, and 10 ms."""
    seen = play([0], clients={"timeout": "10 ms"})
    assert seen.outcomes == ["completed"]
    assert seen.finished == [10]


def test_a_timeout_counts_the_way_there_and_back(play: Play) -> None:
    """1 ms each: 12 in all, and the timeout is 11; nobody is told before it is cancelled, 1 ms later."""
    network = {"client": {"latency": "1 ms"}}
    seen = play([0, 2], network=network, clients={"timeout": "11 ms", "cancel": True})
    assert seen.outcomes == ["timed_out", "timed_out"]
    assert seen.finished == [11, 13]
    assert seen.started() == [1, 11]


# retries


def test_a_request_that_is_turned_away_is_sent_again_after_pauses_that_grow(play: Play) -> None:
    """1 is turned away at 1 and at 6, and served from 16."""
    seen = play([0, 1], NO_QUEUE, clients={"retry": retry(3)})
    assert seen.finished == [10, 26]
    assert seen.attempts() == [
        Attempt(0, 0, 10, "completed"),
        Attempt(1, 1, 1, "rejected"),
        Attempt(1, 6, 6, "rejected"),
        Attempt(1, 16, 26, "completed"),
    ]
    assert seen.spent("retried") == [0, 15]


def test_a_request_ends_as_its_last_attempt_did(play: Play) -> None:
    """One retry, at 6, is turned away as well."""
    seen = play([0, 1], NO_QUEUE, clients={"retry": retry(1)})
    assert seen.outcomes == ["completed", "rejected"]
    assert seen.finished == [10, 6]


def test_only_some_outcomes_are_tried_again(play: Play) -> None:
    """To be turned away is not among them."""
    seen = play([0, 1], NO_QUEUE, clients={"timeout": "1 s", "retry": retry(1, on=["timed_out"])})
    assert seen.finished == [10, 1]


def test_a_retry_after_a_timeout_meets_the_work_of_the_first_attempt(play: Play) -> None:
    """100 ms for one and 30 ms of patience. 1 gives up at 31, is sent again at 36 and gives up at 66 for good."""
    seen = play(
        [0, 1], pool(service=constant("100 ms")), clients={"timeout": "30 ms", "retry": retry(1, on=["timed_out"])}
    )
    assert seen.attempts() == [
        Attempt(0, 0, 30, "timed_out"),
        Attempt(0, 35, 65, "timed_out"),
        Attempt(1, 1, 31, "timed_out"),
        Attempt(1, 36, 66, "timed_out"),
    ]
    assert seen.finished == [65, 66]
    starts = seen.ledger.visits["started_ns"] // 1_000_000
    assert starts.tolist() == [0, 200, 100, 300]


def test_a_retry_is_a_millisecond_on_its_way_again(play: Play) -> None:
    """1 is at the server at 2 and turned away, knows at 3, and is sent again at 8: there at 9, and at 20."""
    seen = play([0, 1], NO_QUEUE, network={"client": {"latency": "1 ms"}}, clients={"retry": retry(2)})
    assert seen.attempts()[1:] == [
        Attempt(1, 1, 3, "rejected"),
        Attempt(1, 8, 10, "rejected"),
        Attempt(1, 20, 32, "completed"),
    ]


# hedging


def test_a_copy_is_sent_when_an_answer_is_late_and_the_first_answer_wins(play: Play) -> None:
    """slow has the first, fast the copy from 8 to 12."""
    seen = play([0], *TWO, route=IN_TURN, clients={"hedge": {"after": "8 ms"}})
    assert seen.finished == [12]
    assert seen.attempts() == [Attempt(0, 0, 12, "cancelled"), Attempt(0, 8, 12, "completed")]
    assert seen.spent("retried") == [8]


def test_no_copy_is_sent_where_the_answer_is_there_in_time(play: Play) -> None:
    """At the very instant."""
    seen = play([0], pool(servers=2), clients={"hedge": {"after": "10 ms"}})
    assert seen.attempts() == [Attempt(0, 0, 10, "completed")]


def test_the_attempt_that_lost_leaves_the_line(play: Play) -> None:
    """slow runs 0 and has 2 in line, fast had 1 until 5 and has the copies of 0 from 8 and of 2 from 12.

    0 runs on until 20 in vain, 2 leaves the line at 16.
    """
    seen = play([0, 1, 2], *TWO, route=[{"pools": ["slow", "fast"]}], clients={"hedge": {"after": "8 ms"}})
    assert seen.finished == [12, 5, 16]
    visits = seen.ledger.visits
    rows = zip(*(visits[name].tolist() for name in ("request", "attempt", "server", "started_ns")), strict=True)
    assert sorted(rows) == [(0, 0, 0, 0), (0, 1, 1, 8 * MS), (1, 0, 1, 1 * MS), (2, 0, 0, -1), (2, 1, 1, 12 * MS)]


# circuit breakers


def test_after_many_failures_nothing_is_sent_for_a_while_and_one_trial_decides(play: Play) -> None:
    """1 and 2 are turned away: the breaker opens at 2, when two of two have failed. 3 is not sent.

    At 22 the trial 4 finds the server idle; 5 is not sent meanwhile. 6 is, as the trial was answered.
    """
    breaker = {"failures": "50 %", "window": "100 ms", "least": 2, "open": "20 ms"}
    seen = play([0, 1, 2, 15, 22, 25, 33], NO_QUEUE, clients={"breaker": breaker})
    assert seen.outcomes == ["completed", "rejected", "rejected", "rejected", "completed", "rejected", "completed"]
    assert seen.finished == [10, 1, 2, 15, 32, 25, 43]
    assert [attempt.request for attempt in seen.attempts()] == [0, 1, 2, 4, 6]


def test_a_trial_that_fails_opens_the_breaker_again(play: Play) -> None:
    """0 runs until 100: the trial at 22 is turned away, and nothing is sent until 42."""
    breaker = {"failures": "50 %", "window": "100 ms", "least": 2, "open": "20 ms"}
    serving = pool(service=constant("100 ms"), queue={"capacity": 0})
    seen = play([0, 1, 2, 22, 41, 42], serving, clients={"breaker": breaker})
    assert [attempt.request for attempt in seen.attempts()] == [0, 1, 2, 3, 5]
