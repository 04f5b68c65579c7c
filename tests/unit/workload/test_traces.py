from __future__ import annotations

import time
import warnings
from pathlib import Path

import numpy as np
import pytest

from capsim.errors import InputError
from capsim.random import Stream
from capsim.workload import Trace, TraceFile
from capsim.workload.resolution import recorded_in_s
from capsim.workload.trace_file import read_trace


def written(folder: Path, text: str | bytes) -> Path:
    """A trace file."""
    path = folder / "trace.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def faults(folder: Path, text: str | bytes) -> list[tuple[int | None, str]]:
    """What is wrong with a trace, by line."""
    with pytest.raises(InputError) as caught:
        read_trace(written(folder, text))
    return [(fault.line, f"{fault.path} {fault.message}".strip()) for fault in caught.value.faults]


def test_a_trace_is_the_column_of_its_name(tmp_path: Path) -> None:
    path = written(tmp_path, "user,timestamp_s\na,0\nb,0.5\nc,0.5\nd,1e1\n")
    assert read_trace(path).times_s.tolist() == [0, 0.5, 0.5, 10]


def test_a_byte_order_mark_and_spaces_do_no_harm(tmp_path: Path) -> None:
    assert read_trace(written(tmp_path, "\ufefftimestamp_s\n 1 \n")).times_s.tolist() == [1]


def test_a_scale_is_a_factor_on_the_rate() -> None:
    trace = Trace(process="trace", file=TraceFile("t.csv", np.array([0.0, 1.0, 3.0])), scale=2)
    assert trace.times_ns().tolist() == [0, 500_000_000, 1_500_000_000]
    assert trace.offered_per_s(1.0) == 2


def test_times_are_spread_within_their_resolution() -> None:
    """Whole seconds at twice the speed: anywhere within half a second, in order, otherwise for every stream."""
    trace = Trace(process="trace", file=TraceFile("t.csv", np.array([0.0, 0, 0, 7, 7])), scale=2, resolution=10**9)
    sent, again, other = (trace.sent_ns(Stream.named(1, 0, name)) for name in ("a", "a", "b"))
    assert sent.tolist() == again.tolist() != other.tolist()
    assert (np.diff(sent) > 0).all()
    assert ((sent - trace.times_ns()) >= 0).all()
    assert ((sent - trace.times_ns()) < 5e8).all()
    assert trace.offered_per_s(0.25) == pytest.approx(1.5 / 0.25)


def test_spread_arrivals_are_poisson_within_a_step() -> None:
    """20 requests in each of 500 seconds: gaps of mean 1/20 s and as varied as they are long, counts as recorded."""
    trace = Trace(process="trace", file=TraceFile("t.csv", np.repeat(np.arange(500.0), 20)), resolution=10**9)
    sent = trace.sent_ns(Stream.named(1, 0, "arrivals")) / 1e9
    gaps = np.diff(sent)
    assert np.bincount(sent.astype(int)).tolist() == [20] * 500
    assert gaps.mean() == pytest.approx(0.05, rel=0.01)
    assert gaps.std() == pytest.approx(0.05, rel=0.1)


@pytest.mark.parametrize("resolution", [None, 0])
def test_times_without_a_resolution_are_sent_as_recorded(resolution: int | None) -> None:
    trace = Trace(process="trace", file=TraceFile("t.csv", np.array([0.0, 0, 1])), resolution=resolution)
    assert trace.sent_ns(Stream.named(1, 0, "a")).tolist() == trace.times_ns().tolist() == [0, 0, 10**9]


@pytest.mark.parametrize(
    ("times_s", "step_s"),
    [
        ([0, 0, 1, 1, 4], 1),
        ([0.25, 0.25, 1.25, 3.25, 3.25], 1),
        ([0, 0, 0.1, 0.7, 0.7], 0.1),
        ([0, 60, 60, 180, 600, 660], 60),
        ([0, 0, 300, 600, 900, 900], 300),
        ([86400.007, 86400.007, 86400.012, 86400.013], 0.001),
        ([0, 0, 0.1234567, 0.7], None),
        ([0, 1, 2, 3, 4, 5], None),
        ([0, 0, 0, 5, 5, 5], None),
        ([0, 0, 0], None),
    ],
)
def test_the_step_of_recorded_times_shows(times_s: list[float], step_s: float | None) -> None:
    assert recorded_in_s(np.array(times_s, dtype=np.float64)) == step_s


@pytest.mark.parametrize("scale", [1e-12, 1e-300, 5e-324])
def test_an_absurd_scale_moves_requests_beyond_all_horizons(scale: float) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        times = Trace(process="trace", file=TraceFile("t.csv", np.array([0.0, 1e7])), scale=scale).times_ns()
    assert times[0] == 0
    assert times[1] > 3660 * 86_400 * 10**9


def test_a_trace_that_runs_backwards_says_where(tmp_path: Path) -> None:
    assert faults(tmp_path, "timestamp_s\n1\n3\n2\n5\n4.5\n") == [
        (4, "timestamp_s runs backwards: 2 after 3.0"),
        (6, "timestamp_s runs backwards: 4.5 after 5.0"),
    ]


def test_each_wrong_time_is_told_with_its_line(tmp_path: Path) -> None:
    found = faults(tmp_path, "timestamp_s\n0\nnan\ninf\n-1\nsoon\n\n1e9\n0x10\n")
    assert found == [
        (line, f"timestamp_s expected seconds from 0 to 31622400, got '{text}'")
        for line, text in [(3, "nan"), (4, "inf"), (5, "-1"), (6, "soon"), (7, ""), (8, "1e9"), (9, "0x10")]
    ]


