"""Files of other tools are bounded and whole, or refused."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from capsim.errors import InputError
from capsim.importer import reading
from capsim.importer.reading import read_json, report_rows


def refused(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        read_json(path)
    return str(caught.value)


def test_json_may_be_packed(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"a": [1]}')
    (tmp_path / "b").write_bytes(gzip.compress(b'{"a": [1]}'))
    assert read_json(tmp_path / "a.json") == read_json(tmp_path / "b") == {"a": [1]}


def test_a_small_file_that_unpacks_to_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_JSON_BYTES", 1024**2)
    (tmp_path / "bomb.gz").write_bytes(gzip.compress(b" " * (1024**2 + 1)))
    assert (tmp_path / "bomb.gz").stat().st_size < 2000
    assert "larger than 1 MiB once unpacked" in refused(tmp_path / "bomb.gz")
    (tmp_path / "plain.json").write_bytes(b" " * (1024**2 + 1))
    assert "is larger than 1024 KiB" in refused(tmp_path / "plain.json")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"a": 1,\n "b" 2}', "line   2    is not valid JSON (column 6)"),
        (b"[NaN]", "NaN is no number"),
        (b"[" * 100_000, "nested too deep"),
        (b"\xff\xfe", "is not UTF-8 text"),
        (gzip.compress(b'{"a": 1}' * 100, mtime=0)[:-20], "is not a whole gzip file"),
        (gzip.compress(b"\xff\xfe", mtime=0), "is not UTF-8 text"),
        (b"", "is not valid JSON"),
    ],
)
def test_what_is_no_json_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "a.json").write_bytes(content)
    assert said in refused(tmp_path / "a.json")


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    assert "no such file" in refused(tmp_path / "missing.json")
    assert "is a folder" in refused(tmp_path)


def test_a_report_ends_at_an_empty_line(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("words before\n a , b \n1,2\n3,4\n\nx,y\n5,6\n")
    found = report_rows(tmp_path / "a.csv", ("a", "b"), "a tool")
    assert [(row.line, dict(row.values)) for row in found] == [(3, {"a": "1", "b": "2"}), (4, {"a": "3", "b": "4"})]


@pytest.mark.parametrize(
    ("text", "said"),
    [("a,b\n", "has no rows"), ("c\n1\n", "expected what a tool writes"), ("a,b\n1\n", "expected 2 fields")],
)
def test_what_is_no_report_is_refused(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(InputError, match=said):
        report_rows(tmp_path / "a.csv", ("a", "b"), "a tool")


def report(folder: Path, text: str) -> list[dict[str, str]]:
    """The rows of a report with columns a and b."""
    (folder / "a.csv").write_text(text)
    return [dict(row.values) for row in report_rows(folder / "a.csv", ("a", "b"), "a tool")]


@pytest.mark.parametrize("text", ["a,b\n1,2,\n", "a,b,\n1,2\n", "a,b,\n1,2,\n", "a,b\n1,2,,\n"])
def test_an_empty_last_column_does_no_harm(tmp_path: Path, text: str) -> None:
    """As perf_analyzer ends its rows, and not its header, with a comma."""
    assert report(tmp_path, text) == [{"a": "1", "b": "2"}]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a;b\n1,5;2\n", {"a": "1.5", "b": "2"}),
        ("a;b\n0,125;1.234,5\n", {"a": "0.125", "b": "1234.5"}),
        ("a;b\n1.5;x,y\n", {"a": "1.5", "b": "x,y"}),
        ("a;b\n1,234.5;2\n", {"a": "1234.5", "b": "2"}),
        ("a\tb\n1.5\t2\n", {"a": "1.5", "b": "2"}),
    ],
)
def test_semicolons_and_decimal_commas_are_told_from_the_table(
    tmp_path: Path, text: str, expected: dict[str, str]
) -> None:
    assert report(tmp_path, text) == [expected]


@pytest.mark.parametrize(("text", "line"), [("a;b\n1;2\n1,234;2\n", 3), ("a;b\n1,5;2\n1,234.5;2\n", 2)])
def test_commas_that_may_mean_either_are_refused(tmp_path: Path, text: str, line: int) -> None:
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(InputError, match="write numbers with a decimal point") as caught:
        report_rows(tmp_path / "a.csv", ("a", "b"), "a tool")
    assert (caught.value.faults[0].line, caught.value.faults[0].path) == (line, "a")


def test_a_second_table_is_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b\n1,2\n\nb,a\n3,4\n")
    with pytest.raises(InputError, match=r"line   4 .*begins a second table with a, b"):
        report_rows(tmp_path / "a.csv", ("a", "b"), "a tool")
