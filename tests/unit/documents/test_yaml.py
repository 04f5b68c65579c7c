from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capsim.documents import parse_yaml, read_text, read_yaml
from capsim.documents.load import MOST_ALIASES, MOST_BYTES, MOST_DEPTH, MOST_VALUES
from capsim.errors import InputError


def told(text: str) -> str:
    """What is wrong with a text."""
    with pytest.raises(InputError) as caught:
        parse_yaml(text, "file.yaml")
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", 5),
        ("-5", -5),
        ("010", 10),
        ("08", 8),
        ("5.5", 5.5),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("true", True),
        ("null", None),
        ("~", None),
        ("yes", "yes"),
        ("on", "on"),
        ("no", "no"),
        ("5 ms", "5 ms"),
        ("1:30", "1:30"),
        ("2026-11-23", "2026-11-23"),
        ("0x10", "0x10"),
        ("1_000", "1_000"),
        ("'5'", "5"),
        ("[1, {a: b}]", [1, {"a": "b"}]),
        ("{1: a, true: b}", {"1": "a", "true": "b"}),
    ],
)
def test_scalars_are_those_of_yaml_1_2(text: str, value: object) -> None:
    assert parse_yaml(text, "file.yaml").data == value


def test_every_value_knows_its_line() -> None:
    document = parse_yaml("a: 1\nb:\n  - c: 2\n    d:\n      - 3\n  - 4\n", "file.yaml")
    assert document.line(("a",)) == 1
    assert document.line(("b",)) == 2
    assert document.line(("b", 0, "c")) == 3
    assert document.line(("b", 0, "d", 0)) == 5
    assert document.line(("b", 1)) == 6


def test_what_is_absent_has_the_line_of_what_would_hold_it() -> None:
    document = parse_yaml("a: 1\nb:\n  c: 2\n", "file.yaml")
    assert document.line(("b", "absent", 3)) == 2
    assert document.line(("absent",)) == 1


def test_an_anchor_stands_for_its_value() -> None:
    document = parse_yaml("a: &x {c: 1}\nb: [*x, *x]\n", "file.yaml")
    assert document.data == {"a": {"c": 1}, "b": [{"c": 1}, {"c": 1}]}


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n"])
def test_an_empty_file_is_refused(text: str) -> None:
    assert "is empty" in told(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: [1\nb: 2\n", "line   2    is not valid YAML"),
        ("a: 1\n b: 2\n", "line   2    is not valid YAML"),
        ("a: 1\n\tb: 2\n", "is not valid YAML"),
        ("a: *nowhere\n", "line   1    is not valid YAML"),
        ("a: 1\n---\nb: 2\n", "line   2    is not valid YAML"),
        ("a: \x07\n", "is not valid YAML"),
        ("{[1]: a}", "a key must be a plain word"),
        ("? {a: b}\n: c\n", "a key must be a plain word"),
        ("a: &a [*a]", "goes round: &a holds itself"),
        ("a: &a 1\nb: &b [*a]", "an anchored value must not hold an alias"),
        ("a: !!python/object/apply:os.system [ls]\n", "a tag such as !!python/object/apply:os.system"),
    ],
)
def test_what_is_no_plain_yaml_is_refused_with_its_line(text: str, words: str) -> None:
    assert words in told(text)


@pytest.mark.parametrize(
    "tagged", ["!!int ''", "!!float ''", "!!bool x", "!!timestamp x", "!!binary x", "!!set {a}", "!mine x", "! x"]
)
def test_a_tag_is_refused_whatever_it_says(tagged: str) -> None:
    assert "line   2    a tag such as" in told(f"a: 1\nb: {tagged}\n")


def test_keys_given_twice_are_all_told() -> None:
    message = told("a: 1\nb:\n  c: 1\n  c: 2\na: 2\n")
    assert "line   4  b.c  is given twice" in message
    assert "line   5  a    is given twice" in message


def test_a_key_given_twice_is_seen_whatever_its_spelling() -> None:
    assert "is given twice" in told("a: 1\n'a': 2\n")


def timed(text: str) -> float:
    """CPU seconds until a text is refused."""
    started = time.process_time()
    told(text)
    return time.process_time() - started


def test_nested_aliases_are_refused_before_they_multiply() -> None:
    layers = "".join(f"x{i}: &x{i} [{', '.join([f'*x{i - 1}'] * 9)}]\n" for i in range(1, 10))
    assert timed("x0: &x0 [ha]\n" + layers) < 1


def test_a_long_value_cannot_be_multiplied_either() -> None:
    long = ",".join(["1"] * 20_000)
    assert timed(f"a: &a [{long}]\nb: [{','.join(['*a'] * MOST_ALIASES)}]\n") < 2
    assert f"holds more than {MOST_VALUES} values" in told(f"a: &a [{long}]\nb: [{','.join(['*a'] * MOST_ALIASES)}]\n")


def test_the_number_of_aliases_is_bounded() -> None:
    assert parse_yaml(f"a: &a 1\nb: [{','.join(['*a'] * MOST_ALIASES)}]\n", "file.yaml").data["b"][-1] == 1
    assert f"more than {MOST_ALIASES} aliases" in told(f"a: &a 1\nb: [{','.join(['*a'] * (MOST_ALIASES + 1))}]\n")


def test_the_number_of_values_is_bounded() -> None:
    assert f"holds more than {MOST_VALUES} values" in told(f"[{','.join(['1'] * (MOST_VALUES + 1))}]")


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
def test_depth_is_bounded(opening: str) -> None:
    assert f"nested more than {MOST_DEPTH} deep" in told(opening * 10_000)
    assert timed(opening * (200_000 // len(opening))) < 1


def test_as_deep_as_allowed_is_read() -> None:
    data: Any = parse_yaml("[" * MOST_DEPTH + "]" * MOST_DEPTH, "file.yaml").data
    for _ in range(MOST_DEPTH - 1):
        [data] = data
    assert data == []


# Files


def test_a_file_knows_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "file.yaml"
    path.write_text("\ufeffa: ä\n", "utf-8")
    document = read_yaml(path)
    assert document.data == {"a": "ä"}
    assert document.folder == tmp_path
    assert document.source == str(path)


def test_a_file_is_read_no_further_than_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "huge.yaml"
    with path.open("wb") as stream:
        stream.truncate(2**30)
    started = time.process_time()
    with pytest.raises(InputError, match="is larger than 256 KiB"):
        read_yaml(path)
    assert time.process_time() - started < 1


def test_as_large_as_allowed_is_read(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    path.write_text("a: 1\n".ljust(MOST_BYTES, "#"))
    assert read_yaml(path).data == {"a": 1}


@pytest.mark.parametrize(
    ("name", "words"),
    [("absent.yaml", "no such file"), (".", "is a folder"), ("a" * 300, "cannot be read"), ("a\0b", "no such file")],
)
def test_what_is_no_file_is_refused(tmp_path: Path, name: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        read_yaml(tmp_path / name)


def test_what_is_not_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file.yaml"
    path.write_bytes(b"a: 1\n\xff\n")
    with pytest.raises(InputError, match=r"is not UTF-8 text \(byte 5\)"):
        read_text(path, 1000)


# Whatever it is


@given(st.text(alphabet="ab:-[]{}&*!|>'\"#,?%@ \n\t0.e~", max_size=60) | st.text(max_size=40))
def test_any_text_is_a_document_or_refused(text: str) -> None:
    with contextlib.suppress(InputError):
        parse_yaml(text, "file.yaml")
