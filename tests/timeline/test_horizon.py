"""Who belongs to a run, and how long it is followed. Service takes 10 ms; instants are ms."""

from __future__ import annotations

from played import Batched, Play
from systems import constant, dynamic, pool


def test_a_request_sent_at_the_horizon_is_not_counted(play: Play) -> None:
    """The horizon is at 10."""
    seen = play([0, 9.999999, 10], run={"horizon": "10 ms"})
    assert seen.arrived == [0, 9.999999]


def test_requests_are_followed_until_they_end(play: Play) -> None:
    """1 waits behind 0 and ends at 25, long after the horizon at 10 and before the cap at 50."""
    seen = play([5, 6], run={"horizon": "10 ms", "drain": "40 ms"})
    assert seen.finished == [15, 25]
    assert seen.outcomes == ["completed", "completed"]


def test_what_runs_beyond_the_cap_is_in_flight(play: Play) -> None:
    """The cap is at 10 + 5: 0 ends just then, 1 a millisecond later."""
    seen = play([5, 6], pool(servers=2), run={"horizon": "10 ms", "drain": "5 ms"})
    assert seen.outcomes == ["completed", "in_flight"]
    assert seen.finished == [15, None]
    assert seen.started() == [5, 6]
    assert seen.batches() == [Batched(0, 5, 15, (0,)), Batched(1, 6, None, (1,))]


def test_what_still_waits_at_the_cap_is_in_flight(play: Play) -> None:
    """1 begins at 15, 2 does not begin."""
    seen = play([5, 6, 7], run={"horizon": "10 ms", "drain": "5 ms"})
    assert seen.outcomes == ["completed", "in_flight", "in_flight"]
    assert seen.started() == [5, 15, None]
    assert seen.enqueued() == [5, 6, 7]


def test_what_has_not_passed_the_front_end_at_the_cap_is_in_flight(play: Play) -> None:
    """0 enters the queue at 11, 1 would at 17, after the cap at 15; it has not visited a queue."""
    seen = play([5, 5], pool(front_end={"before": "6 ms"}), run={"horizon": "10 ms", "drain": "5 ms"})
    assert seen.outcomes == ["in_flight", "in_flight"]
    assert seen.enqueued() == [11, None]


def test_unless_given_the_cap_is_one_horizon_later(play: Play) -> None:
    """Service 15: 0 ends at 20 = 2 · 10, 1 at 21."""
    seen = play([5, 6], pool(servers=2, service=constant("15 ms")), run={"horizon": "10 ms"})
    assert seen.outcomes == ["completed", "in_flight"]


def test_requests_go_on_arriving_after_the_horizon(play: Play) -> None:
    """0 waits for a second request to fill its batch; it comes at 12, after the horizon at 10."""
    seen = play([9, 12], pool(batching=dynamic(2, "100 ms")), run={"horizon": "10 ms", "drain": "1 s"})
    assert seen.arrived == [9]
    assert seen.started() == [12]
    assert seen.ledger.batches["requests"].tolist() == [2]


def test_a_request_on_its_way_at_the_horizon_is_counted(play: Play) -> None:
    """Sent at 9, there at 14, done at 24, back at 29."""
    network = {"client": {"latency": "5 ms"}}
    seen = play([9], network=network, run={"horizon": "10 ms", "drain": "20 ms"})
    assert seen.finished == [29]


def test_an_answer_on_its_way_at_the_cap_is_in_flight(play: Play) -> None:
    """0 is done at 16 and back at 20 = 10 + 10, 1 a millisecond later."""
    network = {"client": {"latency": "4 ms"}}
    seen = play([2, 3], pool(servers=2), network=network, run={"horizon": "10 ms", "drain": "10 ms"})
    assert seen.outcomes == ["completed", "in_flight"]
    assert seen.finished == [20, None]
    assert seen.served() == [16, 17]


def test_requests_that_the_cap_finds_on_their_way_are_counted(play: Play) -> None:
    """The cap is at 10 + 1. 1 would arrive at 9 + 4 = 13, and 0, which arrived at 6, is served until 16."""
    network = {"client": {"latency": "4 ms"}}
    seen = play([2, 9], network=network, run={"horizon": "10 ms", "drain": "1 ms"})
    assert seen.outcomes == ["in_flight", "in_flight"]


def test_a_rejection_that_the_client_does_not_know_at_the_cap_is_in_flight(play: Play) -> None:
    """1 is turned away at 9 and 2 at 10; the cap is at 10 + 3."""
    network = {"client": {"latency": "4 ms"}}
    seen = play([4, 5, 6], pool(queue={"capacity": 0}), network=network, run={"horizon": "10 ms", "drain": "3 ms"})
    assert seen.outcomes == ["in_flight", "rejected", "in_flight"]
    assert seen.finished == [None, 13, None]


def test_clients_go_on_after_the_horizon(play: Play) -> None:
    """They start at 0 and 5; their batch ends at 15, handed over at 45 and 75. Then each thinks for 10.

    What client 0 sends at 55 waits for what client 1 sends at 85, after the horizon at 60.
    """
    arrivals = {"process": "closed_loop", "clients": 2, "think_time": "10 ms"}
    batches_of_two = pool(batching=dynamic(2, "1 s"), front_end={"after": "30 ms"})
    seen = play(None, batches_of_two, arrivals=arrivals, run={"horizon": "60 ms", "drain": "1 s"})
    assert seen.arrived == [0, 5, 55]
    assert seen.started() == [5, 5, 85]


def test_a_run_stops_when_all_that_were_sent_before_the_horizon_have_ended(play: Play) -> None:
    """At 15 request 0 ends. What was sent at the horizon begins then, and nobody waits for its end."""
    seen = play([5, 10, 30], run={"horizon": "10 ms"})
    assert seen.batches() == [Batched(0, 5, 15, (0,)), Batched(0, 15, None, ())]
