"""Answers that are known. Service takes 10 ms, one request at a time; instants are ms, a and b are keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from played import Play, Played
from systems import pool

Asked = Sequence[tuple[float, str]]
Ask = Callable[..., Played]


@pytest.fixture
def ask(play: Play, tmp_path: Path) -> Ask:
    """Requests for keys, at a cache before a pool."""

    def ask(asked: Asked, route: list[dict[str, Any]] | None = None, **cache: Any) -> Played:
        numbers = {key: number for number, key in enumerate(dict.fromkeys(key for _, key in asked))}
        rows = "".join(f"{at / 1000:.9f},{numbers[key]}\n" for at, key in asked)
        (tmp_path / "keys.csv").write_text(f"timestamp_s,key\n{rows}")
        arrivals = {"process": "trace", "file": "keys.csv", "resolution": "0 s"}
        return play(None, pool(), arrivals=arrivals, route=route or [{"cache": cache}, {"pools": ["gpu"]}])

    return ask


def test_a_hit_leaves_out_the_rest_of_the_route(play: Play) -> None:
    """All are hits, after the look-up."""
    seen = play([0, 1], pool(), route=[{"cache": {"hit_ratio": "100 %", "look_up": "2 ms"}}, {"pools": ["gpu"]}])
    assert seen.finished == [2, 3]
    assert seen.spent("delayed") == [2, 2]
    assert len(seen.ledger.visits["request"]) == 0


def test_a_hit_in_a_branch_leaves_out_the_rest_of_the_branch(play: Play) -> None:
    """The branch ends at 2, and the request goes on to the pool."""
    branch = [{"cache": {"hit_ratio": "100 %", "look_up": "2 ms"}}, {"delay": "100 ms"}]
    seen = play([0], pool(), route=[{"parallel": [branch, [{"delay": "3 ms"}]]}, {"pools": ["gpu"]}])
    assert seen.enqueued() == [3]
    assert seen.finished == [13]


def test_a_miss_is_put_in_when_its_answer_is_known(ask: Ask) -> None:
    """The a of 3 is a miss too, as the first is under way; from 10 on a is known."""
    seen = ask([(0, "a"), (3, "a"), (12, "a"), (40, "a")], capacity=10)
    assert seen.enqueued() == [0, 3, None, None]
    assert seen.finished == [10, 20, 12, 40]


def test_the_key_that_was_used_least_recently_leaves(ask: Ask) -> None:
    """Room for two: c comes for b, as a was asked for at 30."""
    seen = ask([(0, "a"), (15, "b"), (30, "a"), (40, "c"), (60, "a"), (61, "b")], capacity=2)
    assert seen.enqueued() == [0, 15, None, 40, None, 61]


def test_an_answer_is_good_for_a_time_from_being_known(ask: Ask) -> None:
    """a is known from 10 to 30 at the latest, whenever it is asked for."""
    seen = ask([(0, "a"), (25, "a"), (30, "a"), (31, "a"), (50, "a")], capacity=10, ttl="20 ms")
    assert seen.enqueued() == [0, None, None, 31, None]


def test_misses_of_a_key_can_share_an_answer(ask: Ask) -> None:
    """The a of 3 waits for that of 0, and is then through; b is fetched for itself."""
    seen = ask([(0, "a"), (3, "a"), (5, "b")], capacity=10, coalesce=True)
    assert seen.enqueued() == [0, None, 5]
    assert seen.finished == [10, 10, 20]
    assert seen.spent("delayed") == [0, 7, 0]


def test_the_look_up_is_before_the_miss(ask: Ask) -> None:
    """The keys are looked at when the look-up is over: a is known at 12, when the second one sees."""
    seen = ask([(0, "a"), (11, "a")], capacity=10, look_up="2 ms")
    assert seen.enqueued() == [2, None]
    assert seen.finished == [12, 13]


def test_without_room_for_a_key_nothing_is_lost_of_the_requests(ask: Ask) -> None:
    """Room for one."""
    seen = ask([(0, "a"), (11, "b"), (22, "a"), (33, "a")], capacity=1)
    assert seen.enqueued() == [0, 11, 22, None]
    assert seen.finished == [10, 21, 32, 33]
