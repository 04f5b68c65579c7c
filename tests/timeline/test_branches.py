"""Routes that fork, join and choose. Service takes 10 ms unless a test says otherwise; instants are ms."""

from __future__ import annotations

from typing import Any

from played import Play
from systems import constant, pool


def step(name: str) -> dict[str, Any]:
    """A node of one pool."""
    return {"pools": [name]}


def fork(*names: str, **settings: Any) -> dict[str, Any]:
    """A branch for each pool."""
    return {"parallel": [[step(name)] for name in names], **settings}


SLOW, FAST, LAST = pool("slow"), pool("fast", service=constant("4 ms")), pool("last", service=constant("1 ms"))


def test_a_request_goes_on_when_its_last_branch_has_ended(play: Play) -> None:
    """slow serves 0-10 and 10-20, fast 0-4 and 4-8."""
    seen = play([0, 1], SLOW, FAST, LAST, route=[fork("slow", "fast"), step("last")])
    assert seen.served(0) == [10, 20]
    assert seen.served(1) == [4, 8]
    assert seen.enqueued(2) == [10, 20]
    assert seen.finished == [11, 21]


def test_the_parts_of_the_latency_are_those_of_the_branch_that_ended_last(play: Play) -> None:
    """1 waits 9 for slow, and 3 for fast, which does not count."""
    seen = play([0, 1], SLOW, FAST, LAST, route=[fork("slow", "fast"), step("last")])
    assert seen.spent("waited") == [0, 9]
    assert seen.spent("served") == [11, 11]


def test_a_branch_may_have_several_nodes(play: Play) -> None:
    """fast, then last, after 3 ms: until 8. slow until 10."""
    branches = [[step("slow")], [step("fast"), {"delay": "3 ms"}, step("last")]]
    seen = play([0], SLOW, FAST, LAST, route=[{"parallel": branches}])
    assert seen.started(2) == [7]
    assert seen.finished == [10]


def test_the_first_branches_can_be_enough_and_the_others_are_taken_out_of_line(play: Play) -> None:
    """0 ends with fast at 4 while slow runs on until 10. 1 ends with fast at 8, and waits for slow no more.

    So at 10 slow takes 2, whose answer of fast is there at 13 before.
    """
    seen = play([0, 1, 9], SLOW, FAST, route=[fork("slow", "fast", wait_for=1)])
    assert seen.finished == [4, 8, 13]
    assert seen.started(0) == [0, None, 10]
    assert seen.served(0) == [10, None, 20]


def test_two_of_three_branches(play: Play) -> None:
    """10, 4 and 1 ms."""
    seen = play([0], SLOW, FAST, LAST, route=[fork("slow", "fast", "last", wait_for=2)])
    assert seen.finished == [4]


def test_a_request_is_lost_when_too_few_branches_can_still_come(play: Play) -> None:
    """fast has no place for 1 at 1, so that it ends, and waits for slow no more: 2 begins there at 10."""
    fast = pool("fast", service=constant("4 ms"), queue={"capacity": 0})
    seen = play([0, 1, 5], SLOW, fast, route=[fork("slow", "fast")])
    assert seen.outcomes == ["completed", "rejected", "completed"]
    assert seen.finished == [10, 1, 20]
    assert seen.started(0) == [0, None, 10]


def test_a_request_goes_on_without_a_branch_that_is_lost_where_others_are_enough(play: Play) -> None:
    """1 finds no place at fast, and slow answers it."""
    fast = pool("fast", service=constant("4 ms"), queue={"capacity": 0})
    seen = play([0, 1], SLOW, fast, route=[fork("slow", "fast", wait_for=1)])
    assert seen.finished == [4, 20]


def test_forks_within_forks(play: Play) -> None:
    """The inner ends with last at 1, the outer with slow at 10."""
    seen = play([0], SLOW, FAST, LAST, route=[{"parallel": [[step("slow")], [fork("fast", "last", wait_for=1)]]}])
    assert seen.finished == [10]


def test_nobody_waits_for_anybody_in_a_delay(play: Play) -> None:
    """Three at once."""
    seen = play([0, 0, 0], LAST, route=[{"delay": "8 ms"}, step("last")])
    assert seen.enqueued() == [8, 8, 8]
    assert seen.finished == [9, 10, 11]
    assert seen.spent("delayed") == [8, 8, 8]


def test_requests_take_the_way_of_their_class_and_meet_again(play: Play) -> None:
    """a by slow, b by no way at all; then both to last."""
    ways = [{"class": "a", "route": [step("slow")]}, {"class": "b", "route": []}]
    seen = play({"a": [0], "b": [2]}, SLOW, LAST, route=[{"choose": ways}, step("last")])
    assert seen.started(0) == [0, None]
    assert seen.started(1) == [10, 2]


def test_a_class_can_have_a_route_of_its_own(play: Play) -> None:
    """a as all, b to fast."""
    classes = {"b": {"route": [step("fast")]}}
    seen = play({"a": [0], "b": [0]}, SLOW, FAST, route=[step("slow")], classes=classes)
    assert seen.finished == [10, 4]


def test_a_message_takes_its_bytes_and_the_latency(play: Play) -> None:
    """5 kB at 1 kB a ms, and 2 ms; the answer of 3 kB likewise. Nobody waits for the other."""
    network = {
        "links": {"wan": {"latency": "2 ms", "bandwidth": "8 Mbit/s"}},
        "request_size": "5 kB",
        "response_size": "3 kB",
    }
    seen = play(
        [0, 0], LAST, route=[{"link": "wan"}, step("last"), {"link": "wan", "carries": "response"}], network=network
    )
    assert seen.enqueued() == [7, 7]
    assert seen.finished == [13, 14]
    assert seen.spent("delayed") == [12, 12]


def test_messages_contend_for_a_link_one_after_the_other(play: Play) -> None:
    """5 ms each for the bytes, of which the second waits for the first; each then takes 2."""
    network = {
        "links": {"wan": {"latency": "2 ms", "bandwidth": "8 Mbit/s", "contention": True}},
        "request_size": "5 kB",
    }
    seen = play([0, 1, 20], LAST, route=[{"link": "wan"}, step("last")], network=network)
    assert seen.enqueued() == [7, 12, 27]


def test_messages_of_different_nodes_contend_for_one_link(play: Play) -> None:
    """Up and down: the answer of 0 begins at 8, when 1 has begun at 7 and has the link until 12."""
    network = {
        "links": {"wan": {"bandwidth": "8 Mbit/s", "contention": True}},
        "request_size": "5 kB",
        "response_size": "5 kB",
    }
    route = [{"link": "wan"}, step("three"), {"link": "wan", "carries": "response"}]
    seen = play([0, 7], pool("three", service=constant("3 ms")), route=route, network=network)
    assert seen.enqueued() == [5, 12]
    assert seen.finished == [17, 22]
