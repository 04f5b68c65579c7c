"""Requests that leave a queue unserved. Service takes 10 ms unless a test says otherwise; instants are ms."""

from __future__ import annotations

from played import Play
from systems import constant, dynamic, pool


def test_a_request_leaves_exactly_when_it_has_waited_the_timeout(play: Play) -> None:
    """1 enters at 1 behind a service until 10, and leaves at 1 + 4."""
    seen = play([0, 1], pool(queue={"timeout": "4 ms"}))
    assert seen.outcomes == ["completed", "timed_out"]
    assert seen.finished == [10, 5]
    assert seen.started() == [0, None]


def test_a_request_that_expires_as_an_instance_becomes_idle_is_not_served(play: Play) -> None:
    """At 10 the server is idle and 1 has waited 9: it leaves before the decision, which serves 2."""
    seen = play([0, 1, 2], pool(queue={"timeout": "9 ms"}))
    assert seen.outcomes == ["completed", "timed_out", "completed"]
    assert seen.finished == [10, 10, 20]
    assert seen.started() == [0, None, 10]


def test_those_that_wait_expire_one_after_the_other(play: Play) -> None:
    """1 and 2 enter at 1 and 3 and leave at 5 and 7, though their first timer was set for 1 alone."""
    seen = play([0, 1, 3], pool(queue={"timeout": "4 ms"}))
    assert seen.finished == [10, 5, 7]


def test_a_timeout_holds_for_whoever_is_left_when_the_oldest_was_served(play: Play) -> None:
    """Service 4: 1 (until 6) begins at 4. At 8 the server is idle again, and 2 has waited 5 since 3."""
    seen = play([0, 1, 3], pool(queue={"timeout": "5 ms"}, service=constant("4 ms")))
    assert seen.outcomes == ["completed", "completed", "timed_out"]
    assert seen.finished == [4, 8, 8]


def test_the_delay_of_a_batch_counts_anew_when_its_oldest_has_expired(play: Play) -> None:
    """0 leaves alone at 6 and runs to 16. 1 expires at 15; 2 entered at 12 and leaves at 12 + 6, not at 16."""
    seen = play([0, 7, 12], pool(batching=dynamic(4, "6 ms"), queue={"timeout": "8 ms"}))
    assert seen.outcomes == ["completed", "timed_out", "completed"]
    assert seen.started() == [6, None, 18]
    assert seen.finished == [16, 15, 28]


def test_a_delay_as_long_as_the_timeout_never_serves_a_partial_batch(play: Play) -> None:
    """At 5 both are due, and expiries come before decisions."""
    seen = play([0, 20, 21], pool(batching=dynamic(2, "5 ms"), queue={"timeout": "5 ms"}))
    assert seen.outcomes == ["timed_out", "completed", "completed"]
    assert seen.finished == [5, 31, 31]


def test_a_batch_that_has_formed_does_not_expire(play: Play) -> None:
    """It runs for ten timeouts."""
    seen = play([0], pool(queue={"timeout": "1 ms"}))
    assert seen.outcomes == ["completed"]


def test_a_request_waits_from_entering_the_queue_not_from_arriving(play: Play) -> None:
    """Past a network of 5 and a front end of 3, 1 enters at 11 and leaves at 15; its client knows at 20."""
    seen = play(
        [0, 0],
        pool(queue={"timeout": "4 ms"}, front_end={"before": "3 ms"}),
        network={"client": {"latency": "5 ms"}},
    )
    assert seen.enqueued() == [8, 11]
    assert seen.outcomes == ["completed", "timed_out"]
    assert seen.finished == [23, 20]


def test_each_step_counts_its_own_wait(play: Play) -> None:
    """1 waits 3 of 4 at the first step (0-3) and 2 of 4 at the second (6-8)."""
    first = pool("first", service=constant("3 ms"), queue={"timeout": "4 ms"})
    second = pool("second", service=constant("5 ms"), queue={"timeout": "4 ms"})
    seen = play([0, 0], first, second, route=[{"pools": ["first"]}, {"pools": ["second"]}])
    assert seen.started(0) == [0, 3]
    assert seen.started(1) == [3, 8]
    assert seen.finished == [8, 13]


def test_a_shared_queue_has_one_line(play: Play) -> None:
    """Two servers are busy until 10; 2 and 3 wait for either, and leave at 5 and 6."""
    seen = play([0, 0, 1, 2], pool(servers=2, queue={"shared": True, "timeout": "4 ms"}))
    assert seen.finished == [10, 10, 5, 6]
