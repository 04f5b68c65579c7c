"""Which queue a request goes to. Service takes 10 ms unless a test says otherwise; instants are ms.

Servers count through all pools. What is drawn is compared with the stream of the step, two uniforms a request.
"""

from __future__ import annotations

from typing import Any

from played import Play
from systems import constant, pool

from capsim.random import Stream


def route(balancer: Any, *pools: str) -> list[dict[str, Any]]:
    """A single step."""
    return [{"pools": list(pools) or ["gpu"], "balancer": balancer}]


def uniforms(requests: int) -> list[tuple[float, float]]:
    """The two uniforms of each request, of seed 7."""
    drawn = Stream.named(7, 0, "balancing/0").uniforms(0, 2 * requests).tolist()
    return list(zip(drawn[::2], drawn[1::2], strict=True))


# least_outstanding


def test_least_outstanding_is_the_default_and_takes_the_first_of_equals(play: Play) -> None:
    """Each empty server in turn, then the first again, as each has one."""
    seen = play([0, 0, 0, 0], pool(servers=3))
    assert seen.servers() == [0, 1, 2, 0]


def test_least_outstanding_counts_what_waits_and_what_runs(play: Play) -> None:
    """3 finds one at each server and waits at server 0, where it begins at 10.

    So 4, at 11, finds one at each again and goes to server 0; 5 and 6 find fewer at servers 1 and 2.
    """
    seen = play([0, 5, 6, 7, 11, 11.5, 12], pool(servers=3))
    assert seen.servers() == [0, 1, 2, 0, 0, 1, 2]


def test_least_outstanding_sees_an_idle_server_whose_answer_is_not_yet_handed_over(play: Play) -> None:
    """Server 0 is idle from 10 on, but the answer is with its front end until 15: 1 goes to server 1."""
    seen = play([0, 12], pool(servers=2, front_end={"after": "5 ms"}))
    assert seen.servers() == [0, 1]


def test_least_outstanding_counts_what_is_in_the_front_end_before_the_queue(play: Play) -> None:
    """0 is not yet in the queue of server 0 when 1 arrives."""
    seen = play([0, 1], pool(servers=2, front_end={"before": "5 ms"}))
    assert seen.servers() == [0, 1]


def test_least_outstanding_does_not_count_what_is_on_the_network(play: Play) -> None:
    """0 has left server 0 at 15 and reaches its client at 20; 1 arrives at 16."""
    seen = play([0, 11], pool(servers=2), network={"client": {"latency": "5 ms"}})
    assert seen.servers() == [0, 0]


def test_least_outstanding_compares_requests_per_server(play: Play) -> None:
    """Pool a has one queue for servers 0 and 1, pool b has server 2.

    Loads of a and b per server: 0 and 0, a; 0.5 and 0, b; 0.5 and 1, a; 1 and 1, a, where it waits.
    """
    a, b = pool("a", servers=2, queue={"shared": True}), pool("b")
    seen = play([0, 0, 0, 0], a, b, route=route("least_outstanding", "a", "b"))
    assert seen.servers() == [0, 2, 1, 0]
    assert seen.started() == [0, 0, 0, 10]


def test_the_first_of_equals_is_the_first_that_the_step_names(play: Play) -> None:
    """The step names b before a."""
    seen = play([0, 0], pool("a"), pool("b"), route=route("least_outstanding", "b", "a"))
    assert seen.servers() == [1, 0]


# round_robin


def test_round_robin_takes_servers_in_turn_whatever_they_do(play: Play) -> None:
    """Server 1 is idle, and yet its turn comes when it comes."""
    seen = play([0, 0, 50, 51, 52], pool(servers=2), route=route("round_robin"))
    assert seen.servers() == [0, 1, 0, 1, 0]


def test_round_robin_goes_through_the_pools_in_the_order_of_the_step(play: Play) -> None:
    """Servers 0 and 1 are a, 2 is b."""
    pools = pool("a", servers=2), pool("b")
    seen = play([0] * 4, *pools, route=route("round_robin", "b", "a"))
    assert seen.servers() == [2, 0, 1, 2]


def test_a_rejected_request_has_had_its_turn(play: Play) -> None:
    """1 is turned away by server 1, which 0 does not change for the next."""
    pools = pool("a", queue={"capacity": 0}), pool("b")
    seen = play([0, 0, 1, 1], *pools, route=route("round_robin", "a", "b"))
    assert seen.outcomes == ["completed", "completed", "rejected", "completed"]
    assert seen.servers() == [0, 1, 0, 1]


