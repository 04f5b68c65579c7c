"""The written order at one instant, a test for each pair of neighbours.

Completions (by server), expiries, arrivals (in the order of requests, each balanced in turn), one decision pass,
rejections of the newest. Service takes 10 ms; instants are ms.
"""

from __future__ import annotations

from played import Play
from systems import dynamic, pool


def test_a_completion_comes_before_an_expiry(play: Play) -> None:
    """At 10 server 0 ends 0 and 1 expires, both before the decision: the idle instance is for 2, not for 1."""
    seen = play([0, 1, 2], pool(queue={"timeout": "9 ms"}))
    assert seen.finished == [10, 10, 20]
    assert seen.started() == [0, None, 10]


def test_a_completion_comes_before_an_arrival(play: Play) -> None:
    """As 2 arrives at 10, server 1 has just ended 1: it is the one with the fewest, server 0 still runs 0."""
    busy = pool("busy", service={"distribution": "constant", "mean": "11 ms"})
    seen = play([0, 0, 10], busy, pool("other"), route=[{"pools": ["busy", "other"]}])
    assert seen.servers() == [0, 1, 1]
    assert seen.started() == [0, 0, 10]


def test_an_expiry_comes_before_an_arrival(play: Play) -> None:
    """At 4 the wait of 2 at server 0 ends, so that 3 finds one request at each server and goes to the first."""
    seen = play([0, 0, 0, 4], pool(servers=2, queue={"timeout": "4 ms"}))
    assert seen.outcomes[2] == "timed_out"
    assert seen.servers() == [0, 1, 0, 0]


def test_arrivals_are_balanced_in_turn(play: Play) -> None:
    """Each of the three that arrive together sees those before it."""
    seen = play([5, 5, 5], pool(servers=3))
    assert seen.servers() == [0, 1, 2]


def test_an_arrival_comes_before_the_decision(play: Play) -> None:
    """The delay of 0 ends at 5, as 1 arrives: they leave together."""
    seen = play([0, 5], pool(batching=dynamic(4, "5 ms")))
    assert seen.started() == [5, 5]


def test_an_arrival_comes_before_the_decision_that_a_completion_brings(play: Play) -> None:
    """At 10 the server is idle again and 2 arrives: it is in the batch of 1."""
    seen = play([0, 1, 10], pool(batching=dynamic(4)))
    assert seen.started() == [0, 10, 10]


def test_a_request_from_the_front_end_comes_before_the_decision(play: Play) -> None:
    """1 leaves the front end at 6, as the delay of 0 (there at 3) ends."""
    seen = play([0, 0], pool(batching=dynamic(4, "3 ms"), front_end={"before": "3 ms"}))
    assert seen.enqueued() == [3, 6]
    assert seen.started() == [6, 6]


def test_a_decision_comes_before_a_rejection(play: Play) -> None:
    """The queue of one is full with 1 until the server takes it at 10, as 2 arrives and stays."""
    seen = play([0, 1, 10], pool(queue={"capacity": 1}))
    assert seen.outcomes == ["completed"] * 3


def test_the_rejected_are_the_newest(play: Play) -> None:
    """Of 1, 2 and 3, all at 10, the server takes the first and the queue keeps the second."""
    seen = play([0, 10, 10, 10], pool(queue={"capacity": 1}))
    assert seen.outcomes == ["completed", "completed", "completed", "rejected"]


def test_a_rejection_does_not_wait_for_the_next_event(play: Play) -> None:
    """1 is turned away at 3, though nothing else happens then."""
    seen = play([0, 3], pool(queue={"capacity": 0}))
    assert seen.finished == [10, 3]
