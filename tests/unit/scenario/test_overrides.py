"""`--set PATH=VALUE`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from capsim.documents import Document
from capsim.errors import InputError
from capsim.scenario import load_scenario
from capsim.scenario.overrides import override

DATA: dict[str, Any] = {
    "name": "vision",
    "pools": [{"name": "cpu", "servers": 1}, {"name": "gpu", "servers": 2, "queue": None}],
    "run": {"seed": 7},
}

TEXT = """name: vision
workload: {arrivals: {process: poisson, rate: 100 /s}}
pools:
  - name: gpu
    servers: 2
    service: {distribution: constant, mean: 5 ms}
"""


def changed(*settings: str) -> Any:
    """The data with the settings."""
    return override(Document("file.yaml", DATA), settings).data


def told(*settings: str) -> list[tuple[str, str]]:
    """What is wrong with the settings."""
    with pytest.raises(InputError) as caught:
        changed(*settings)
    assert caught.value.source == "--set"
    return [(fault.path, fault.message) for fault in caught.value.faults]


@pytest.mark.parametrize("path", ["pools.gpu.servers", "pools[1].servers", "pools.1.servers", " pools.gpu.servers "])
def test_a_member_of_a_list_goes_by_name_or_index(path: str) -> None:
    assert changed(f"{path}=8")["pools"][1]["servers"] == 8


def test_what_is_set_leaves_the_document_as_it_was() -> None:
    changed("run.seed=8", "pools.cpu.servers=3")
    assert DATA["run"]["seed"] == 7
    assert DATA["pools"][0]["servers"] == 1


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("8", 8),
        ("5 ms", "5 ms"),
        ("1e3", 1000.0),
        ("true", True),
        ("[8, 16]", [8, 16]),
        ("{p99: 5 ms}", {"p99": "5 ms"}),
        ("null", None),
        ("", None),
        ("a=b", "a=b"),
    ],
)
def test_a_value_is_read_as_yaml(text: str, value: object) -> None:
    assert changed(f"run.anything={text}")["run"]["anything"] == value


def test_what_is_absent_is_made() -> None:
    assert changed("objective.p99=5 ms")["objective"] == {"p99": "5 ms"}
    assert changed("pools.gpu.queue.capacity=5")["pools"][1]["queue"] == {"capacity": 5}


def test_what_earlier_calls_have_set_may_be_set_again() -> None:
    first = override(Document("file.yaml", DATA), ["run.seed=1"])
    assert override(first, ["run.seed=2"], "--with").data["run"] == {"seed": 2}


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ("pools.cpu.servers=3", "pools.cpu.servers=4", "is set twice, here and by --set pools.cpu.servers=3"),
        ("pools.cpu.servers=3", "pools[0].servers=3", "is set twice"),
        ("pools.0.servers=3", "pools.cpu.servers=4", "is set twice"),
        ("run={horizon: 5 s}", "run.seed=4", "overlaps with --set run={horizon: 5 s}, as one holds the other"),
        ("pools.gpu.queue.capacity=4", "pools[1]={name: gpu}", "overlaps with"),
    ],
)
def test_a_setting_that_would_undo_another_is_refused(first: str, second: str, said: str) -> None:
    [(path, message)] = told(first, "name=x", second)
    assert path == second
    assert said in message


def test_a_fault_in_the_file_that_comes_of_a_setting_names_the_setting(tmp_path: Path) -> None:
    batching = "    batching: {policy: dynamic, max_batch_size: 4, max_queue_delay: 1 ms}\n"
    (tmp_path / "vision.yaml").write_text(TEXT + batching)
    with pytest.raises(InputError) as caught:
        load_scenario(tmp_path / "vision.yaml", ["run.seed=3", "workload.items_per_request=8", "pools.gpu.servers=2"])
    [fault] = caught.value.faults
    assert fault.line == 7
    said = "a request of 8 items does not fit into a batch of 4 (with --set workload.items_per_request=8)"
    assert fault.message == said
    (tmp_path / "vision.yaml").write_text(TEXT.replace("servers: 2", "servers: 0"))
    with pytest.raises(InputError, match=r"must be at least 1, got 0$"):
        load_scenario(tmp_path / "vision.yaml", ["run.seed=3"])


def test_one_setting_may_be_given_as_text(tmp_path: Path) -> None:
    (tmp_path / "vision.yaml").write_text(TEXT)
    assert load_scenario(tmp_path / "vision.yaml", "pools.gpu.servers=8").pools[0].servers == 8


def test_what_is_no_setting_or_no_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "vision.yaml").write_text(TEXT)
    given: Any = [8]
    with pytest.raises(InputError, match=r"expected text such as 'pools\.cpu\.servers=8', got 8"):
        load_scenario(tmp_path / "vision.yaml", given)
    mapping: Any = {"name": "x"}
    with pytest.raises(InputError, match="got a mapping; scenario_from makes a scenario of a mapping"):
        load_scenario(mapping)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("run.seed", "expected PATH=VALUE such as pools.cpu.servers=8"),
        ("=8", "expected PATH=VALUE such as pools.cpu.servers=8"),
        ("", "expected PATH=VALUE such as pools.cpu.servers=8"),
        ("run..seed=1", "expected a path of names and [numbers] such as pools[0].servers"),
        ("pools[x.servers=1", "expected a path of names and [numbers] such as pools[0].servers"),
        ("pools[2].servers=1", "there is no [2]; the list has 2"),
        ("pools.gqu.servers=1", "there is none named 'gqu'; did you mean gpu?"),
        ("name.first=x", "'name' holds a single value, not settings"),
        ("run.seed.x.y=1", "'run.seed' holds a single value, not settings"),
        ("run.seed=[1", "the value is not valid YAML: a list [ that is not closed by ]"),
        ("run.seed={a: 1, a: 2}", "the value is given twice"),
        ("run.seed=!!int ''", "the value a tag such as !!int has no meaning here"),
    ],
)
def test_a_setting_that_leads_nowhere_is_refused(setting: str, message: str) -> None:
    assert told(setting) == [(setting, message)]


def test_all_wrong_settings_are_told_at_once() -> None:
    assert len(told("seed", "run.seed=8", "pools.x.servers=1")) == 2


def test_a_setting_too_long_is_refused() -> None:
    [(path, message)] = told("run.seed=" + "9" * 10_000)
    assert len(path) == 80
    assert message.startswith("expected PATH=VALUE")


def test_a_scenario_is_loaded_with_its_settings(tmp_path: Path) -> None:
    (tmp_path / "vision.yaml").write_text(TEXT)
    scenario = load_scenario(tmp_path / "vision.yaml", ["pools.gpu.servers=8", "run.seed=3", "objective.p99=20 ms"])
    assert scenario.pools[0].servers == 8
    assert scenario.run.seed == 3
    assert scenario.objective is not None
    assert scenario.objective.p99 == 20_000_000


def test_a_fault_says_that_it_was_set_and_gives_no_line(tmp_path: Path) -> None:
    (tmp_path / "vision.yaml").write_text(TEXT)
    with pytest.raises(InputError) as caught:
        load_scenario(tmp_path / "vision.yaml", ["pools.gpu.servers=0", "run.sede=1"])
    assert {(fault.line, fault.path, fault.message) for fault in caught.value.faults} == {
        (None, "pools[0].servers", "must be at least 1, got 0 (set by --set pools.gpu.servers=0)"),
        (None, "run.sede", "unknown field; did you mean seed? (set by --set run.sede=1)"),
    }


def test_a_field_set_in_the_wrong_place_is_found(tmp_path: Path) -> None:
    (tmp_path / "vision.yaml").write_text(TEXT)
    with pytest.raises(InputError, match=r"servers  unknown field; did you mean pools\[\d\]\.servers\?"):
        load_scenario(tmp_path / "vision.yaml", ["servers=3"])


def test_what_contradicts_itself_says_that_it_was_set(tmp_path: Path) -> None:
    (tmp_path / "vision.yaml").write_text(TEXT)
    wrong = ["run={horizon: 5 s, precision: 2 %, replications: 3}", "pools.gpu.profile=absent.yaml"]
    with pytest.raises(InputError) as caught:
        load_scenario(tmp_path / "vision.yaml", wrong[:1])
    assert str(caught.value).endswith(f"(set by --set {wrong[0]})")
    with pytest.raises(InputError, match=r"absent\.yaml: no such file \(set by --set pools\.gpu\.profile"):
        load_scenario(tmp_path / "vision.yaml", wrong[1:])
