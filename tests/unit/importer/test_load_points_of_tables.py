"""Tables whose columns are named on the command line, and capsim's own request log with times of any kind."""

from __future__ import annotations

from pathlib import Path

import pytest
from imports import table
from load_tests import load_faults, points, read, told

OURS = ("users,rps,avg [us],p99 latency (us)", "1,100,10000,12000", "8,400,20000,")


def test_a_row_for_each_load(tmp_path: Path) -> None:
    path = table(tmp_path, OURS)
    column = ("clients=users", "throughput_per_s=rps", "mean=avg [us]", "p99=p99 latency (us)")
    found = read(path, column=column)
    assert points(found) == [
        ("clients", 1, {"throughput_per_s": 100, "mean_ms": 10, "p99_ms": 12}),
        ("clients", 8, {"throughput_per_s": 400, "mean_ms": 20}),
    ]
    assert (found.format, found.loop) == ("table", "closed")


def test_the_unit_is_asked_for_where_no_name_says_it(tmp_path: Path) -> None:
    path = table(tmp_path, ("rate,p99", "10,0.012"))
    [(_, option, message)] = load_faults(path, column=("rate_per_s=rate", "p99=p99"))
    assert option == "--unit"
    assert "in s, ms, us or ns" in message
    assert points(read(path, column=("rate_per_s=rate", "p99=p99"), unit="s")) == [("rate_per_s", 10, {"p99_ms": 12})]


def test_a_row_for_each_request_with_unix_times(tmp_path: Path) -> None:
    start = 1795799717250
    rows = [f"{start + 100 * i},{10 + i},{200 if i else 503},a" for i in range(11)]
    path = table(tmp_path, ("when,took_ms,status,path", *rows))
    column = ("sent=when", "latency=took_ms", "outcome=status")
    found = read(path, column=column)
    [(load, rate, measured)] = points(found)
    assert load == "rate_per_s"
    assert rate == pytest.approx(10)
    assert measured["mean_ms"] == 15.5  # without the first, which failed
    assert found.notes == [
        "sent: Unix times in ms, counted from the first, 2026-11-27T17:15:17.250Z",
        "latency in ms",
    ]
    assert told(found) == {"failed_requests", "few_requests"}
    closed = read(path, column=column, clients=4)
    assert points(closed)[0][:2] == ("clients", 4)
    # 10 completed from 0 to 1.02 s
    assert points(closed)[0][2]["throughput_per_s"] == pytest.approx(10 / 1.020)


def test_when_a_request_ended_says_when_it_was_sent(tmp_path: Path) -> None:
    path = table(tmp_path, ("end,took_ms", "10.5,500", "10.2,100", "12,1000"))
    found = read(path, column=("ended=end", "latency=took_ms"))
    sent = found.points[0].sent_s
    assert sent is not None
    assert sent.tolist() == pytest.approx([0, 0.1, 1])


def test_names_are_chosen(tmp_path: Path) -> None:
    path = table(tmp_path, ("at,ms,op", "0,5,read", "1,6,write", "2,7,read"))
    column = ("sent=at", "latency=ms", "name=op")
    [(_, _, message)] = load_faults(path, column=column)
    assert "has 2 names; choose with --only" in message
    assert "'read', 'write'" in message
    assert points(read(path, column=column, only="read"))[0][2]["mean_ms"] == 6


@pytest.mark.parametrize(
    ("column", "path", "said"),
    [
        (("client=users",), "--column", "did you mean clients?"),
        (("clients",), "--column", "expected NAME=COLUMN"),
        (("clients=user", "mean=avg [us]"), "user", "did you mean users?"),
        (("clients=users",), "--column", "nothing that was measured"),
        (("mean=avg [us]",), "--column", "clients=… or rate_per_s=…"),
        (("clients=users", "rate_per_s=rps", "mean=avg [us]"), "--column", "only one of them"),
        (("sent=users", "mean=avg [us]"), "--column", "name latency too"),
        (("latency=avg [us]",), "--column", "sent or ended"),
        (("clients=users", "sent=rps", "latency=avg [us]"), "--column", "either latency"),
        (("clients=users", "mean=users"), "users", "twice"),
        (("clients=avg [us]", "clients=users"), "--column", "clients is given twice"),
    ],
)
def test_faults_of_naming(tmp_path: Path, column: tuple[str, ...], path: str, said: str) -> None:
    found = load_faults(table(tmp_path, OURS), column=column)
    assert any(where == path and said in message for _, where, message in found)


