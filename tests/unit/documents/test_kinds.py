"""A file that was taken for something else says what it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from capsim.documents import parse_yaml
from capsim.documents.kinds import PROFILE, SCENARIO, expect
from capsim.errors import InputError

A_PROFILE = "model: bert\nhardware: {kind: cpu}\nruntime: onnx\nmeasured: {}\n"
A_SCENARIO = "name: x\nworkload: {}\npools: []\nobjective: {p99: 1 s}\n"


@pytest.mark.parametrize(
    ("text", "wanted", "said"),
    [
        (A_PROFILE, SCENARIO, "is a latency profile, not a scenario; a scenario names it: pools: "),
        (A_SCENARIO, PROFILE, "is a scenario, not a latency profile; capsim run and plan take it"),
        ("a,b\n1,2\n3,4\n", SCENARIO, "is a CSV table, not a scenario; a scenario names it"),
        ("a;b\n1;2\n3;4\n", SCENARIO, "is a CSV table"),
        ('{"schema": "capsim.result/1", "scenario": "x"}', SCENARIO, "is an answer of capsim (capsim.result/1)"),
    ],
)
def test_another_kind_is_named(text: str, wanted: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        expect(parse_yaml(text, "file"), wanted)
    [fault] = caught.value.faults
    assert fault.message.startswith(said)


@pytest.mark.parametrize("text", [A_SCENARIO, "name: x\nruntime: y\n", "a word", "- a", "pools: []\nmodel: x\n"])
def test_what_may_be_a_scenario_is_left_to_its_fields(text: str) -> None:
    expect(parse_yaml(text, "file"), SCENARIO)


@pytest.mark.parametrize(
    ("content", "line", "said"),
    [
        (b"a: 1\nb: caf\xe9\n", 2, "is not UTF-8 text (byte 11); save the file as UTF-8"),
        (b"a: [1\n", 2, "is not valid YAML: a list [ that is not closed by ]"),
        (b"a: 1\n---\nb: 1\n", 2, "is not valid YAML: a second document behind ---; a file holds one"),
    ],
)
def test_what_is_no_yaml_has_its_line(tmp_path: Path, content: bytes, line: int, said: str) -> None:
    from capsim.documents import read_yaml

    (tmp_path / "s.yaml").write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_yaml(tmp_path / "s.yaml")
    [fault] = caught.value.faults
    assert (fault.line, fault.message) == (line, said)


def test_links_that_lead_nowhere(tmp_path: Path) -> None:
    from capsim.documents import read_yaml

    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    (tmp_path / "c").symlink_to("d")
    with pytest.raises(InputError, match="is a link that leads back to itself"):
        read_yaml(tmp_path / "a")
    with pytest.raises(InputError, match="is a link to a file that does not exist"):
        read_yaml(tmp_path / "c")
