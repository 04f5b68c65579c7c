"""How batches form. Service takes 10 ms unless a test says otherwise; instants are ms."""

from __future__ import annotations

from played import Batched, Play
from systems import constant, dynamic, pool


def test_without_batching_requests_are_served_one_by_one_in_the_order_of_arrival(play: Play) -> None:
    """10 ms each, one after the other: 0-10, 10-20, 20-30."""
    seen = play([0, 1, 2], pool(batching={"policy": "none"}))
    assert seen.batches() == [Batched(0, 0, 10, (0,)), Batched(0, 10, 20, (1,)), Batched(0, 20, 30, (2,))]
    assert seen.outcomes == ["completed"] * 3


def test_a_full_batch_leaves_at_once(play: Play) -> None:
    """The second request at 3 fills the batch of 2, long before the delay of 50."""
    seen = play([0, 3], pool(batching=dynamic(2, "50 ms")))
    assert seen.batches() == [Batched(0, 3, 13, (0, 1))]


def test_a_partial_batch_leaves_when_its_oldest_has_waited_the_delay(play: Play) -> None:
    """0 + 5, not 3 + 5."""
    seen = play([0, 3], pool(batching=dynamic(4, "5 ms")))
    assert seen.batches() == [Batched(0, 5, 15, (0, 1))]


def test_what_a_full_batch_leaves_behind_waits_its_own_delay(play: Play) -> None:
    """0 and 1 fill a batch at 2, which runs to 3; 2 entered at 2 and leaves at 2 + 5."""
    seen = play([0, 2, 2], pool(batching=dynamic(2, "5 ms"), service=constant("1 ms")))
    assert seen.batches() == [Batched(0, 2, 3, (0, 1)), Batched(0, 7, 8, (2,))]


def test_a_delay_that_passes_while_the_server_is_busy_lets_all_leave_when_it_is_idle(play: Play) -> None:
    """0 leaves alone at 5 and runs to 15. The delay of 1 is over at 11: at 15 it leaves, and 2 and 3 with it."""
    seen = play([0, 6, 9, 14], pool(batching=dynamic(4, "5 ms")))
    assert seen.batches() == [Batched(0, 5, 15, (0,)), Batched(0, 15, 25, (1, 2, 3))]


def test_an_idle_instance_waits_for_a_delay_that_has_not_passed(play: Play) -> None:
    """0 runs from 5 to 15; 1 entered at 12, so that the instance waits until 12 + 5."""
    seen = play([0, 12], pool(batching=dynamic(4, "5 ms")))
    assert seen.batches() == [Batched(0, 5, 15, (0,)), Batched(0, 17, 27, (1,))]


def test_a_delay_of_zero_takes_what_waits_up_to_the_maximum(play: Play) -> None:
    """0 leaves alone at 0. At 10 three wait: 1 and 2 leave, 3 follows at 20."""
    seen = play([0, 1, 2, 3], pool(batching=dynamic(2)))
    assert seen.batches() == [Batched(0, 0, 10, (0,)), Batched(0, 10, 20, (1, 2)), Batched(0, 20, 30, (3,))]


def test_the_largest_preferred_size_that_is_reached_leaves_at_once(play: Play) -> None:
    """2 are reached at 1. At 11 five wait, of which 4 leave. At 21 request 6 has waited 15 of 20: it leaves at 26."""
    seen = play([0, 1, 2, 3, 4, 5, 6], pool(batching=dynamic(8, "20 ms", preferred=[2, 4])))
    assert seen.batches() == [
        Batched(0, 1, 11, (0, 1)),
        Batched(0, 11, 21, (2, 3, 4, 5)),
        Batched(0, 26, 36, (6,)),
    ]


def test_the_maximum_is_a_preferred_size_even_if_it_is_not_named(play: Play) -> None:
    """At 12 six wait beyond the first two: all 6 leave, not 2."""
    seen = play([0, 0, 1, 1, 1, 1, 1, 1], pool(batching=dynamic(6, "20 ms", preferred=[2])))
    assert seen.batches() == [Batched(0, 0, 10, (0, 1)), Batched(0, 10, 20, (2, 3, 4, 5, 6, 7))]


def test_once_the_delay_has_passed_everything_leaves_whatever_is_preferred(play: Play) -> None:
    """3 of at most 8 wait when the delay ends at 5; the preferred size of 5 is not reached."""
    seen = play([0, 1, 2], pool(batching=dynamic(8, "5 ms", preferred=[5])))
    assert seen.batches() == [Batched(0, 5, 15, (0, 1, 2))]


def test_several_batches_leave_at_one_instant_while_instances_are_idle(play: Play) -> None:
    """Of five at 0, 4 leave and then nothing smaller than 4 is preferred: the fifth leaves at 3, beside them."""
    seen = play([0] * 5, pool(instances=2, sharing={"overlap": 1}, batching=dynamic(8, "3 ms", preferred=[4])))
    assert seen.batches() == [Batched(0, 0, 10, (0, 1, 2, 3)), Batched(0, 3, 13, (4,))]


def test_two_full_batches_leave_at_one_instant(play: Play) -> None:
    """Two idle instances, four requests, batches of two."""
    seen = play([0] * 4, pool(instances=2, sharing={"overlap": 1}, batching=dynamic(2, "3 ms")))
    assert seen.batches() == [Batched(0, 0, 10, (0, 1)), Batched(0, 0, 10, (2, 3))]


def test_sizes_count_items_and_a_request_is_never_split(play: Play) -> None:
    """Requests of 3 items, at most 8: two requests (6 items) are full. The third waits for the server."""
    seen = play([0, 0, 0], pool(batching=dynamic(8, "5 ms")), items=3)
    assert seen.batches() == [Batched(0, 0, 10, (0, 1)), Batched(0, 10, 20, (2,))]
    assert seen.batch_sizes() == [6, 6, 3]


def test_a_batch_that_holds_one_request_only_leaves_with_it(play: Play) -> None:
    """2 items a request and at most 3 a batch: no second request fits, so that nobody waits for one."""
    seen = play([0, 0], pool(batching=dynamic(3, "50 ms")), items=2)
    assert seen.batches() == [Batched(0, 0, 10, (0,)), Batched(0, 10, 20, (1,))]


def test_a_preferred_size_counts_items(play: Play) -> None:
    """4 items are two requests of 2."""
    seen = play([0, 1], pool(batching=dynamic(8, "50 ms", preferred=[4])), items=2)
    assert seen.started() == [1, 1]


def test_a_preferred_size_that_whole_requests_cannot_reach_has_no_effect(play: Play) -> None:
    """3 items are not reached by requests of 2: the delay decides, at 5."""
    seen = play([0, 1], pool(batching=dynamic(8, "5 ms", preferred=[3])), items=2)
    assert seen.started() == [5, 5]


def test_service_grows_with_the_items_of_the_batch(play: Play) -> None:
    """4 + 2 · 6 for three requests of 2 items."""
    seen = play([0, 0, 0], pool(batching=dynamic(6), service=constant("4 ms", per_item="2 ms")), items=2)
    assert seen.finished == [16, 16, 16]


def test_each_server_batches_what_its_own_queue_holds(play: Play) -> None:
    """Round robin: 0 and 2 meet on one server, 1 and 3 on the other."""
    route = [{"pools": ["gpu"], "balancer": "round_robin"}]
    seen = play([0, 1, 2, 3], pool(servers=2, batching=dynamic(2, "50 ms")), route=route)
    assert seen.batches() == [Batched(0, 2, 12, (0, 2)), Batched(1, 3, 13, (1, 3))]