# power_of_two


def test_power_of_two_takes_the_less_loaded_of_two_and_of_equals_the_one_drawn_first(play: Play) -> None:
    """Two servers: 0 and 2 find a tie and go where their uniform points, 1 and 3 go to the other one."""
    seen = play([0] * 4, pool(servers=2), route=route("power_of_two"), run={"seed": 7})
    first, third = (int(uniforms(3)[request][0] * 2) for request in (0, 2))
    assert seen.servers() == [first, 1 - first, third, 1 - third]


def test_power_of_two_draws_two_different_servers(play: Play) -> None:
    """The first of n, the second of the n - 1 others; nobody leaves, so that loads only grow."""
    seen = play([0] * 60, pool(servers=5), route=route("power_of_two"), run={"seed": 7})
    load, expected = [0] * 5, []
    for u, v in uniforms(60):
        first = int(u * 5)
        others = [server for server in range(5) if server != first]
        second = others[int(v * 4)]
        expected.append(second if load[second] < load[first] else first)
        load[expected[-1]] += 1
    assert seen.servers() == expected


def test_power_of_two_has_no_choice_with_one_queue(play: Play) -> None:
    """It is not drawn twice."""
    seen = play([0, 0], route=route("power_of_two"))
    assert seen.servers() == [0, 0]


# random and weighted


def test_random_takes_the_server_at_the_uniform(play: Play) -> None:
    """Three servers, a third each."""
    seen = play([0] * 30, pool(servers=3), route=route("random"), run={"seed": 7})
    assert seen.servers() == [int(u * 3) for u, _ in uniforms(30)]


def test_weights_are_shared_by_the_servers_of_a_pool(play: Play) -> None:
    """Weights 1 and 3, a with two servers: an eighth for each of them, three quarters for b."""
    pools = pool("a", servers=2), pool("b")
    balancer = {"policy": "weighted", "weights": {"a": 1, "b": 3}}
    seen = play([0] * 40, *pools, route=route(balancer, "a", "b"), run={"seed": 7})
    assert seen.servers() == [0 if u < 0.125 else 1 if u < 0.25 else 2 for u, _ in uniforms(40)]
    assert set(seen.servers()) == {0, 1, 2}


def test_a_pool_without_a_weight_has_weight_one_and_a_weight_of_zero_sends_nothing(play: Play) -> None:
    """b 1 of 2, c 1 of 2, a nothing."""
    balancer = {"policy": "weighted", "weights": {"a": 0, "b": 1}}
    pools = pool("a"), pool("b"), pool("c")
    seen = play([0] * 30, *pools, route=route(balancer, "a", "b", "c"), run={"seed": 7})
    assert seen.servers() == [1 if u < 0.5 else 2 for u, _ in uniforms(30)]


def test_each_step_draws_from_a_stream_of_its_own(play: Play) -> None:
    """The second step reads `balancing/1`."""
    pools = pool("a"), pool("b", servers=3, service=constant("1 ms"))
    steps = [{"pools": ["a"]}, {"pools": ["b"], "balancer": "random"}]
    seen = play([0] * 9, *pools, route=steps, run={"seed": 7})
    drawn = Stream.named(7, 0, "balancing/1").uniforms(0, 18)[::2]
    assert seen.servers(1) == [1 + int(u * 3) for u in drawn]


# A queue that several servers share


def test_a_shared_queue_feeds_the_server_that_runs_the_fewest_batches(play: Play) -> None:
    """Two servers of two instances. 0, 1 and 2 go to servers 0, 1 and 0.

    At 10.5 each runs one batch: 3 goes to server 0, the first. At 11.5 server 1 runs none: 4 goes there.
    """
    shared = pool(servers=2, instances=2, sharing={"overlap": 1}, queue={"shared": True})
    seen = play([0, 1, 2, 10.5, 11.5], shared)
    assert seen.servers() == [0, 1, 0, 0, 1]
    assert seen.started() == [0, 1, 2, 10.5, 11.5]


