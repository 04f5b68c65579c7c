from __future__ import annotations

from pathlib import Path

import pytest

from capsim.errors import InputError
from capsim.profile.write import write_whole
from capsim.profiler.samples import Samples, read_samples


def test_round_trip_keeps_the_order_of_measuring(tmp_path: Path) -> None:
    samples = Samples([(2, 3.25), (1, 0.00123456), (2, 1234.56)])
    file = tmp_path / "a" / "s.csv"
    write_whole(file, samples.to_csv())
    assert read_samples(file).rows == samples.rows
    assert [path.name for path in file.parent.iterdir()] == ["s.csv"]


def test_counts_and_drop() -> None:
    samples = Samples([(1, 1.0), (2, 2.0), (1, 3.0)])
    assert samples.counts() == {1: 2, 2: 1}
    samples.drop(1)
    assert samples.rows == [(2, 2.0)]
    assert samples.latencies_ms(2) == [2.0]


def test_another_header_is_a_fault(tmp_path: Path) -> None:
    file = tmp_path / "s.csv"
    file.write_text("size,ms\n1,2\n")
    with pytest.raises(InputError, match="expected the header batch_size,latency_ms"):
        read_samples(file)


def test_every_bad_row_is_a_fault_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "s.csv"
    file.write_text("batch_size,latency_ms\n1,2\n0,2\n1,nan\n1,-1\n1\nx,1\n1,inf\n")
    with pytest.raises(InputError) as caught:
        read_samples(file)
    assert [fault.line for fault in caught.value.faults] == [3, 4, 5, 6, 7, 8]
