"""What a scenario with classes, caches and impatient clients is warned of, and what it is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from systems import constant, document, pool

from capsim.scenario import scenario_from
from capsim.scenario.checks import check

GPU: dict[str, Any] = {"pools": ["gpu"]}


def warned(*classes: dict[str, Any], rate: str = "10 /s", **changes: Any) -> list[str]:
    """Code and message of each warning about a server that takes 10 ms."""
    given = document(*changes.pop("pools", ()), arrivals={"process": "poisson", "rate": rate}, **changes)
    if classes:
        arrivals = {"process": "poisson", "rate": rate}
        given["workload"] = {"classes": [{"arrivals": arrivals, **each} for each in classes]}
    return [f"{warning.code}: {warning.message}" for warning in check(scenario_from(given, Path()))]


def test_a_deadline_that_no_request_meets() -> None:
    [said] = warned({"name": "a", "deadline": "9 ms"}, {"name": "b", "deadline": "11 ms"})
    assert said.startswith("deadline_unreachable: class a: a request takes at least 10 ms on average")
    away = {"client": {"latency": "1 ms"}}
    assert len(warned({"name": "a", "deadline": "11 ms"}, network=away)) == 1
    waits = [{"delay": "5 ms"}, {"parallel": [[GPU], [{"delay": "20 ms"}]]}]
    assert "at least 25 ms" in warned({"name": "a", "deadline": "24 ms"}, route=waits)[0]
    first = [{"delay": "5 ms"}, {"parallel": [[GPU], [{"delay": "20 ms"}]], "wait_for": 1}]
    assert not warned({"name": "a", "deadline": "6 ms"}, route=first)


def test_clients_that_give_up_before_any_answer_comes() -> None:
    assert "timeout_unreachable" in warned(clients={"timeout": "9 ms"})[0]
    assert not warned(clients={"timeout": "11 ms"})


@pytest.mark.parametrize(
    ("rate", "retry", "doubtful"),
    [
        ("60 /s", {"most": 1}, True),
        ("40 /s", {"most": 1}, False),
        ("40 /s", {"most": 2}, True),
        ("60 /s", {"most": 3, "budget": "10 %"}, False),
        ("95 /s", {"most": 3, "budget": "10 %"}, True),
    ],
)
def test_retries_that_make_more_load_than_can_be_served(rate: str, retry: dict[str, Any], doubtful: bool) -> None:
    said = warned(rate=rate, clients={"timeout": "50 ms", "retry": retry})
    assert [message.partition(":")[0] for message in said] == ["retries_above_capacity"] * doubtful


def test_a_cache_with_room_for_every_key() -> None:
    def cached(capacity: int) -> list[str]:
        return warned(route=[{"cache": {"capacity": capacity, "keys": {"zipf": 1, "count": 100}}}, GPU])

    assert "room for 100 answers and there are 100 keys" in cached(100)[0]
    assert not cached(99)


@pytest.mark.parametrize(
    ("discipline", "classes", "said"),
    [
        ("priority", [{"priority": 1}, {"priority": 1}], "all requests that come there have priority 1"),
        ("priority", [{"priority": 1}, {}], None),
        ("edf", [{}, {}], "no class that comes there has a deadline"),
        ("edf", [{"deadline": "1 s"}, {}], None),
        ("fifo", [{"priority": 1}, {}], "class a: priority 1 has no effect"),
    ],
)
def test_orders_of_a_queue_that_change_nothing(
    discipline: str, classes: list[dict[str, Any]], said: str | None
) -> None:
    named = [{"name": name, **each} for name, each in zip("ab", classes, strict=True)]
    messages = warned(*named, pools=[pool(queue={"discipline": discipline})])
    assert [said in message for message in messages] == [True] if said else not messages


def test_what_nothing_goes_by() -> None:
    links = {"wan": {"latency": "1 ms"}, "spare": {"latency": "1 ms"}}
    assert warned(route=[{"link": "wan"}, GPU], network={"links": links}) == ["unused_link: link spare is on no route"]
    keyed = {"name": "a", "keys": {"zipf": 1, "count": 5}}
    assert "keys have no effect" in warned(keyed)[0]
    assert not warned(keyed, route=[{"cache": {"capacity": 4}}, GPU])
    assert "route has no effect" in warned({"name": "a", "route": [GPU]}, route=[GPU, GPU])[0]
    assert "cancel has no effect" in warned(clients={"cancel": True})[0]


def test_more_than_a_contended_link_carries() -> None:
    edge = {"edge": {"bandwidth": "8 Mbit/s", "contention": True}}
    slow = {"links": edge, "request_size": "100 kB"}
    fast = pool(servers=50, service=constant("1 ms"))
    messages = warned(pools=[fast], route=[{"link": "edge"}, GPU], network=slow)
    assert messages == ["overload: 10 requests/s are offered and at most 10 requests/s can be served"]
