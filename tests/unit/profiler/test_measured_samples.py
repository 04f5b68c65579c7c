from __future__ import annotations

from pathlib import Path

import pytest

from capsim.errors import InputError
from capsim.profiler.samples import Cell, Samples, read_samples


def test_round_trip_keeps_the_order_of_measuring(tmp_path: Path) -> None:
    samples = Samples([(Cell(2), 3.25), (Cell(1), 0.00123456), (Cell(2), 1234.56)])
    file = tmp_path / "s.csv"
    file.write_text(samples.to_csv())
    assert read_samples(file).rows == samples.rows


def test_several_instances_have_a_column_of_their_own(tmp_path: Path) -> None:
    samples = Samples([(Cell(2), 3.25), (Cell(2, 4), 12.5)])
    assert samples.to_csv() == "batch_size,latency_ms,instances\n2,3.25,1\n2,12.5,4\n"
    file = tmp_path / "s.csv"
    file.write_text(samples.to_csv())
    assert read_samples(file).rows == samples.rows


def test_by_cell_and_drop() -> None:
    samples = Samples()
    samples.add(Cell(1), [1.0, 3.0])
    samples.add(Cell(1, 2), [2.0])
    assert samples.by_cell() == {Cell(1): [1.0, 3.0], Cell(1, 2): [2.0]}
    samples.drop(Cell(1))
    assert samples.rows == [(Cell(1, 2), 2.0)]


def test_another_header_is_a_fault(tmp_path: Path) -> None:
    file = tmp_path / "s.csv"
    file.write_text("size,ms\n1,2\n")
    with pytest.raises(InputError, match="expected the header batch_size,latency_ms"):
        read_samples(file)


def test_every_bad_row_is_a_fault_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "s.csv"
    rows = "1,2,1\n0,2,1\n1,nan,1\n1,-1,1\n1\nx,1,1\n1,inf,1\n1,2,0\n"
    file.write_text(f"batch_size,latency_ms,instances\n{rows}")
    with pytest.raises(InputError) as caught:
        read_samples(file)
    assert [fault.line for fault in caught.value.faults] == [3, 4, 5, 6, 7, 8, 9]