def test_faults_of_values_name_their_lines(tmp_path: Path) -> None:
    path = table(tmp_path, ("users,avg [us]", "1,10", "1.5,fast", "2,-3"))
    found = load_faults(path, column=("clients=users", "mean=avg [us]"))
    assert [(line, where) for line, where, _ in found] == [(3, "avg [us]"), (4, "avg [us]")]
    mixed = table(tmp_path, ("clients,p50_us,p99_us", "1,30,20"))
    [(line, where, message)] = load_faults(mixed, column=("clients=clients", "p50=p50_us", "p99=p99_us"))
    assert (line, where) == (2, "p99_ms")
    assert "less than p50_ms" in message


def test_our_request_log_takes_times_of_any_kind(tmp_path: Path) -> None:
    texts = {
        "seconds": ["0", "1", "3"],
        "Unix times in ms": ["1795799717250", "1795799718250", "1795799720250"],
        "ISO 8601 times": ["2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z", "2026-01-01T00:00:03Z"],
    }
    for words, times in texts.items():
        path = table(tmp_path, ("sent_s,latency_ms", *(f"{time},5" for time in times)))
        found = read(path)
        assert found.points[0].sent_s is not None
        assert found.points[0].sent_s.tolist() == [0, 1, 3]
        assert all(words in note for note in found.notes)


def test_instants_that_lie_too_far_apart_are_a_fault_with_the_line(tmp_path: Path) -> None:
    for rows in (["0,5", "1e10,6"], ["1795799717250,5", "1795799718250,5", "0,5"], ["0,5", "1e9,5", "2e9,5", "3e9,5"]):
        [(line, _, message)] = load_faults(table(tmp_path, ("sent_s,latency_ms", *rows)))
        assert line is not None
        assert "a log may span 3660 days" in message


def test_times_in_whole_seconds_are_doubtful_and_spread(tmp_path: Path) -> None:
    path = table(tmp_path, ("sent_s,latency_ms", *(f"{second},5" for second in range(60) for _ in range(3))))
    found = read(path)
    assert told(found) == {"coarse_times"}
    assert found.points[0].resolution_s == 1
    fine = table(tmp_path, ("sent_s,latency_ms", *(f"{i * 0.317:.3f},5" for i in range(200))))
    assert told(read(fine)) == set()


def test_a_warm_up_that_is_in_the_log_is_said(tmp_path: Path) -> None:
    path = table(tmp_path, ("sent_s,latency_ms", *(f"{i * 0.317:.3f},{50 if i < 25 else 5}" for i in range(200))))
    assert told(read(path)) == {"warm_up_measured"}


def log(folder: Path, latencies: list[float], outcomes: list[str], gap_s: float = 0.1) -> Path:
    rows = [f"{i * gap_s:.3f},{ms},{how}" for i, (ms, how) in enumerate(zip(latencies, outcomes, strict=True))]
    return table(folder, ("sent_s,latency_ms,outcome", *rows))


def test_requests_that_failed_do_not_mean_that_a_load_was_not_borne(tmp_path: Path) -> None:
    """A tenth is turned away, and the others take no longer than before; two rows are no queue that grows."""
    outcomes = ["rejected" if i % 10 == 0 else "completed" for i in range(200)]
    assert read(log(tmp_path, [20.0] * 200, outcomes)).points[0].borne
    assert read(log(tmp_path, [20.0] * 2, ["completed"] * 2, 0.01)).points[0].borne


def test_a_queue_that_grows_is_a_load_that_was_not_borne(tmp_path: Path) -> None:
    """Every 100 ms a request of 200 ms of work: each waits 100 ms longer than the one before."""
    grown = [200.0 + 100 * i for i in range(200)]
    point = read(log(tmp_path, grown, ["completed"] * 200)).points[0]
    assert point.borne is False
    assert point.measured["throughput_per_s"] == pytest.approx(5, rel=0.03)
