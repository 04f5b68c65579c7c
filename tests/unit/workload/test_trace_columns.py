from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from capsim.errors import InputError
from capsim.random import Stream
from capsim.workload import Trace
from capsim.workload.trace_file import TraceFile, read_trace

TEXT = """\
key,request_bytes,timestamp_s,items,class
b,100,0,4,bulk
a,0,1,1,interactive
b,2000,1,1,interactive
 c ,1e3,2,8.0,bulk
"""


def written(folder: Path, text: str = TEXT) -> Path:
    """A trace file."""
    path = folder / "trace.csv"
    path.write_text(text)
    return path


def faults(folder: Path, text: str) -> list[tuple[int | None, str]]:
    """What is wrong with a trace, by line."""
    with pytest.raises(InputError) as caught:
        read_trace(written(folder, text))
    return [(fault.line, f"{fault.path} {fault.message}") for fault in caught.value.faults]


def recorded(folder: Path) -> Trace:
    """The trace above."""
    return Trace(process="trace", file=read_trace(written(folder)))


def rows(file: TraceFile) -> list[tuple[float, ...]]:
    """What stands in the rows of a trace: time, items, key, bytes."""
    assert file.items is not None
    assert file.keys is not None
    assert file.request_bytes is not None
    return list(
        zip(file.times_s.tolist(), file.items.tolist(), file.keys.tolist(), file.request_bytes.tolist(), strict=True)
    )


ALL = [(0, 4, 0, 100), (1, 1, 1, 0), (1, 1, 0, 2000), (2, 8, 2, 1000)]


def test_columns_stand_in_any_order(tmp_path: Path) -> None:
    file = read_trace(written(tmp_path))
    assert rows(file) == ALL
    assert file.classes is not None
    assert file.classes.tolist() == [0, 1, 1, 0]
    assert file.class_names == ("bulk", "interactive")
    assert file.doubts == ()


def test_names_of_columns_may_be_capitals_and_times_iso(tmp_path: Path) -> None:
    file = read_trace(written(tmp_path, "Timestamp, Items\n2026-01-01T00:00:00Z,2\n2026-01-01T00:00:03Z,5\n"))
    assert (file.times_s.tolist(), file.items.tolist() if file.items is not None else None) == ([0, 3], [2, 5])
    assert file.keys is file.request_bytes is file.classes is None


def test_columns_of_several_pieces_are_numbered_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = read_trace(written(tmp_path))
    monkeypatch.setattr("capsim.documents.table.ROWS", 2)
    assert rows(read_trace(tmp_path / "trace.csv")) == rows(whole)
    assert faults(tmp_path, "timestamp_s,items\n0,1\n0,1\n0,1\n0,x\n") == [
        (5, "items expected a whole number from 1 to 1000000000, got 'x'")
    ]


def test_each_wrong_field_is_told_with_its_line(tmp_path: Path) -> None:
    text = "timestamp_s,class,items,key,request_bytes\n0,a,1,k,0\n1,,2.5,k,-1\n2,a,0,,\n0,a,1e10,k,5 kB\n"
    number, size = (
        "items expected a whole number from 1 to 1000000000",
        "request_bytes expected a whole number from 0 to",
    )
    assert faults(tmp_path, text) == [
        (3, "class expected text, got nothing"),
        (3, f"{number}, got '2.5'"),
        (3, f"{size} 1000000000000, got '-1'"),
        (4, f"{number}, got '0'"),
        (4, "key expected text, got nothing"),
        (4, f"{size} 1000000000000, got nothing"),
        (5, "timestamp_s runs backwards: 0 after 2.0"),
        (5, f"{number}, got '1e10'"),
        (5, f"{size} 1000000000000, got '5 kB'"),
    ]


def test_only_the_first_wrong_fields_of_a_column_are_told(tmp_path: Path) -> None:
    assert len(faults(tmp_path, "timestamp_s,items,key\n" + "0,x,\n" * 1000)) == 20


def test_a_column_given_twice_is_refused(tmp_path: Path) -> None:
    assert faults(tmp_path, "timestamp_s,items,Items\n0,1,2\n") == [(1, "Items is given twice, as items and Items")]


def test_more_classes_than_anybody_has_are_refused(tmp_path: Path) -> None:
    text = "timestamp_s,class\n" + "".join(f"0,c{i}\n" for i in range(1001))
    assert faults(tmp_path, text) == [(None, "class has more than 1000 different values")]


