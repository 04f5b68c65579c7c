"""Whom a rule of admission lets in, to the ns."""

from __future__ import annotations

from typing import Any

import pytest
from played import Play
from systems import constant, dynamic, pool

COMPLETED, REJECTED = "completed", "rejected"


def behind(policy: str, **settings: Any) -> dict[str, Any]:
    return {"admission": {"policy": policy, **settings}}


def test_a_token_bucket_lets_in_a_burst_and_then_one_for_each_token(play: Play) -> None:
    # A token every 10 ms, at most 2: those at 0 and 1 ms empty it, 10 ms brings one, 11 ms none, 40 ms two.
    sent = [0, 1, 2, 10, 11, 20, 40, 40, 40]
    seen = play(sent, pool(service=constant("1 ms"), **behind("token_bucket", rate="100 /s", burst=2)))
    assert seen.outcomes == [
        *[COMPLETED, COMPLETED, REJECTED, COMPLETED, REJECTED],
        *[COMPLETED, COMPLETED, COMPLETED, REJECTED],
    ]
    assert seen.finished == [1, 2, 2, 11, 11, 21, 41, 42, 40]


def test_a_limit_counts_those_in_front_ends_waiting_and_in_service(play: Play) -> None:
    # Each is 2 ms in front ends and 10 ms in service; the first leaves at 12 ms and the second at 22 ms.
    front: dict[str, Any] = {"front_end": {"before": "1 ms", "after": "1 ms"}}
    seen = play([0, 0.5, 5, 11.5, 12, 21.9, 22], pool(**front, **behind("concurrency", most=2)))
    assert seen.outcomes == [COMPLETED, COMPLETED, REJECTED, REJECTED, COMPLETED, REJECTED, COMPLETED]
    assert seen.finished == [12, 22, 5, 11.5, 32, 21.9, 42]


def test_a_limit_is_of_the_pool_and_not_of_a_server(play: Play) -> None:
    seen = play([0, 0, 0], pool(servers=3, **behind("concurrency", most=2)))
    assert seen.outcomes == [COMPLETED, COMPLETED, REJECTED]


def test_a_deadline_counts_from_sending_and_frees_the_place_in_the_batch(play: Play) -> None:
    # Sent 1 ms before they arrive. The batch at 11 ms would take those of 1 and 4 ms; that of 1 ms is 10 ms old then.
    two: dict[str, Any] = {"batching": dynamic(2), **behind("deadline", after="10 ms")}
    seen = play([0, 1, 4, 6], pool(**two), network={"client": {"latency": "1 ms"}})
    assert seen.outcomes == [COMPLETED, REJECTED, COMPLETED, COMPLETED]
    assert seen.started() == [1, None, 11, 11]
    assert seen.finished == [12, 12, 22, 22]


def test_controlled_delay_drops_faster_and_faster(play: Play) -> None:
    # Service 10 ms, a request every 5 ms: waits grow, and a request is taken every 10 ms. Number 2, taken at 20 ms, has
    # waited 10 ms, above the target; from an interval of 25 ms later on, at 50 ms, number 5 is dropped and 6 is taken.
    # The next is due 25 ms later, at 75 ms, and is dropped at 80 ms (9); then 25 / sqrt(2) ms = 17.68 ms after 75 ms,
    # at 100 ms (12); then 25 / sqrt(3) ms = 14.43 ms after 92.68 ms, at 110 ms (14).
    seen = play([5.0 * n for n in range(24)], pool(**behind("codel", target="8 ms", interval="25 ms")))
    dropped = [number for number, outcome in enumerate(seen.outcomes) if outcome == REJECTED]
    assert dropped[:4] == [5, 9, 12, 14]
    assert [seen.finished[number] for number in dropped[:4]] == [50, 80, 100, 110]


@pytest.mark.parametrize("policy", ["concurrency", "codel"])
def test_a_client_that_is_turned_away_comes_again(play: Play, policy: str) -> None:
    rules: dict[str, dict[str, Any]] = {"concurrency": {"most": 1}, "codel": {"target": "1 ms", "interval": "2 ms"}}
    loop = {"process": "closed_loop", "clients": 4, "think_time": "3 ms", "retry_delay": "2 ms"}
    seen = play(None, pool(**behind(policy, **rules[policy])), arrivals=loop, run={"horizon": "100 ms"})
    assert {COMPLETED, REJECTED} <= set(seen.outcomes)
