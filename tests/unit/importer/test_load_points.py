from pathlib import Path

import pytest

from capsim.errors import InputError
from capsim.importer.loads.load_test import read_load_test


def written(folder: Path, text: str) -> Path:
    path = folder / "measured.csv"
    path.write_text(text)
    return path


def faults(folder: Path, text: str) -> str:
    with pytest.raises(InputError) as caught:
        read_load_test(written(folder, text))
    return str(caught.value)


def test_load_points_keep_what_was_measured_and_leave_out_what_was_not(tmp_path: Path) -> None:
    points = read_load_test(written(tmp_path, "clients,throughput_per_s,p99_ms\n1,100,12\n8,400,\n")).points
    assert [(point.load, point.value, point.measured) for point in points] == [
        ("clients", 1, {"throughput_per_s": 100, "p99_ms": 12}),
        ("clients", 8, {"throughput_per_s": 400}),
    ]
    assert [point.name for point in points] == ["1 clients", "8 clients"]


def test_where_the_mean_latency_went_is_kept_beside_it(tmp_path: Path) -> None:
    text = "clients,mean_ms,waiting_ms,service_ms\n1,12,0,11.5\n8,40,20,\n"
    points = read_load_test(written(tmp_path, text)).points
    assert [point.measured for point in points] == [{"mean_ms": 12}, {"mean_ms": 40}]
    assert [point.split for point in points] == [{"waiting_ms": 0, "service_ms": 11.5}, {"waiting_ms": 20}]
    too_much = faults(tmp_path, "clients,mean_ms,waiting_ms,service_ms\n1,12,8,11.5\n2,10,-1,5\n")
    assert "line   2  waiting_ms  waiting and service make 19.5 ms, more than the mean of 12" in too_much
    assert "expected milliseconds from 0, got '-1'" in too_much


def test_a_request_log_is_one_point_with_its_own_arrivals(tmp_path: Path) -> None:
    rows = "".join(f"{i / 10},{10 + i}\n" for i in range(11))
    (point,) = read_load_test(written(tmp_path, f"sent_s,latency_ms\n{rows}")).points
    assert point.sent_s is not None
    assert point.value == pytest.approx(10)
    assert point.measured["mean_ms"] == 15
    assert point.measured["p50_ms"] == 15
    assert point.measured["throughput_per_s"] == pytest.approx(10)


def test_requests_that_did_not_complete_have_no_latency(tmp_path: Path) -> None:
    text = "sent_s,latency_ms,outcome\n0,10,completed\n1,,rejected\n2,30,completed\n"
    (point,) = read_load_test(written(tmp_path, text)).points
    assert point.measured["mean_ms"] == 20


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("clients,p99_s\n1,0.1\n", "latencies are in ms"),
        ("clients,p98_ms\n1,10\n", "did you mean"),
        ("clients,rate_per_s,p99_ms\n1,2,3\n", "either clients or rate_per_s"),
        ("p99_ms\n3\n", "either clients or rate_per_s"),
        ("clients\n3\n", "at least one of throughput_per_s"),
        ("sent_s\n3\n", "latency_ms"),
        ("clients,p99_ms\n", "no rows"),
        ("clients,p99_ms\n1.5,3\n", "whole number"),
        ("clients,p99_ms\n1,fast\n", "'fast'"),
        ("clients,p99_ms\n1,-3\n", "above 0"),
        ("clients,p50_ms,p99_ms\n1,30,3\n", "less than p50_ms"),
        ("clients,p99_ms\n1,\n", "measures nothing"),
        ("clients;p99_ms\n1;3\n", "semicolons"),
        ("clients,p99_ms\n\n1,3\n", "line   2"),
        ("clients,p99_ms\n1,3,4\n", "more fields than its header"),
        ("sent_s,latency_ms\n1,2\n1,2\n", "at different times"),
    ],
)
def test_faults_say_what_was_expected(tmp_path: Path, text: str, said: str) -> None:
    assert said in faults(tmp_path, text)


def test_spaces_after_commas_and_blank_lines_at_the_end_are_no_faults(tmp_path: Path) -> None:
    (point,) = read_load_test(written(tmp_path, "clients, p99_ms\n1, 12\n\n\n")).points
    assert point.measured == {"p99_ms": 12}


def test_all_faults_come_at_once_with_their_lines(tmp_path: Path) -> None:
    told = faults(tmp_path, "clients,p99_ms\nmany,3\n2,-1\n")
    assert "line   2" in told
    assert "line   3" in told
