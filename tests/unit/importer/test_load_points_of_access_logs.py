"""Access logs of nginx, Apache, Envoy and Istio: whose latency it is, when requests came, and what is only guessed.

`nginx.log` and `nginx.jsonl` were written by nginx 1.22.1 as a proxy of a small server.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from imports import SAMPLES, changed
from load_tests import load_faults, points, read, told

from capsim.importer.loads.access import iso_of, seconds_of, target_of

COMBINED = '127.0.0.1 - - [27/Nov/2026:17:15:{second:02} +0000] "GET {path} HTTP/1.1" {status} 3 "-" "curl/8"{rest}'
ENVOY = (
    '[2026-11-27T17:15:{second:06.3f}Z] "POST /v1/score?x=1 HTTP/2" {status} {middle}154 0 {ms} 100 "10.0.35.28" "curl"'
)
ENVOY += ' "cc21d9b0-cf5c-432b-8c7e-98aeb7988cd2" "locations" "tcp://10.0.2.1:80"'


def nginx(folder: Path, rests: list[str], status: int = 200, path: str = "/p?id=1") -> Path:
    """A line a second, with this behind the combined format."""
    file = folder / "access.log"
    lines = [COMBINED.format(second=i, path=path, status=status, rest=rest) for i, rest in enumerate(rests)]
    file.write_text("\n".join(lines) + "\n")
    return file


def envoy(folder: Path, middle: str, durations: list[str], status: int = 200) -> Path:
    """A line for each duration, half a second apart."""
    file = folder / "envoy.log"
    lines = [
        ENVOY.format(second=i / 2, status=status, middle=middle, ms=duration) for i, duration in enumerate(durations)
    ]
    file.write_text("\n".join(lines) + "\n")
    return file


def test_named_times_of_nginx_are_replayed_from_the_end_of_requests() -> None:
    [(_, _, message)] = load_faults("nginx.log")
    assert "2 kinds of request; choose with --only" in message
    assert "'GET /flaky', 'GET /health'" in message
    found = read("nginx.log", only="GET /flaky")
    assert (found.loop, found.at_server) == ("replayed", True)
    assert found.latency_holds.startswith("at the server")
    [point] = found.points
    assert point.resolution_s == 1
    assert point.measured["p50_ms"] == 9
    assert {"coarse_times", "coarse_latencies"} <= told(found)
    assert any(note.startswith("left out: 5 of") for note in found.notes)


def test_json_of_nginx_has_its_time_to_the_millisecond() -> None:
    found = read("nginx.jsonl")
    [point] = found.points
    assert point.resolution_s == 0
    first, *_ = (SAMPLES / "nginx.jsonl").read_text().splitlines()
    assert json.loads(first)["request_time"] * 1e3 == 9
    assert point.measured["p50_ms"] == 9
    assert found.notes == ["ended: Unix times in s, counted from the first, 2026-11-27T17:15:17.759Z"]


def test_a_time_of_zero_is_half_of_what_the_log_resolves(tmp_path: Path) -> None:
    found = read(nginx(tmp_path, [" rt=0.000"] * 4))
    assert found.points[0].measured["mean_ms"] == 0.5


def test_the_time_of_the_whole_request_is_the_longer_one(tmp_path: Path) -> None:
    for order, upstream in (
        (" {0} {1}", "0.010"),
        (" {1} {0}", "0.010"),
        (" {0} {1}", "0.004, 0.006"),
        (" {0} {1}", "-"),
    ):
        found = read(nginx(tmp_path, [order.format("0.020", upstream)] * 5))
        assert found.points[0].measured["mean_ms"] == 20
        assert "latency_column_assumed" in told(found)
        assert found.latency_holds.startswith("at the server")
    found = read(nginx(tmp_path, [' urt="0.010, 0.020"'] * 5))
    assert found.points[0].measured["mean_ms"] == 30
    assert "from connecting to the upstream" in found.latency_holds


def test_a_log_format_says_which_field_is_which(tmp_path: Path) -> None:
    log_format = (
        '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" '
        '"$http_user_agent" $upstream_response_time $request_time $msec'
    )
    path = nginx(tmp_path, [f" 0.004, 0.006 0.020 {1795799717.25 + i:.3f}" for i in range(5)])
    found = read(path, log_format=log_format)
    assert found.points[0].measured["mean_ms"] == 20
    assert found.points[0].resolution_s == 0
    assert told(found) == {"few_requests"}
    for wrong, said in (
        ("$remote_addr $request_time", "has none of $msec"),
        ("$remote_addr [$time_local]", "has none of $request_time"),
        ("$time_local$request_time", "nothing between $time_local"),
    ):
        [(_, option, message)] = load_faults(path, log_format=wrong)
        assert option == "--log-format"
        assert said in message
    found_faults = load_faults(path, log_format=log_format.replace("- ", "+ "))
    assert "5 of 5 lines are no requests" in found_faults[0][2]
    assert found_faults[1][0] == 1


def test_whole_numbers_may_be_in_any_unit(tmp_path: Path) -> None:
    path = nginx(tmp_path, [" 20000"] * 5)
    [(_, option, message)] = load_faults(path)
    assert option == "--unit"
    assert "Apache's %D is in us" in message
    assert read(path, unit="us").points[0].measured["mean_ms"] == 20


@pytest.mark.parametrize(
    ("rests", "said"),
    [
        ([""] * 5, "has no latency"),
        ([" gone"] * 5, "has no latency"),
        ([" rt=0.010", " rt=-", " rt=9999.000"], "at most an hour"),
    ],
)
def test_faults_of_nginx(tmp_path: Path, rests: list[str], said: str) -> None:
    assert any(said in message for _, _, message in load_faults(nginx(tmp_path, rests)))


def test_lines_that_are_no_requests_are_few_or_a_fault(tmp_path: Path) -> None:
    path = nginx(tmp_path, [" rt=0.020"] * 20)
    path.write_text(path.read_text() + "cut sho")
    assert "left out: 1 lines that are no requests, such as line 21" in read(path).notes
    path.write_text(path.read_text() + "\nnoise" * 20)
    [(line, _, message), *others] = load_faults(path)
    assert line is None
    assert "21 of 41 lines" in message
    assert [at for at, _, _ in others][:2] == [21, 22]
    failing = nginx(tmp_path, [" rt=0.020"] * 20, status=502)
    assert "none of 20 requests completed (status 502 20)" in load_faults(failing)[0][2]


@pytest.mark.parametrize("middle", ["- ", '- via_upstream - "-" 0 '])
def test_envoy_and_istio_tell_the_start_and_whole_milliseconds(tmp_path: Path, middle: str) -> None:
    middle = middle.removesuffix("0 ") if middle.endswith("0 ") else middle
    found = read(envoy(tmp_path, middle, ["226", "0", "34", "40"]))
    [(load, rate, measured)] = points(found)
    assert (found.format, found.loop, found.at_server) == ("envoy", "replayed", True)
    assert (load, found.points[0].resolution_s) == ("rate_per_s", 0)
    assert rate == pytest.approx(2)
    assert measured["mean_ms"] == pytest.approx((226 + 0.5 + 34 + 40) / 4)
    assert found.notes == ["sent: ISO 8601 times, counted from the first, 2026-11-27T17:15:00.000Z"]


def test_faults_of_envoy(tmp_path: Path) -> None:
    [(line, path, message)] = load_faults(envoy(tmp_path, "- ", ["20", "slow", "20"]))
    assert (line, path) == (2, "DURATION")
    assert "'slow'" in message
    assert "none of 3 requests completed" in load_faults(envoy(tmp_path, "- ", ["20"] * 3, 503))[0][2]
    cut = envoy(tmp_path, "- ", ["20"] * 3)
    cut.write_text("\n".join(line[:60] for line in cut.read_text().splitlines()))
    assert "no request" in load_faults(cut)[0][2]


def test_json_of_envoy_is_in_milliseconds_from_the_start(tmp_path: Path) -> None:
    lines = [
        json.dumps(
            {
                "start_time": f"2026-11-27T17:15:{i:02}.250Z",
                "duration": 20 + i,
                "response_code": 200,
                "method": "GET",
                "path": f"/p?id={i}",
            }
        )
        for i in range(4)
    ]
    path = tmp_path / "envoy.jsonl"
    path.write_text("\n".join(lines))
    found = read(path)
    assert found.points[0].measured["mean_ms"] == 21.5
    assert found.format == "json-log"
    for bad, said in (
        ('{"start_time": "2026-11-27T17:15:09Z", "duration": "slow"}', "expected a time"),
        ('{"start_time": "2026-11-27T17:15:09Z"}', "has none of request_time"),
        ("[1]", "expected a JSON object"),
    ):
        path.write_text("\n".join([*lines, bad]))
        [(line, _, message)] = load_faults(path)
        assert line == 5
        assert said in message


def test_faults_of_nginx_in_json(tmp_path: Path) -> None:
    [(line, path, message)] = load_faults(
        changed(tmp_path, "nginx.jsonl", ('"status":200,"request_time":0.009', '"status":200,"request_time":"soon"'))
    )
    assert path == "request_time"
    assert "'soon'" in message
    assert line is not None


def test_parts_of_a_line() -> None:
    assert iso_of("05/Jan/2026:01:02:03 -0330") == "2026-01-05T01:02:03-03:30"
    assert iso_of("1795799717.759") == "1795799717.759"
    assert target_of("GET /a?b=c HTTP/1.1") == "GET /a"
    assert target_of("") == ""
    assert seconds_of("0.004, 0.006 : 0.010") == pytest.approx(0.020)
    assert seconds_of("-") is None
    assert seconds_of("x") is None
