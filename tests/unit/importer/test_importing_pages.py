"""Tables of Markdown pages."""

from __future__ import annotations

from pathlib import Path

import pytest
from imports import faults, imported, rows

from capsim.documents.markdown import markdown_tables

PAGE = """# Deployment

| GPU | Driver |
|---|---|
| A30 | 470 |

#### Offline: A30, TensorRT
|   Batch |   p50 latency (ms) | avg latency (ms) | Infer (ms) |
|--------:|--------:|:----:|---|
|       1 | 5.8 | 5.8 | 5.3 |
|       8 | 31.6 | 31.6 | 31.1 |
</details>

#### Offline: A30, TensorRT, other

Batch | p50 latency (ms)
:--|--
1 | 2
```
| Batch | p50 latency (ms) |
|---|---|
| 1 | 99 |
```
"""
COLUMNS = ("batch_size=Batch", "p50=p50 latency (ms)")


@pytest.fixture
def page(tmp_path: Path) -> Path:
    file = tmp_path / "README.md"
    file.write_text(PAGE, encoding="utf-8")
    return file


def test_the_table_below_a_heading_is_read_with_the_lines_of_the_page(page: Path) -> None:
    mean = ("mean=avg latency (ms)", "compute=Infer (ms)")
    found = imported("table", page, section="Offline: A30, TensorRT", column=(*COLUMNS, *mean))
    assert rows(found) == {1: {"p50_ms": pytest.approx(5.3)}, 8: {"p50_ms": pytest.approx(31.1)}}
    assert found.measured["lines"] == {1: 10, 8: 11}
    assert rows(imported("table", page, section="other", column=COLUMNS)) == {1: {"p50_ms": 2}}


def test_the_columns_tell_the_table_where_no_heading_is_named(page: Path) -> None:
    only = (*COLUMNS, "mean=avg latency (ms)")
    assert list(rows(imported("table", page, column=only))) == [1, 8]
    ((line, path, said),) = faults("table", page, column=COLUMNS)
    assert (line, path) == (None, "--section")
    assert said.startswith(
        "2 tables may be meant, on line 8 (Offline: A30, TensorRT), line 16 (Offline: A30, TensorRT,"
    )


def test_what_is_not_there_is_said(page: Path, tmp_path: Path) -> None:
    ((_, path, said),) = faults("table", page, section="Offline: A30, TensorRd", column=COLUMNS)
    assert (path, said.partition(";")[2]) == ("--section", " did you mean Offline: A30, TensorRT?")
    file = tmp_path / "table.csv"
    file.write_text("batch_size,p50_ms\n1,2\n")
    assert faults("table", file, section="x") == [(None, "--section", "is of Markdown pages, .markdown or .md")]
    page.write_text("# Nothing\n")
    ((_, _, said),) = faults("table", page)
    assert said.startswith("has no table")


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("| 1 | 2 | 3 |", (3, "", "has more cells than the 2 columns")),
        ("| 1 |", None),
        ("one word", (3, "batch_size", "expected a whole number from 1, got 'one word'")),
        ("| 1 | 1,234 |", (None, "--decimal", None)),
    ],
)
def test_no_cell_is_lost(tmp_path: Path, row: str, expected: tuple[int | None, str, str | None] | None) -> None:
    file = tmp_path / "page.md"
    file.write_text(f"| batch_size | p50_ms |\n|--|--|\n{row}\n")
    ((line, path, said), *_) = faults("table", file)
    if expected is None:
        assert (line, said) == (3, "has neither a median nor a mean")
    else:
        assert (line, path, said if expected[2] else None) == expected


def test_two_columns_of_one_name_are_a_fault(tmp_path: Path) -> None:
    file = tmp_path / "page.md"
    file.write_text("| batch_size | p50_ms | p50_ms |\n|--|--|--|\n| 1 | 2 | 3 |\n")
    assert faults("table", file) == [(1, "p50_ms", "is the name of several columns")]


def test_bars_that_are_escaped_are_letters_and_a_line_of_dashes_alone_divides_nothing() -> None:
    (table,) = markdown_tables("a \\| b | c\n--|--\n1\\|2 | 3\n\ntitle | x\n---\n")
    assert (table.columns, table.rows) == (["a | b", "c"], {3: ["1|2", "3"]})
