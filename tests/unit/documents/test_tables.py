from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from capsim.documents import read_columns, read_table
from capsim.errors import InputError


def test_a_table_comes_as_text_with_its_rows_counted_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("capsim.documents.table.ROWS", 2)
    path = tmp_path / "table.csv"
    path.write_text("a,b\n1,x\n2,NA\n\n")
    pieces = list(read_table(path, 1000))
    assert [row for piece in pieces for row in piece["b"].fillna("").tolist()] == ["x", "NA", ""]
    assert [row for piece in pieces for row in piece.index.tolist()] == [0, 1, 2]


def test_a_table_without_rows_is_one_piece(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("a,b\n")
    [piece] = read_table(path, 1000)
    assert piece.empty
    assert list(piece.columns) == ["a", "b"]


def test_columns_come_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("capsim.documents.table.ROWS", 2)
    path = tmp_path / "table.csv"
    path.write_text('\ufeffa,b\r\n1,"x,y"\r\n2\r\n\r\n', encoding="utf-8")
    assert list(read_columns(path, 1000)) == [{"a": ["1", "2"], "b": ["x,y", ""]}, {"a": [""], "b": [""]}]


def test_columns_without_rows_are_one_piece(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("a,b\n")
    assert list(read_columns(path, 1000)) == [{"a": [], "b": []}]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a,b,a\n1,2,3\n", "line   1  a  is given twice"),
        (b"a,b\n1,2\n1,2,3\n", "has rows with more fields than its header"),
        (b"a,b\n1,\xff\n", "is not a CSV table: it is not UTF-8 text"),
        (b"a,b\n1," + b"9" * 200_000 + b"\n", "is not a CSV table"),
    ],
)
def test_columns_that_are_none_are_refused(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=said):
        list(read_columns(path, 1_000_000))


def test_a_table_that_is_too_large_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("a\n" + "1\n" * 1_000_000)
    with pytest.raises(InputError, match="is larger than 1 MiB"):
        list(read_table(path, 1024**2))


def test_a_compressed_table_is_not_unpacked(tmp_path: Path) -> None:
    """Its size was checked as it lies there."""
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(b"batch_size,latency_ms\n1,5\n"))
    with pytest.raises(InputError, match="is not a CSV table"):
        list(read_table(tmp_path / "t.csv.gz", 1024))


def test_what_is_no_file_is_told_apart(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    for name, said in (("loop", "leads back to itself"), ("none", "no such file"), ("", "is a folder")):
        for read in (read_table, read_columns):
            with pytest.raises(InputError, match=said):
                list(read(tmp_path / name, 1000))
