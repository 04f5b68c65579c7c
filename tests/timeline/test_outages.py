"""Servers that are down. Service takes 10 ms unless a test says otherwise; instants are ms."""

from __future__ import annotations

from typing import Any

from played import Play
from systems import pool


def down(start: int, end: int, **which: Any) -> dict[str, Any]:
    """Down from an instant to another."""
    return {"at": [{"from": f"{start} ms", "to": f"{end} ms", **which}]}


def test_the_running_batch_is_lost_and_the_line_waits_for_the_server(play: Play) -> None:
    """0 runs from 0 and is lost at 5; 1 waits since 2 until 20."""
    seen = play([0, 2], pool(faults=down(5, 20)))
    assert seen.outcomes == ["failed", "completed"]
    assert seen.finished == [5, 30]
    assert seen.started() == [0, 20]


def test_a_batch_that_ends_as_the_server_fails_is_not_lost(play: Play) -> None:
    """0 ends at 10, when the server goes down; 1 begins at 15, when it is back."""
    seen = play([0, 12], pool(faults=down(10, 15)))
    assert seen.outcomes == ["completed", "completed"]
    assert seen.finished == [10, 25]


def test_the_other_server_of_a_shared_line_goes_on(play: Play) -> None:
    """Server 0 is down from 5 on: 0 is lost, 1 ends at 11, then the other server takes 2 and 3."""
    seen = play([0, 1, 2, 3], pool(servers=2, queue={"shared": True}, faults=down(5, 100, server=0)))
    assert seen.outcomes == ["failed", "completed", "completed", "completed"]
    assert seen.started() == [0, 1, 11, 21]


def test_those_who_wait_are_balanced_anew_as_soon_as_the_balancer_knows(play: Play) -> None:
    """By turns 0 and 2 wait at server 0, 1 and 3 at server 1; at 5 server 0 fails: 0 is lost, 2 goes behind 3."""
    step = [{"pools": ["gpu"], "balancer": {"policy": "round_robin"}}]
    seen = play([0, 1, 2, 3], pool(servers=2, faults=down(5, 100, server=0)), route=step)
    assert seen.outcomes == ["failed", "completed", "completed", "completed"]
    assert seen.finished == [5, 11, 31, 21]


def test_a_balancer_that_learns_late_sends_to_the_dead_server_until_then(play: Play) -> None:
    """Server 0 fails at 5, known at 9: 2, sent there at 6, waits until 9 and goes behind 3, which waits since 8."""
    step = [{"pools": ["gpu"], "balancer": {"policy": "round_robin", "sees": {"health_lag": "4 ms"}}}]
    seen = play([0, 1, 6, 8], pool(servers=2, faults=down(5, 100, server=0)), route=step)
    assert seen.finished == [5, 11, 31, 21]


def test_without_any_server_left_all_wait_where_they_are(play: Play) -> None:
    """Both are down from 5 to 50: 0 and 1 are lost, 2 and 3 wait for the servers to which they were sent."""
    step = [{"pools": ["gpu"], "balancer": {"policy": "round_robin"}}]
    seen = play([0, 1, 2, 3], pool(servers=2, faults=down(5, 50)), route=step)
    assert seen.outcomes == ["failed", "failed", "completed", "completed"]
    assert seen.finished[2:] == [60, 60]


def test_a_zone_takes_its_servers_with_it(play: Play) -> None:
    """Servers 0 and 2 are in east, 1 in west; east is down from 5: 0 and 2 are lost."""
    step = [{"pools": ["gpu"], "balancer": {"policy": "round_robin"}}]
    zones = {"at": [{"zone": "east", "from": "5 ms", "to": "100 ms"}]}
    seen = play([0, 1, 2], pool(servers=3, zones=["east", "west"]), route=step, zones=zones)
    assert seen.outcomes == ["failed", "completed", "failed"]


def test_a_lost_attempt_is_tried_again(play: Play) -> None:
    """0 is lost at 5 and sent again at 8; the server is back at 20."""
    clients = {"timeout": "1 s", "retry": {"most": 1, "backoff": {"first": "3 ms", "jitter": "none"}, "on": ["failed"]}}
    seen = play([0], pool(faults=down(5, 20)), clients=clients)
    assert seen.outcomes == ["completed"]
    assert seen.finished == [30]
