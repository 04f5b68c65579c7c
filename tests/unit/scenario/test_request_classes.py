"""Classes of requests: what each takes over from the scenario, and what they carry together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from systems import document, pool

from capsim.documents import Document
from capsim.errors import InputError
from capsim.scenario import Scenario, scenario_from
from capsim.scenario.checks import check
from capsim.scenario.load import scenario_of
from capsim.scenario.overrides import override


def of_class(name: str, rate: str = "10 /s", **settings: Any) -> dict[str, Any]:
    """A class with Poisson arrivals."""
    return {"name": name, "arrivals": {"process": "poisson", "rate": rate}, **settings}


def with_classes(*classes: dict[str, Any], pools: tuple[dict[str, Any], ...] = (), **changes: Any) -> Scenario:
    """A scenario of these classes."""
    return scenario_from(classed(*classes, pools=pools, **changes), Path())


def classed(*classes: dict[str, Any], pools: tuple[dict[str, Any], ...] = (), **changes: Any) -> dict[str, Any]:
    """The same before it is validated."""
    workload = {"classes": list(classes), **changes.pop("workload", {})}
    return {**document(*pools, **changes), "workload": workload}


def test_the_one_class_of_a_scenario_without_classes_is_called_default() -> None:
    only = scenario_from(document(items=3, network={"request_size": "2 kB"}), Path())
    (each,) = only.classes
    assert (each.name, each.items.values, each.request_size, each.priority) == ("default", (3,), 2000, 0)
    assert [step.pools for step in only.steps] == [["gpu"]]


def test_a_class_takes_over_what_it_does_not_say() -> None:
    system = with_classes(
        of_class("own", items_per_request=2, request_size="1 kB", clients={"timeout": "1 s"}),
        of_class("other"),
        workload={"items_per_request": 4, "keys": {"zipf": 1, "count": 10}},
        network={"request_size": "5 kB", "response_size": "2 kB"},
        clients={"timeout": "2 s"},
    )
    own, other = system.classes
    assert (own.items.most, own.request_size, own.response_size) == (2, 1000, 2000)
    assert (other.items.most, other.request_size, other.response_size) == (4, 5000, 2000)
    assert own.clients is not None
    assert own.clients.timeout == 10**9
    assert other.clients is not None
    assert other.clients.timeout == 2 * 10**9
    assert own.keys is not None
    assert own.keys.count == 10


@pytest.mark.parametrize(
    ("items", "unit", "mixed"),
    [
        ((3, 3), 3, False),
        ((3, 5), 1, True),
        ((1, 1), 1, False),
        (({"values": {"1": "70 %", "8": "30 %"}}, 1), 1, True),
        (({"values": {"4": "100 %"}}, 4), 4, False),
    ],
)
def test_batches_count_items_one_by_one_where_requests_differ(items: tuple[Any, Any], unit: int, mixed: bool) -> None:
    system = with_classes(*(of_class(name, items_per_request=each) for name, each in zip("ab", items, strict=True)))
    assert (system.items_per_unit, system.mixed) == (unit, mixed)


def test_more_load_is_more_of_every_class() -> None:
    system = with_classes(of_class("a", "10 /s"), of_class("b", "30 /s"))
    assert system.workload.combined.offered_per_s(1.0) == 40
    more = system.workload.scaled(1.5)
    assert [each.arrivals.rate for each in more.classes or []] == [15, 45]


def test_settings_reach_into_classes_by_name_and_by_place() -> None:
    given = Document("scenario", classed(of_class("bulk"), of_class("fast")))
    set_to = scenario_of(
        override(given, ["workload.classes.bulk.arrivals.rate=7 /s", "workload.classes[1].priority=-1"])
    )
    assert set_to.classes[0].arrivals.rate == 7
    assert set_to.classes[1].priority == -1


def test_a_scenario_with_classes_is_written_as_it_was_read() -> None:
    route = [{"choose": [{"class": "a", "route": []}, {"classes": ["b"], "route": [{"pools": ["gpu"]}]}]}]
    system = with_classes(of_class("a", route=[{"pools": ["gpu"]}]), of_class("b"), of_class("c"), route=None)
    assert scenario_from(system.to_document(), Path()) == system
    chosen = with_classes(of_class("a"), of_class("b"), route=route)
    assert chosen.to_document()["route"] == route


@pytest.mark.parametrize(
    ("workload", "said"),
    [
        ({}, "needs either arrivals or classes"),
        ({"arrivals": {"process": "poisson", "rate": "1 /s"}, "classes": [of_class("a")]}, "needs either arrivals"),
        ({"classes": []}, "must have at least 1 entry"),
        ({"classes": [of_class("a"), of_class("a")]}, "'a' is the name of an earlier class"),
        ({"classes": [of_class("a", priority=0.5)]}, "expected a whole number"),
        ({"classes": [of_class("a", keys={"zipf": 1.1})]}, "workload.classes[0].keys.count"),
        ({"classes": [of_class("a", items_per_request={"values": {"1": "70 %"}})]}, "must add up to 100 %, got 70 %"),
    ],
)
def test_classes_that_cannot_be(workload: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as told:
        scenario_from({**document(), "workload": workload}, Path())
    assert said in str(told.value)


def test_every_class_needs_a_route_where_there_are_several_pools() -> None:
    lost = classed(of_class("a", route=[{"pools": ["x"]}]), of_class("b"), pools=(pool("x"), pool("y")))
    with pytest.raises(InputError) as told:
        scenario_from(lost, Path())
    assert [fault.path for fault in told.value.faults] == ["workload.classes[1]"]


def test_the_largest_request_has_to_fit_where_it_comes() -> None:
    batches = {"policy": "dynamic", "max_batch_size": 4, "max_queue_delay": "0 ms"}
    small, large = pool("small", batching=batches), pool("large", batching={**batches, "max_batch_size": 64})
    routes = {"a": [{"pools": ["small"]}], "b": [{"pools": ["large"]}]}
    sizes = {"a": 2, "b": 32}
    classes = [of_class(name, items_per_request=sizes[name], route=routes[name]) for name in "ab"]
    assert with_classes(*classes, pools=(small, large)).mixed
    classes[1]["route"] = routes["a"]
    with pytest.raises(InputError) as told:
        with_classes(*classes, pools=(small, large))
    assert "a request of 32 items does not fit into a batch of 4" in str(told.value)


def test_a_class_replays_its_rows_of_a_trace_and_rows_of_no_class_are_told(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("timestamp_s,class\n0,chat\n0.1,bulk\n0.2,chat\n0.3,image\n", encoding="utf-8")

    def replayed(*names: str) -> Scenario:
        trace = {"process": "trace", "file": "log.csv"}
        return scenario_from(classed(*({"name": name, "arrivals": trace} for name in names)), tmp_path)

    system = replayed("bulk", "chat")
    assert [each.arrivals.file.times_s.tolist() for each in system.classes] == [[0.1], [0, 0.2]]
    told = [doubt.message for doubt in check(system) if doubt.code == "trace_classes"]
    assert told == ["the requests of image in log.csv are left out: no class of the workload has this name"]
    assert "trace_classes" not in [doubt.code for doubt in check(replayed("bulk", "chat", "image"))]
    with pytest.raises(InputError, match=r"no request of log.csv is of class imgae; it has chat, bulk, image; did you"):
        replayed("chat", "imgae")
