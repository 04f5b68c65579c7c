from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from capsim.documents import read_table
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
