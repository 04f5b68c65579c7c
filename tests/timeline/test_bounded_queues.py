"""Queues with a capacity. Service takes 10 ms unless a test says otherwise; instants are ms."""

from __future__ import annotations

from played import Play
from systems import dynamic, pool


def test_the_newest_beyond_the_capacity_are_rejected_after_the_decision(play: Play) -> None:
    """Of four at 0 one begins, one waits, and the two that came last are turned away."""
    seen = play([0, 0, 0, 0], pool(queue={"capacity": 1}))
    assert seen.outcomes == ["completed", "completed", "rejected", "rejected"]
    assert seen.finished == [10, 20, 0, 0]
    assert seen.enqueued() == [0, 0, 0, 0]
    assert seen.started() == [0, 10, None, None]


def test_whoever_waits_is_not_pushed_out(play: Play) -> None:
    """1 waits from 1 on; 2 finds the queue full at 2."""
    seen = play([0, 1, 2], pool(queue={"capacity": 1}))
    assert seen.outcomes == ["completed", "completed", "rejected"]
    assert seen.finished == [10, 20, 2]


def test_there_is_room_again_when_a_batch_begins(play: Play) -> None:
    """At 10 request 1 begins, so that 2, which arrives then, can wait until 20."""
    seen = play([0, 1, 10], pool(queue={"capacity": 1}))
    assert seen.finished == [10, 20, 30]


def test_without_room_only_an_idle_instance_serves(play: Play) -> None:
    """1 finds the server busy. 2 arrives as it becomes idle, and begins at once."""
    seen = play([0, 5, 10], pool(queue={"capacity": 0}))
    assert seen.outcomes == ["completed", "rejected", "completed"]
    assert seen.finished == [10, 5, 20]


def test_without_room_nobody_can_wait_for_a_batch_to_fill(play: Play) -> None:
    """0 would have to wait for company; 1 and 2 come together and fill the batch."""
    seen = play([0, 3, 3], pool(batching=dynamic(2, "5 ms"), queue={"capacity": 0}))
    assert seen.outcomes == ["rejected", "completed", "completed"]
    assert seen.finished == [0, 13, 13]


def test_whoever_fills_the_batch_is_not_rejected(play: Play) -> None:
    """With 0 waiting the queue is full; 1 fills the batch at 2, and both leave before anyone is counted."""
    seen = play([0, 2], pool(batching=dynamic(2, "5 ms"), queue={"capacity": 1}))
    assert seen.started() == [2, 2]


def test_a_capacity_counts_requests_not_items(play: Play) -> None:
    """Two requests of 4 items wait in a queue of 2; the third does not fit."""
    seen = play([0, 0, 0, 0], pool(queue={"capacity": 2}), items=4)
    assert seen.outcomes == ["completed", "completed", "completed", "rejected"]


def test_each_server_has_a_capacity_of_its_own(play: Play) -> None:
    """Round robin over two servers: each serves one, lets one wait, and rejects one."""
    route = [{"pools": ["gpu"], "balancer": "round_robin"}]
    seen = play([0] * 6, pool(servers=2, queue={"capacity": 1}), route=route)
    assert seen.outcomes == ["completed"] * 4 + ["rejected"] * 2
    assert seen.servers() == [0, 1, 0, 1, 0, 1]


def test_a_shared_queue_has_one_capacity_for_the_pool(play: Play) -> None:
    """Two begin, one waits, one is rejected."""
    seen = play([0] * 4, pool(servers=2, queue={"shared": True, "capacity": 1}))
    assert seen.outcomes == ["completed"] * 3 + ["rejected"]
    assert seen.finished == [10, 10, 20, 0]


def test_an_expiry_makes_room_for_an_arrival_of_the_same_instant(play: Play) -> None:
    """1 leaves at 5, the instant at which 2 arrives."""
    seen = play([0, 1, 5], pool(queue={"capacity": 1, "timeout": "4 ms"}))
    assert seen.outcomes == ["completed", "timed_out", "timed_out"]
    assert seen.finished == [10, 5, 9]
