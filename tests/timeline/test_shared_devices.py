"""Pools that share a device. The work takes 10 ms alone; instants are ms."""

from __future__ import annotations

from typing import Any

from played import Batched, Play
from systems import constant, pool

IN_TURN = [{"pools": ["a", "b"], "balancer": "round_robin"}]


def on_device(name: str, **settings: Any) -> dict[str, Any]:
    """A pool on the device that all share."""
    return pool(name, **{"device": "gpu0", **settings})


def test_batches_of_two_pools_slow_each_other(play: Play) -> None:
    """As those of two instances: 0 has done 4 when 1 begins; its other 6 take 12, until 16. 1 ends at 20."""
    seen = play([0, 4], on_device("a"), on_device("b"), route=IN_TURN)
    assert seen.batches() == [Batched(0, 0, 16, (0,)), Batched(1, 4, 20, (1,))]


def test_each_pool_is_slowed_by_its_own_sharing(play: Play) -> None:
    """b feels nobody: from 4 to 14. a does 4 alone, then 5 at half speed until 14, and 1 alone: 15."""
    b = on_device("b", sharing={"overlap": 1})
    seen = play([0, 4], on_device("a"), b, route=IN_TURN)
    assert seen.finished == [15, 14]


def test_pools_on_devices_of_their_own_do_not_slow_each_other(play: Play) -> None:
    """Two devices."""
    seen = play([0, 4], on_device("a"), on_device("b", device="gpu1"), route=IN_TURN)
    assert seen.finished == [10, 14]


def test_servers_share_with_those_in_their_position(play: Play) -> None:
    """Requests go to a's two servers, then to b's one, beside a's first, which it slows."""
    route = [{"pools": ["a", "b"], "balancer": "least_outstanding"}]
    seen = play([0, 0, 0], on_device("a", servers=2), on_device("b"), route=route)
    assert seen.servers() == [0, 1, 2]
    assert seen.finished == [20, 10, 20]


def test_instances_of_several_pools_are_counted_together(play: Play) -> None:
    """Two batches of a and one of b run at a third of their speed; all end at 30."""
    route = [{"pools": ["a", "b"], "balancer": "round_robin"}]
    seen = play([0, 0, 0], on_device("a", instances=2), on_device("b"), route=route)
    assert seen.finished == [30, 30, 30]


def test_batches_of_several_pools_take_turns_in_the_order_in_which_they_come_to_the_device(play: Play) -> None:
    """0 has the device until 10. c comes at 1 and b at 2: c until 20, b until 30, then a again."""
    turns = {"sharing": {"turns": True}}
    pools = [on_device(name, **turns) for name in "abc"]
    route = [{"pools": ["a", "c", "b"], "balancer": "round_robin"}]
    seen = play([0, 1, 2, 3], *pools, route=route)
    assert seen.started() == [0, 1, 2, 10]
    assert seen.finished == [10, 20, 30, 40]


def test_an_overhead_passes_before_a_batch_comes_to_the_device(play: Play) -> None:
    """a begins first, but has 4 of overhead: b has the device at 1, until 11, and then a, until 21."""
    a = on_device("a", sharing={"turns": True}, overhead={"per_batch": "4 ms"})
    seen = play([0, 1], a, on_device("b", sharing={"turns": True}), route=IN_TURN)
    assert seen.finished == [21, 11]


def test_who_comes_when_a_device_is_free_again_is_behind_those_who_wait(play: Play) -> None:
    """At 10 0 ends; 1 waits since 5 and goes on until 20, before 2, which comes at 10."""
    seen = play([0, 5, 10], *[on_device(name, sharing={"turns": True}) for name in "ab"], route=IN_TURN)
    assert seen.finished == [10, 20, 30]


def test_a_pool_that_a_request_visits_twice_on_one_device_slows_it_once_at_a_time(play: Play) -> None:
    """A request moves from a to b at 10 and slows the next one in a.

    1 begins in a at 10 beside 0 in b: both at half speed, until 30. 1 then runs alone in b.
    """
    route = [{"pools": ["a"]}, {"pools": ["b"]}]
    seen = play([0, 0], on_device("a"), on_device("b"), route=route)
    assert seen.served(0) == [10, 30]
    assert seen.finished == [30, 40]


def test_an_overhead_is_not_on_the_shared_device(play: Play) -> None:
    """b spends 4 off the device, while a runs alone: a has done 4 then, 6 more take 12, until 16.

    b has done 6 at 16 and ends alone at 20.
    """
    seen = play([0, 0], on_device("a"), on_device("b", overhead={"per_batch": "4 ms"}), route=IN_TURN)
    assert seen.finished == [16, 20]


def test_batches_of_different_length_are_timed_anew_when_one_ends(play: Play) -> None:
    """a's 2 take 4 beside b, which has then done 2 of 10: 8 more alone, until 12."""
    seen = play([0, 0], on_device("a", service=constant("2 ms")), on_device("b"), route=IN_TURN)
    assert seen.finished == [4, 12]
