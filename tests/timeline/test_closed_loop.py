"""Clients that wait for their answers. Service takes 10 ms; instants are ms."""

from __future__ import annotations

from typing import Any

import numpy as np
from played import Play
from systems import dynamic, pool

from capsim.random import Stream


def clients(count: int, think: Any = "0 ms", **settings: Any) -> dict[str, Any]:
    """A closed loop."""
    return {"process": "closed_loop", "clients": count, "think_time": think, **settings}


def test_starts_are_staggered_over_the_think_time(play: Play) -> None:
    """Four over 8: 0, 2, 4, 6. Each sends again 10 + 8 later."""
    seen = play(None, pool(servers=4), arrivals=clients(4, "8 ms"), run={"horizon": "30 ms"})
    assert seen.arrived == [0, 2, 4, 6, 18, 20, 22, 24]


def test_without_think_time_a_client_sends_as_it_has_its_answer(play: Play) -> None:
    """Two clients, one server: it always serves one while the other waits, until the horizon at 35."""
    seen = play(None, arrivals=clients(2), run={"horizon": "35 ms"})
    assert seen.arrived == [0, 0, 10, 20, 30]
    assert seen.started() == [0, 10, 20, 30, 40]


def test_unless_told_clients_come_back_one_by_one(play: Play) -> None:
    """Together they would fill a batch of two again and again. Each takes some µs, so that the first begins alone."""
    together, apart = (
        play(None, pool(batching=dynamic(2)), arrivals=loop, run={"horizon": "100 ms"})
        for loop in (clients(2), {"process": "closed_loop", "clients": 2})
    )
    assert set(together.ledger.batches["requests"].tolist()) == {2}
    assert set(apart.ledger.batches["requests"].tolist()) == {1}


def test_a_client_thinks_from_when_it_has_the_answer(play: Play) -> None:
    """2 there, 10, 2 back, 5 to think: a request every 19."""
    network = {"client": {"latency": "2 ms"}}
    seen = play(None, arrivals=clients(1, "5 ms"), network=network, run={"horizon": "40 ms"})
    assert seen.arrived == [0, 19, 38]
    assert seen.finished == [14, 33, 52]


def test_a_rejected_client_sends_again_after_the_retry_delay(play: Play) -> None:
    """Client 1 is turned away at 0, 3, 6 and 9. Client 0 has its answer at 10 and finds the server idle.

    At 12 client 1 is turned away once more; the horizon is at 13.
    """
    seen = play(
        None,
        pool(queue={"capacity": 0}),
        arrivals=clients(2, retry_delay="3 ms"),
        run={"horizon": "13 ms"},
    )
    assert seen.arrived == [0, 0, 3, 6, 9, 10, 12]
    assert seen.outcomes == ["completed"] + ["rejected"] * 4 + ["completed", "rejected"]


def test_the_retry_delay_is_added_to_the_think_time(play: Play) -> None:
    """Client 1 starts at 2, is turned away, and sends 4 + 3 later: 9, 16. Client 0 sends at 10 + 4."""
    seen = play(
        None,
        pool(queue={"capacity": 0}),
        arrivals=clients(2, "4 ms", retry_delay="3 ms"),
        run={"horizon": "17 ms"},
    )
    assert seen.arrived == [0, 2, 9, 14, 16]


def test_a_client_whose_request_timed_out_thinks_without_the_retry_delay(play: Play) -> None:
    """Client 1 waits 4 in vain at 0 and 4; what it sends at 8 is served at 10."""
    arrivals = clients(2, retry_delay="100 ms")
    seen = play(None, pool(queue={"timeout": "4 ms"}), arrivals=arrivals, run={"horizon": "10 ms"})
    assert seen.arrived == [0, 0, 4, 8]
    assert seen.outcomes == ["completed", "timed_out", "timed_out", "completed"]
    assert seen.started() == [0, None, None, 10]


def test_think_times_are_drawn_by_client_and_cycle(play: Play) -> None:
    """Two clients that do not disturb each other: request k of each follows the k-th draw of its stream."""
    think = {"distribution": "exponential", "mean": "8 ms"}
    seen = play(None, pool(servers=2), arrivals=clients(2, think), run={"horizon": "200 ms", "seed": 3})
    expected: list[int] = []
    for client, start_ns in enumerate((0, 4_000_000)):
        gaps = -np.log1p(-Stream.named(3, 0, f"think/{client}").uniforms(0, 100)) * 8_000_000
        sent = start_ns + np.concatenate([[0], np.cumsum(10_000_000 + np.rint(gaps).astype(np.int64))])
        expected += sent[sent < 200_000_000].tolist()
    assert seen.arrived == [instant / 1e6 for instant in sorted(expected)]
