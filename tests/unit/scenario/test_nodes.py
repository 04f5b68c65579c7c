"""Routes that fork, join, look things up and end early: what can be said, and every fault at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from systems import document

from capsim.documents import Document, parse_yaml
from capsim.errors import InputError
from capsim.scenario import Scenario, scenario_from
from capsim.scenario.load import scenario_of
from capsim.scenario.overrides import override
from capsim.scenario.route import MOST_DEEP, MOST_NODES, Delay, nodes_in

GPU: dict[str, Any] = {"pools": ["gpu"]}


def routed(*route: Any, **changes: Any) -> Scenario:
    """A scenario with this route."""
    return scenario_from(document(route=list(route), **changes), Path())


def faults_of(*route: Any, **changes: Any) -> list[tuple[str, str]]:
    """The path and message of each fault."""
    with pytest.raises(InputError) as told:
        routed(*route, **changes)
    return [(fault.path, fault.message) for fault in told.value.faults]


def test_nodes_are_told_by_the_field_they_begin_with() -> None:
    system = routed(
        {"delay": {"distribution": "lognormal", "mean": "8 ms", "cv": 0.5}, "name": "features"},
        {"cache": {"hit_ratio": "60 %", "look_up": "0.2 ms", "on_hit": "end"}},
        {"parallel": [[GPU], [GPU, {"delay": "3 ms"}]], "wait_for": 1},
        {"choose": [{"share": "30 %", "route": [GPU]}, {"share": "rest", "route": []}]},
        {"link": "wan", "carries": "response"},
        network={"links": {"wan": {"latency": "40 ms"}}},
    )
    kinds = [type(node).__name__ for node in nodes_in(system.route or [])]
    assert kinds == ["Delay", "CacheNode", "Fork", "Step", "Step", "Delay", "Choose", "Step", "Hop"]
    assert [step.pools for step in system.steps] == [["gpu"]] * 3
    assert scenario_from(system.to_document(), Path()) == system


@pytest.mark.parametrize(
    ("given", "shares"),
    [(["30 %", "70 %"], [0.3, 0.7]), (["10 %", "rest"], [0.1, 0.9]), (["33.3333 %"] * 3, [1 / 3] * 3)],
)
def test_shares_are_all_of_the_requests(given: list[str], shares: list[float]) -> None:
    (node,) = routed({"choose": [{"share": share, "route": [GPU]} for share in given]}).route or []
    assert node.shares == pytest.approx(shares)
    assert sum(node.shares) == pytest.approx(1, abs=1e-15)


@pytest.mark.parametrize(
    ("node", "path", "said"),
    [
        ({"dely": "5 ms"}, "route[0]", "is dely meant for delay?"),
        ("gpu", "route[0]", "expected a mapping with one of pools, delay, cache, parallel, choose, link, got 'gpu'"),
        ({}, "route[0]", "got a mapping"),
        ({"delay": "5 ms", "nme": "x"}, "route[0].nme", "did you mean name?"),
        ({"delay": 5}, "route[0].delay", "expected a time with its unit"),
        ({"pools": ["gpuu"]}, "route[0].pools[0]", "there is no pool 'gpuu'; did you mean gpu?"),
        ({"link": "wann"}, "route[0].link", "there is no link 'wann' in network.links; did you mean wan?"),
        ({"cache": {}}, "route[0].cache", "needs either a hit_ratio or a capacity"),
        ({"cache": {"hit_ratio": "5 %", "ttl": "1 s"}}, "route[0].cache", "ttl goes with a capacity"),
        ({"cache": {"capacity": 5}}, "route[0].cache.keys", "is needed"),
        ({"cache": {"capacity": 5, "keys": {"zipf": 1}}}, "route[0].cache.keys.count", "is missing"),
        ({"parallel": []}, "route[0].parallel", "must have at least 1 entry"),
        ({"parallel": [[GPU], []]}, "route[0].parallel[1]", "must have at least 1 entry"),
        ({"parallel": [[GPU], [GPU]], "wait_for": 3}, "route[0].wait_for", "waits for 3 branches, and there are 2"),
        ({"parallel": [[GPU]], "wait_for": 2}, "route[0].wait_for", "waits for 2 branches, and there is 1"),
        ({"choose": [{"share": "60 %", "route": []}]}, "route[0].choose", "must add up to 100 %, got 60 %"),
        ({"choose": [{"share": "60 %", "route": []}] * 2}, "route[0].choose", "must add up to 100 %, got 120 %"),
        ({"choose": [{"share": "rest", "route": []}] * 2}, "route[0].choose", "has the rest twice"),
        ({"choose": [{"route": [GPU]}]}, "route[0].choose[0]", "needs a share"),
        ({"choose": [{"class": "x", "route": [GPU]}]}, "route[0].choose[0].class", "there is no class 'x'"),
        (
            {"choose": [{"share": "40 %", "route": [{"pools": ["x"]}]}]},
            "route[0].choose[0].route[0].pools[0]",
            "no pool",
        ),
    ],
)
def test_a_wrong_node_is_told_with_its_place(node: Any, path: str, said: str) -> None:
    faults = faults_of(node, GPU, network={"links": {"wan": {"latency": "1 ms"}}})
    assert any(at == path and said in message for at, message in faults), faults


def test_faults_of_all_nodes_are_told_at_once() -> None:
    faults = faults_of(
        {"link": "wan"},
        {"parallel": [[{"pools": ["x"]}], [GPU]], "wait_for": 3},
        {"choose": [{"share": "60 %", "route": [{"cache": {}}]}]},
        clients={"retry": {"most": 2}, "hedge": {"after": 5}},
    )
    paths = {path for path, _ in faults}
    assert paths >= {"route[0].link", "route[1].parallel[0][0].pools[0]", "route[1].wait_for", "route[2].choose"}
    assert paths >= {"route[2].choose[0].route[0].cache", "clients.timeout", "clients.hedge.after"}


def test_each_class_that_comes_to_a_business_rule_needs_a_way() -> None:
    classes = [{"name": name, "arrivals": {"process": "poisson", "rate": "1 /s"}} for name in "abc"]
    given = document(route=[{"choose": [{"class": "a", "route": [GPU]}, {"classes": ["a", "b"], "route": []}]}])
    with pytest.raises(InputError) as told:
        scenario_from({**given, "workload": {"classes": classes}}, Path())
    assert "class 'a' takes several ways" in str(told.value)
    given["route"][0]["choose"][1]["classes"] = ["b"]
    with pytest.raises(InputError) as told:
        scenario_from({**given, "workload": {"classes": classes}}, Path())
    assert "no way is for class 'c', whose requests come here" in str(told.value)


@pytest.mark.parametrize(
    ("clients", "path"),
    [
        ({"retry": {"most": 2}}, "clients.timeout"),
        ({"retry": {"most": 2, "on": ["timed_out"]}}, "clients.timeout"),
        ({"timeout": "50 ms", "hedge": {"after": "50 ms"}}, "clients.hedge.after"),
        ({"timeout": "50 ms", "hedge": {"after": "p96"}}, "clients.hedge.after"),
        ({"timeout": "50 ms", "retry": {"most": 2, "on": ["late"]}}, "clients.retry.on[0]"),
        ({"timeout": "50 ms", "retry": {"backoff": {"first": "1 ms"}}}, "clients.retry.most"),
    ],
)
def test_clients_that_cannot_be(clients: dict[str, Any], path: str) -> None:
    assert path in [at for at, _ in faults_of(GPU, clients=clients)]


def test_clients_may_try_again_what_was_turned_away_without_giving_up() -> None:
    system = routed(GPU, clients={"retry": {"most": 2, "on": ["rejected"]}, "hedge": {"after": "p95"}})
    assert system.clients is not None
    assert system.clients.most_attempts == 6


def nested(depth: int) -> list[Any]:
    """A route within routes."""
    route: list[Any] = [GPU]
    for _ in range(depth):
        route = [{"choose": [{"share": "100 %", "route": route}]}]
    return route


def test_routes_lie_within_routes_only_so_deep() -> None:
    assert len(routed(*nested(MOST_DEEP)).steps) == 1
    assert "more than 16 deep" in faults_of(*nested(MOST_DEEP + 1))[0][1]


def test_a_route_may_be_only_so_long() -> None:
    assert len(routed(*[GPU] * MOST_NODES).steps) == MOST_NODES
    branch = [GPU] * 400
    assert "all routes together" in faults_of({"parallel": [branch] * 3})[0][1]


def test_a_route_cannot_go_round() -> None:
    route: list[Any] = [GPU]
    route.append({"parallel": [route]})
    assert "no route can go round" in faults_of(*route)[0][1]
    text = "name: x\npools: [{name: gpu}]\nroute: &way\n  - {pools: [gpu]}\n  - {parallel: [*way]}\n"
    with pytest.raises(InputError) as told:
        parse_yaml(text, "file.yaml")
    assert (told.value.faults[0].line, told.value.faults[0].message) == (5, "goes round: &way holds itself")


def test_settings_reach_into_nested_routes_by_name_and_by_place() -> None:
    route = [
        {"delay": {"distribution": "exponential", "mean": "8 ms"}, "name": "features"},
        {"choose": [{"share": "30 %", "name": "large", "route": [{"delay": "1 ms"}]}, {"share": "rest", "route": []}]},
        GPU,
    ]
    settings = ["route.features.delay.mean=3 ms", "route[1].choose.large.share=50 %"]
    settings.append("route[1].choose[0].route[0].delay=2 ms")
    system = scenario_of(override(Document("scenario", document(route=route)), settings))
    delays = [node.mean_ns for node in nodes_in(system.route or []) if isinstance(node, Delay)]
    assert delays == [3e6, 2e6]
    assert system.route is not None
    assert system.route[1].shares == [0.5, 0.5]
    with pytest.raises(InputError) as told:
        override(Document("scenario", document(route=route)), ["route.featurs.delay=3 ms"])
    assert "there is none named 'featurs'; did you mean features?" in str(told.value)


def test_routes_look_into_62_caches_at_most() -> None:
    look: dict[str, Any] = {"cache": {"hit_ratio": "10 %"}}
    assert len(routed(*[look] * 62, GPU).steps) == 1
    assert "too many caches" in faults_of(*[look] * 63, GPU)[0][1]