def test_columns_that_nobody_reads_are_told(tmp_path: Path) -> None:
    [doubt] = read_trace(written(tmp_path, "timestamp_s,item,user\n0,1,a\n1,1,b\n")).doubts
    assert doubt.code == "trace_columns"
    assert "columns 'item', 'user' of trace.csv are not read" in doubt.message
    assert "did you mean items?" in doubt.message


def test_the_requests_of_a_class(tmp_path: Path) -> None:
    trace = recorded(tmp_path)
    bulk = trace.of_class("bulk")
    assert rows(bulk.file) == [ALL[0], ALL[3]]
    assert bulk.file.classes is None
    assert bulk.file.class_names == ("bulk", "interactive")
    assert [bulk.file.line(place) for place in (0, 1)] == [2, 5]
    assert bulk.of_class("anything") == bulk
    [doubt] = (doubt for doubt in trace.doubts(0, 2 * 10**9, 1e6) if doubt.code == "trace_classes")
    assert doubt.message == "the requests of all classes of trace.csv are replayed as one: bulk, interactive"
    assert "trace_classes" not in [doubt.code for doubt in bulk.doubts(0, 2 * 10**9, 1e6)]
    with pytest.raises(ValueError, match=r"no request of trace.csv is of class batch; it has bulk, interactive"):
        trace.of_class("batch")


def test_a_fault_of_a_class_names_the_line_of_the_file(tmp_path: Path) -> None:
    text = "timestamp_s,class\n0,a\n0.5,b\n1,a\n2.5,a\n"
    trace = Trace(process="trace", file=read_trace(written(tmp_path, text)), resolution=10**9).of_class("a")
    [(field, said)] = trace.faults(10**10)
    assert field == "resolution"
    assert said.endswith("see line 5 of trace.csv")


def test_requests_that_are_spread_keep_what_they_carry(tmp_path: Path) -> None:
    """Requests of whole seconds may change places within them, each with its columns."""
    count = 400
    text = "timestamp_s,items,key,request_bytes\n" + "".join(f"{i // 100},{i + 1},{i},{i}\n" for i in range(count))
    trace = Trace(process="trace", file=read_trace(written(tmp_path, text)), resolution=10**9)
    sent = trace.sent(Stream.named(1, 0, "arrivals"))
    assert sent.items is not None
    assert sent.keys is not None
    assert sent.request_bytes is not None
    assert (np.diff(sent.times_ns) >= 0).all()
    assert sent.items.tolist() != list(range(1, count + 1))
    assert sorted(sent.items.tolist()) == list(range(1, count + 1))
    assert ((sent.items - 1) // 100 == sent.times_ns // 10**9).all()
    assert (sent.keys + 1).tolist() == sent.items.tolist() == (sent.request_bytes + 1).tolist()
    assert sent.times_ns.tolist() == trace.sent_ns(Stream.named(1, 0, "arrivals")).tolist()


@pytest.mark.parametrize("factor", [0.5, 1.0, 2.5])
def test_more_or_fewer_requests_carry_what_was_recorded(tmp_path: Path, factor: float) -> None:
    """Items, key and bytes of a request belong together, and are those of a time near by."""
    count = 2000
    text = "timestamp_s,items,key,request_bytes\n" + "".join(f"{i / 10},{i + 1},{i},{2 * i}\n" for i in range(count))
    trace = Trace(process="trace", file=read_trace(written(tmp_path, text))).scaled(factor)
    sent = trace.sent(Stream.named(1, 0, "arrivals"))
    assert len(sent.times_ns) == factor * count
    assert sent.items is not None
    assert sent.keys is not None
    assert sent.request_bytes is not None
    assert (sent.keys + 1).tolist() == sent.items.tolist()
    assert (2 * sent.keys).tolist() == sent.request_bytes.tolist()
    assert np.abs(sent.keys / 10 - sent.times_ns / 1e9).max() <= 0.1
    assert trace.scaled(0.5).of_class("all").file.items is not None


def test_a_trace_without_columns_sends_times_alone() -> None:
    sent = Trace(process="trace", file=TraceFile("t.csv", np.array([0.0, 1.0]))).sent(Stream(1))
    assert sent.times_ns.tolist() == [0, 10**9]
    assert sent.items is sent.keys is sent.request_bytes is None