def test_only_the_first_wrong_times_are_told(tmp_path: Path) -> None:
    assert len(faults(tmp_path, "timestamp_s\n" + "x\n" * 1000)) == 10


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is not a CSV table"),
        ("timestamp_s\n", "timestamp_s has no rows"),
        ("time\n1\n", "timestamp_s no such column; found time"),
        ("timestamps\n1\n", "did you mean timestamps?"),
        ("timestamp_s;user\n1;a\n", "separated by semicolons"),
        ("timestamp_s\n0,5\n1,25\n", "has rows with more fields than its header"),
        ("timestamp_s\n0\n1,25\n", "has rows with more fields than its header: 2 instead of 1"),
        ('timestamp_s\n"0\n1\n', "is not a CSV table"),
        (b"timestamp_s\n\xff\xfe\n", "is not a CSV table"),
        (b"\x00" * 3_000_000, "line of more than 1 MiB"),
    ],
)
def test_what_is_no_table_of_times_is_refused(tmp_path: Path, text: str | bytes, words: str) -> None:
    [(_, found)] = faults(tmp_path, text)
    assert words in found


@pytest.mark.parametrize("name", ["absent.csv", ".", "a" * 300, "a\0b"])
def test_what_is_no_file_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=r"no such file|cannot be read|is a folder"):
        read_trace(tmp_path / name)


def test_a_file_of_a_gigabyte_without_lines_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "huge.csv"
    with path.open("wb") as stream:
        stream.truncate(2**30)
    started = time.process_time()
    with pytest.raises(InputError, match="line of more than 1 MiB"):
        read_trace(path)
    assert time.process_time() - started < 1


def test_a_trace_of_several_pieces_is_one_trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("capsim.documents.table.ROWS", 3)
    path = written(tmp_path, "timestamp_s\n" + "\n".join(map(str, range(10))))
    assert read_trace(path).times_s.tolist() == list(range(10))
    assert faults(tmp_path, "timestamp_s\n0\n1\n2\n1.5\n9\n") == [(5, "timestamp_s runs backwards: 1.5 after 2.0")]


@pytest.mark.parametrize(
    ("text", "seconds", "read_as"),
    [
        ("timestamp_s\n1795799717.25\n1795799718\n", [0, 0.75], "Unix times in s"),
        ("timestamp_s\n1795799717250\n1795799718000\n", [0, 0.75], "Unix times in ms"),
        (
            "TIMESTAMP,tokens\n2023-11-16 18:17:03.9799600,5\n2023-11-16 18:17:04.0319600,6\n",
            [0, 0.052],
            "without a time",
        ),
        ("Timestamp\n2023-11-16T18:17:03Z\n2023-11-16T20:17:04+02:00\n", [0, 1], "ISO 8601 times"),
        ("timestamp_ms\n1000\n2500\n", [0, 1.5], "in ms"),
        ("timestamp_ns\n1795799717250000000\n1795799717250000500\n", [0, 5e-7], "in ns"),
    ],
)
def test_times_of_other_kinds_count_from_the_first(
    tmp_path: Path, text: str, seconds: list[float], read_as: str
) -> None:
    found = read_trace(written(tmp_path, text))
    assert found.times_s.tolist() == pytest.approx(seconds, abs=1e-6)
    assert read_as in found.read_as


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (
            "timestamp_s\n2026-01-01T00:00:00Z\n2026-01-01T00:00:02Z\n2026-01-01T00:00:01Z\n",
            4,
            "before the last; sort it",
        ),
        ("timestamp_s\n2026-01-01T00:00:00Z\n2026-01-01T00:00:01Z\n5\n", 4, "expected ISO 8601 times as in the other"),
        ("timestamp_s\n2026-01-01T00:00:00Z\n2026-01-01T00:00:01Z\n2026-01-01T00:00:02\n", 4, "ISO 8601 times as in"),
        ("timestamp_s\n1795799717250\n1795799717251\nlater\n", 4, "Unix times in ms"),
        ("timestamp_s\n1795799717\n1795799718\n1995799718\n", 4, "days after the first, 2026-11-27"),
        ("timestamp_ms,timestamp\n0,0\n", 1, "several that may be meant: timestamp_ms, timestamp"),
        ("when_s\n0\n", 1, "no such column"),
    ],
)
def test_faults_of_times_of_other_kinds(tmp_path: Path, text: str, line: int, said: str) -> None:
    [(at, message)] = faults(tmp_path, text)
    assert at == line
    assert said in message


def test_what_is_doubtful_about_a_trace_is_said(tmp_path: Path) -> None:
    def codes(text: str) -> list[str]:
        return [doubt.code for doubt in read_trace(written(tmp_path, text)).doubts]

    assert codes("timestamp\n0\n0.5\n1\n") == ["trace_unit_assumed"]
    assert codes("timestamp_s\n0\n0.5\n1\n") == []
    busy = [f"{i / 10}\n" for i in range(500)]
    night = [f"{i / 10 + 1000}\n" for i in range(500)]
    assert codes("timestamp_s\n" + "".join(busy)) == []
    assert codes("timestamp_s\n" + "".join(busy + night)) == ["trace_gap"]
    assert "before line 502" in read_trace(tmp_path / "trace.csv").doubts[0].message
    assert codes("timestamp_s\n" + "".join(night)) == ["trace_gap"]
