"""Requests that visit several pools. Service takes 10 ms unless a test says otherwise; instants are ms."""

from __future__ import annotations

from played import Batched, Play
from systems import constant, dynamic, pool


def test_a_request_enters_the_next_step_as_it_leaves_the_one_before(play: Play) -> None:
    """10 at each; 1 waits for 0 at the first step only."""
    seen = play([0, 0], pool("a"), pool("b"), route=[{"pools": ["a"]}, {"pools": ["b"]}])
    assert seen.started(0) == [0, 10]
    assert seen.enqueued(1) == seen.started(1) == [10, 20]
    assert seen.finished == [20, 30]


def test_the_answers_of_one_batch_enter_the_next_step_one_by_one_past_the_front_end(play: Play) -> None:
    """A batch of 2 ends at 10, handed over at 13 and 16; the next step serves 13-14 and 16-17."""
    a = pool("a", batching=dynamic(2, "5 ms"), front_end={"after": "3 ms"})
    b = pool("b", service=constant("1 ms"))
    seen = play([0, 0], a, b, route=[{"pools": ["a"]}, {"pools": ["b"]}])
    assert seen.enqueued(1) == [13, 16]
    assert seen.finished == [14, 17]


def test_requests_from_an_earlier_step_come_before_those_that_arrive(play: Play) -> None:
    """Both steps visit the same server. At 10 request 0 comes back, and is ahead of 1, which arrives then."""
    seen = play([0, 10], route=[{"pools": ["gpu"]}, {"pools": ["gpu"]}])
    assert seen.started(1) == [10, 30]
    assert seen.started(0) == [0, 20]


def test_requests_that_come_from_an_earlier_step_together_come_in_the_order_of_requests(play: Play) -> None:
    """0 is on server 1 from 0 to 10, 1 on server 0 from 5 to 10: though server 0 ends first, 0 is ahead at c."""
    a, b, c = pool("a", service=constant("5 ms")), pool("b"), pool("c")
    route = [{"pools": ["b", "a"], "balancer": "round_robin"}, {"pools": ["c"]}]
    seen = play([0, 5], a, b, c, route=route)
    assert seen.servers(0) == [1, 0]
    assert seen.served(0) == [10, 10]
    assert seen.started(1) == [10, 20]


def test_requests_that_come_from_different_steps_come_in_the_order_of_requests(play: Play) -> None:
    """Three steps, of which the last two share pool b. 1 ends its first step as 0 ends its second, at 20.

    Both enter b then: 0 first, for its third step.
    """
    route = [{"pools": ["a"]}, {"pools": ["b"]}, {"pools": ["b"]}]
    seen = play([0, 10], pool("a"), pool("b"), route=route)
    assert seen.served(0) == [10, 20]
    assert seen.started(2)[0] == 20
    assert seen.started(1) == [10, 30]


def test_a_batch_forms_of_requests_at_different_steps(play: Play) -> None:
    """Both steps visit the same pool: at 10 request 0 comes back and meets 1, which waits since 3."""
    seen = play([0, 3], pool(batching=dynamic(2)), route=[{"pools": ["gpu"]}, {"pools": ["gpu"]}])
    assert seen.batches() == [Batched(0, 0, 10, (0,)), Batched(0, 10, 20, (0, 1)), Batched(0, 20, 30, (1,))]


def test_a_request_that_is_turned_away_visits_no_further_step(play: Play) -> None:
    """1 finds the second pool busy from 10 to 110 and without room."""
    a = pool("a", servers=2)
    b = pool("b", service=constant("100 ms"), queue={"capacity": 0})
    seen = play([0, 1], a, b, route=[{"pools": ["a"]}, {"pools": ["b"]}, {"pools": ["a"]}])
    assert seen.outcomes == ["completed", "rejected"]
    assert seen.finished == [120, 11]
    assert seen.started(2) == [110, None]


def test_a_step_chooses_among_its_pools(play: Play) -> None:
    """The fast and the slow one, whichever has fewer."""
    fast, slow = pool("fast", service=constant("4 ms")), pool("slow")
    seen = play([0, 0, 5], fast, slow, route=[{"pools": ["slow", "fast"]}])
    assert seen.servers() == [1, 0, 0]
    assert seen.finished == [10, 4, 9]