def test_a_shared_queue_is_one_line_for_whichever_server_is_idle_first(play: Play) -> None:
    """Servers 0 and 1 end at 10 and 15: 2 and 3, which wait, go there in this order."""
    seen = play([0, 5, 6, 7], pool(servers=2, queue={"shared": True}))
    assert seen.started() == [0, 5, 10, 15]
    assert seen.servers() == [0, 1, 0, 1]


# fallback


def test_fallback_goes_to_the_first_pool_that_has_room(play: Play) -> None:
    """Two a server at the edge; 4 finds no room and goes to the cloud, 5 at 11 finds one left of 0 and 1."""
    balancer = {"policy": "fallback", "most": {"edge": 2}}
    edge, cloud = pool("edge", servers=2), pool("cloud")
    seen = play([0, 0, 0, 0, 0, 11], edge, cloud, route=route(balancer, "edge", "cloud"))
    assert seen.servers() == [0, 1, 0, 1, 2, 0]


def test_fallback_counts_requests_per_server_of_a_shared_queue(play: Play) -> None:
    """A queue of two servers has room until it holds two a server."""
    balancer = {"policy": "fallback", "most": {"edge": 2}}
    edge = pool("edge", servers=2, queue={"shared": True})
    seen = play([0] * 6, edge, pool("cloud"), route=route(balancer, "edge", "cloud"))
    assert seen.servers() == [0, 1, 0, 1, 2, 2]


def test_fallback_goes_to_the_last_pool_when_none_has_room(play: Play) -> None:
    """One each, then all to the last as it is written, which is not the last of the pools."""
    balancer = {"policy": "fallback", "most": {"a": 1, "b": 1}}
    seen = play([0] * 4, pool("a"), pool("b"), route=route(balancer, "b", "a"))
    assert seen.servers() == [1, 0, 0, 0]


# nearest


def test_nearest_goes_to_the_nearest_pool_that_has_room(play: Play) -> None:
    """One a server: near, then far; when both are taken to the near one all the same."""
    balancer = {"policy": "nearest", "latency": {"far": "40 ms", "near": "2 ms"}, "most": 1}
    seen = play([0] * 4, pool("far"), pool("near"), route=route(balancer, "far", "near"))
    assert seen.servers() == [1, 0, 1, 1]


def test_nearest_divides_among_pools_that_are_equally_near(play: Play) -> None:
    """a and c are as near: each takes the first of the least loaded; b, which is right here, has no room."""
    balancer = {"policy": "nearest", "latency": {"a": "5 ms", "c": "5 ms"}, "most": 2}
    seen = play([0] * 7, pool("a"), pool("b"), pool("c"), route=route(balancer, "a", "b", "c"))
    assert seen.servers() == [1, 1, 0, 2, 0, 2, 1]


def test_nearest_without_a_limit_always_goes_to_the_nearest(play: Play) -> None:
    """However many wait there."""
    balancer = {"policy": "nearest", "latency": {"far": "40 ms"}}
    seen = play([0] * 4, pool("far"), pool("near"), route=route(balancer, "far", "near"))
    assert seen.servers() == [1, 1, 1, 1]


# consistent_hash


def test_consistent_hash_sends_a_class_to_one_server(play: Play) -> None:
    """There is a single class."""
    balancer = {"policy": "consistent_hash", "key": "class"}
    seen = play(list(range(20)), pool(servers=5), route=route(balancer))
    assert len(set(seen.servers())) == 1


# sees


def test_a_balancer_that_sees_loads_late_takes_the_first_until_it_sees_who_is_there(play: Play) -> None:
    """Before 5 it sees nobody anywhere. At 5 it sees request 0, which came at 0: server 1.

    At 6 it sees what was at 1: requests 0 and 1 at server 0. At 10 that of 5 too: only server 2 is empty.
    """
    balancer = {"policy": "least_outstanding", "sees": {"lag": "5 ms"}}
    seen = play([0, 1, 2, 4.999999, 5, 6, 10], pool(servers=3), route=route(balancer))
    assert seen.servers() == [0, 0, 0, 0, 1, 1, 2]


def test_a_balancer_that_sees_loads_late_does_not_know_who_has_just_left(play: Play) -> None:
    """0 leaves server 0 at 10; at 12 it is still seen there, at 15 no more."""
    balancer = {"policy": "least_outstanding", "sees": {"lag": "5 ms"}}
    seen = play([0, 12, 15], pool(servers=2), route=route(balancer))
    assert seen.servers() == [0, 1, 0]
