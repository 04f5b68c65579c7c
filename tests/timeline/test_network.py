"""The way from the client and back. Service takes 10 ms; instants are ms."""

from __future__ import annotations

from played import Play
from systems import pool


def test_a_request_arrives_when_it_is_sent_and_finishes_when_its_client_has_the_answer(play: Play) -> None:
    """2 there, 10, 2 back."""
    seen = play([1], network={"client": {"latency": "2 ms"}})
    assert seen.arrived == [1]
    assert seen.enqueued() == [3]
    assert seen.finished == [15]


def test_a_message_takes_the_latency_and_its_size_over_the_bandwidth(play: Play) -> None:
    """8 Mbit/s is 1 kB a ms: 1 + 1 there, 10, 1 + 2 back."""
    network = {
        "client": {"latency": "1 ms", "bandwidth": "8 Mbit/s"},
        "request_size": "1 kB",
        "response_size": "2 kB",
    }
    seen = play([0], network=network)
    assert seen.enqueued() == [2]
    assert seen.finished == [15]


def test_a_size_takes_no_time_without_a_bandwidth(play: Play) -> None:
    """The latency alone."""
    seen = play([0], network={"client": {"latency": "1 ms"}, "request_size": "1 GB", "response_size": "1 GB"})
    assert seen.finished == [12]


def test_messages_do_not_wait_for_each_other(play: Play) -> None:
    """Two of 100 ms length are on their way at once."""
    network = {"client": {"bandwidth": "8 Mbit/s"}, "request_size": "100 kB"}
    seen = play([0, 0], pool(servers=2), network=network)
    assert seen.enqueued() == [100, 100]


def test_a_client_learns_of_a_rejection_when_it_has_travelled_back(play: Play) -> None:
    """1 is turned away at 3, which its client knows at 5."""
    seen = play([0, 1], pool(queue={"capacity": 0}), network={"client": {"latency": "2 ms"}})
    assert seen.outcomes == ["completed", "rejected"]
    assert seen.finished == [14, 5]


def test_steps_follow_each_other_without_a_network(play: Play) -> None:
    """2 there, 10 and 10, 2 back."""
    route = [{"pools": ["first"]}, {"pools": ["second"]}]
    seen = play([0], pool("first"), pool("second"), route=route, network={"client": {"latency": "2 ms"}})
    assert seen.enqueued(1) == [12]
    assert seen.finished == [24]
