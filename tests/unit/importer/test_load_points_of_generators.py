"""hey, wrk, wrk2, vegeta, k6 and Locust: which load they put on a server, and what their numbers are of.

`hey.csv`, `hey.txt`, `wrk.txt`, `locust_stats.csv` and `locust_stats_history.csv` were written by hey 0.1.4, wrk 4.1.0
and Locust 2.47 against a small server; the others are in the form that each tool documents, with numbers made up.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from imports import SAMPLES, changed
from load_tests import load_faults, points, read, told

RATE = "http_reqs.rate"
LEVELS = ("mean_ms", "p50_ms", "p90_ms", "p95_ms", "p99_ms")


def written(folder: Path, name: str, lines: list[str]) -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n")
    return path


def test_hey_needs_to_be_told_its_clients() -> None:
    [(_, option, message)] = load_faults("hey.txt")
    assert option == "--clients"
    assert "does not say with how many clients (-c)" in message
    found = read("hey.txt", clients=8)
    [(load, clients, measured)] = points(found)
    assert (load, clients, found.loop) == ("clients", 8, "closed")
    assert measured["throughput_per_s"] == pytest.approx(442.6475 * 290 / 296)
    assert [measured[name] for name in LEVELS] == pytest.approx([17.8, 17.5, 18.4, 21.4, 25.7])
    assert told(found) == {"failed_requests"}
    assert "6 of 296" in found.warnings[0].message
    assert points(read("hey.txt", rate_per_s=440.0))[0][:2] == ("rate_per_s", 440)


def test_rows_of_hey_tell_how_many_were_under_way() -> None:
    found = read("hey.csv")
    [(load, clients, measured)] = points(found)
    assert (load, clients, found.loop) == ("clients", 4, "closed")
    latencies = np.loadtxt(SAMPLES / "hey.csv", delimiter=",", skiprows=1, usecols=0) * 1e3
    assert measured["mean_ms"] == pytest.approx(latencies.mean())
    assert measured["p99_ms"] == pytest.approx(np.quantile(latencies, 0.99))
    assert 0.9 < measured["throughput_per_s"] * measured["mean_ms"] / 1e3 / 4 <= 1
    assert "clients: 4, as many requests as were under way at once" in found.notes


def test_hey_that_kept_to_a_rate_is_asked_about(tmp_path: Path) -> None:
    header = "response-time,DNS+dialup,DNS,Request-write,Response-delay,Response-read,status-code,offset"
    rows = [f"0.0100,0,0,0,0.0099,0,200,{i // 4 * 0.1:.4f}" for i in range(400)]
    path = written(tmp_path, "q.csv", [header, *rows])
    [(_, option, message)] = load_faults(path)
    assert option == "--clients"
    assert "as if -q kept to a rate" in message
    assert points(read(path, rate_per_s=40))[0][:2] == ("rate_per_s", 40)


def test_wrk_is_a_closed_loop_of_its_connections() -> None:
    found = read("wrk.txt")
    assert (found.tool, found.loop) == ("wrk", "closed")
    [(load, clients, measured)] = points(found)
    assert (load, clients) == ("clients", 8)
    expected = {"throughput_per_s": 416.89, "mean_ms": 19.05, "p50_ms": 17.61, "p90_ms": 23.76, "p99_ms": 28.85}
    assert measured == pytest.approx(expected)


def test_several_runs_of_wrk_are_several_points(tmp_path: Path) -> None:
    text = (SAMPLES / "wrk.txt").read_text()
    other = text.replace("8 connections", "16 connections").replace("19.05ms", "1.02s").replace("28.85ms", "1.50m")
    failing = other.replace("Requests/sec", "  Non-2xx or 3xx responses: 84\nRequests/sec")
    found = read(written(tmp_path, "runs.txt", [text, failing]))
    assert [point.value for point in found.points] == [8, 16]
    assert found.points[1].measured["mean_ms"] == 1020
    assert found.points[1].measured["p99_ms"] == 90_000
    assert found.points[1].measured["throughput_per_s"] == pytest.approx(416.89 * 0.9)
    assert told(found) == {"failed_requests"}
    [(_, _, message)] = load_faults(written(tmp_path, "both.txt", [text, (SAMPLES / "wrk2.txt").read_text()]))
    assert "runs of wrk and of wrk2" in message


def test_wrk_without_latency_has_no_percentiles(tmp_path: Path) -> None:
    lines = [line for line in (SAMPLES / "wrk.txt").read_text().splitlines() if "%" not in line or "Latency  " in line]
    found = read(written(tmp_path, "wrk.txt", lines))
    assert found.points[0].measured == {"throughput_per_s": 416.89, "mean_ms": 19.05}
    assert told(found) == {"no_percentiles"}


def test_wrk2_is_an_open_loop_at_a_constant_rate(tmp_path: Path) -> None:
    found = read("wrk2.txt")
    assert (found.tool, found.loop, found.gaps) == ("wrk2", "open", "constant")
    assert "when a request was due" in found.latency_holds
    [(load, rate, measured)] = points(found)
    assert (load, rate) == ("rate_per_s", 2000)  # from the command above the result
    assert [measured[name] for name in LEVELS] == [1.42, 1.36, 2.41, 2.655, 3.01]
    assert told(found) == set()
    silent = changed(tmp_path, "wrk2.txt", ("-R2000", ""))
    assert points(read(silent))[0][1] == 1995.2
    assert told(read(silent)) == {"offered_rate_unknown"}
    assert points(read(silent, rate_per_s=2100.0))[0][1] == 2100
    [(_, option, _)] = load_faults("wrk.txt", rate_per_s=5.0)
    assert option == "--rate"


def test_vegetas_reports(tmp_path: Path) -> None:
    found = read("vegeta_report.txt")
    assert (found.loop, found.gaps) == ("open", "constant")
    [(load, rate, measured)] = points(found)
    assert (load, rate) == ("rate_per_s", 200.10)
    assert measured["throughput_per_s"] == 199.05
    assert [measured[name] for name in LEVELS] == pytest.approx([51.28, 48.287, 82.74, 121.3, 1459])
    twice = written(tmp_path, "twice.txt", [(SAMPLES / "vegeta_report.txt").read_text()] * 2)
    assert len(read(twice).points) == 2
    of_json = read("vegeta_report.json")
    [(_, rate, measured)] = points(of_json)
    assert (rate, measured["throughput_per_s"]) == (10.204, 4.079)
    assert measured["p99_ms"] == pytest.approx(52.527)
    assert told(of_json) == {"failed_requests"}
    assert "no answer 30" in of_json.warnings[0].message
    assert points(read("vegeta_report.json", clients=3))[0][:2] == ("clients", 3)


def vegeta_rows(count: int) -> list[tuple[int, int, int]]:
    """Time (ns), status and latency (ns): ten a second, each taking a millisecond more than the one before."""
    return [(1795799717250000000 + i * 10**8, 200 if i else 0, (10 + i) * 10**6) for i in range(count)]


def test_vegetas_results_are_replayed(tmp_path: Path) -> None:
    rows = vegeta_rows(11)
    of_csv = written(
        tmp_path, "r.csv", [f"{at},{code},{ns},0,3,,eWVz,,{i},GET,http://x/p," for i, (at, code, ns) in enumerate(rows)]
    )
    stamps = [f"2026-11-27T17:15:{17.25 + i / 10:09.6f}+00:00" for i in range(11)]
    of_json = written(
        tmp_path,
        "r.json",
        [
            json.dumps({"attack": "", "seq": i, "code": code, "timestamp": stamps[i], "latency": ns, "method": "GET"})
            for i, (_, code, ns) in enumerate(rows)
        ],
    )
    for path in (of_csv, of_json):
        found = read(path)
        [(load, rate, measured)] = points(found)
        assert (load, found.loop) == ("rate_per_s", "replayed")
        assert rate == pytest.approx(10)
        assert measured["mean_ms"] == pytest.approx(15.5)  # without the first, which had no answer
        assert told(found) == {"failed_requests", "few_requests"}


def test_faults_of_vegetas_results(tmp_path: Path) -> None:
    good = "1795799717250000000,200,10000000,0,3,,eWVz,,0,GET,http://x/p,"
    for bad, said in (
        ("1795799717350000000,200,fast,0,3,,eWVz,,1,GET,http://x/p,", "a latency in ns"),
        ("1795799717350000000,200,1", "at least 9 fields"),
        ("soon,200,10000000,0,3,,eWVz,,1,GET,http://x/p,", "no time that can be read"),
        ("1795799717350000000,200,99999999999999999,0,3,,eWVz,,1,GET,http://x/p,", "at most an hour"),
    ):
        [(line, _, message)] = load_faults(written(tmp_path, "r.csv", [good, bad, good.replace("725", "745")]))
        assert line == 2
        assert said in message
    [(_, _, message)] = load_faults(written(tmp_path, "r.csv", [good, good.replace("/p", "/q")]))
    assert "2 targets; choose with --only" in message


def test_constant_vus_that_are_busy_are_a_closed_loop_in_k6s_summary(tmp_path: Path) -> None:
    found = read("k6_summary.json")
    [(load, clients, measured)] = points(found)
    assert (load, clients, found.loop) == ("clients", 20, "closed")
    expected = {"throughput_per_s": 76.8, "mean_ms": 10, "p50_ms": 9.4, "p90_ms": 12.6, "p95_ms": 14.5}
    assert measured == pytest.approx(expected)
    assert found.think_s == pytest.approx(0.2502)  # 260.2 ms an iteration, 10 ms of it a request
    assert any("--summary-trend-stats" in note for note in found.notes)
    summary = json.loads((SAMPLES / "k6_summary.json").read_text())
    wrapped = {name: {"type": "trend", "values": values} for name, values in summary["metrics"].items()}
    wrapped["http_req_failed"] = {"type": "rate", "values": {"rate": 0, "passes": 0, "fails": 4615}}
    path = written(tmp_path, "handled.json", [json.dumps({"metrics": wrapped, "state": {"testRunDurationMs": 60000}})])
    assert points(read(path)) == points(found)


def test_the_load_of_other_summaries_of_k6_is_asked_for(tmp_path: Path) -> None:
    constant = '"vus": {"value": 20, "min": 20'
    ramp = changed(tmp_path, "k6_summary.json", (constant, constant.replace("20", "1")))
    [(_, option, message)] = load_faults(ramp)
    assert option == "--clients"
    assert "1 to 20 VUs" in message
    assert told(read(ramp, clients=20)) == {"ramp_measured"}
    idle = changed(tmp_path, "k6_summary.json", ('"rate": 76.8', '"rate": 30.0'))
    assert "7.81 of them busy" in load_faults(idle)[0][2]
    found = read(idle, rate_per_s=30.0)
    assert points(found)[0][:2] == ("rate_per_s", 30)
    assert (found.loop, found.gaps, found.think_s) == ("open", "constant", None)


def test_failed_requests_of_k6_are_left_out_where_it_tells_the_others_apart(tmp_path: Path) -> None:
    failing = changed(
        tmp_path,
        "k6_summary.json",
        ('"passes": 0, "fails": 4615, "value": 0', '"passes": 923, "fails": 3692, "value": 0.2'),
        ('"avg": 10.0, "min"', '"avg": 30.0, "min"'),
    )
    found = read(failing)
    assert found.points[0].measured["mean_ms"] == 10
    assert found.points[0].measured["throughput_per_s"] == pytest.approx(76.8 * 0.8)
    assert told(found) == {"failed_requests"}


def k6_csv(folder: Path, users: list[tuple[int, int]], requests: list[tuple[float, float]], **other: float) -> Path:
    """Samples of k6: VUs at seconds, and requests by their end and latency (ms); each iteration is one request."""
    tags = ",,,,true,,GET,http://x/p,HTTP/1.1,default,,200,,,http://x/p,,"
    lines = ["metric_name,timestamp,metric_value,check,error,error_code,expected_response,group,method,name,proto,"]
    lines[0] += "scenario,service,status,subproto,tls_version,url,extra_tags,metadata"
    lines += [f"vus,{at},{count}.000000" + "," * 16 for at, count in users]
    none = "," * 16
    for end, ms in requests:
        lines += [f"http_req_duration,{end:.3f},{ms:.6f}{tags}", f"iteration_duration,{end:.3f},{ms:.6f}{none}"]
    lines += [f"{name},{users[0][0]},{value}" + "," * 16 for name, value in other.items()]
    return written(folder, "k6.csv", lines)


START = 1795799717


def test_samples_of_k6_with_constant_vus_are_a_closed_loop(tmp_path: Path) -> None:
    """Two VUs, each always with a request of 100 ms."""
    requests = [(START + 0.1 * (i // 2 + 1), 100.0) for i in range(200)]
    found = read(k6_csv(tmp_path, [(START + i, 2) for i in range(10)], requests))
    [(load, clients, measured)] = points(found)
    assert (load, clients, found.loop) == ("clients", 2, "closed")
    assert measured["throughput_per_s"] == pytest.approx(20)
    assert measured["p99_ms"] == 100
    assert found.think_s == pytest.approx(0)


def test_stages_of_k6_are_points_of_their_own(tmp_path: Path) -> None:
    """One VU for 20 s, then two VUs with requests twice as long."""
    first = [(START + 0.1 * (i + 1), 100.0) for i in range(200)]
    second = [(START + 20 + 0.2 * (i // 2 + 1), 200.0) for i in range(200)]
    users = [(START + i, 1 if i < 20 else 2) for i in range(40)]
    found = read(k6_csv(tmp_path, users, first + second))
    assert [(point.value, point.measured["p50_ms"]) for point in found.points] == [(1, 100), (2, 200)]
    assert [point.measured["throughput_per_s"] for point in found.points] == pytest.approx([10, 10], rel=0.02)


def test_an_arrival_rate_of_k6_is_replayed(tmp_path: Path) -> None:
    """Ten VUs stand by, and one request of 20 ms comes every 50 ms."""
    requests = [(START + 0.05 * i + 0.02, 20.0) for i in range(200)]
    found = read(k6_csv(tmp_path, [(START + i, 10) for i in range(10)], requests, dropped_iterations=7))
    assert (found.points[0].load, found.loop) == ("rate_per_s", "replayed")
    assert found.points[0].value == pytest.approx(20)
    assert told(found) == {"dropped_iterations"}
    sent = found.points[0].sent_s
    assert sent is not None
    assert sent[:3].tolist() == pytest.approx([0, 0.05, 0.1])


def test_vus_that_never_keep_still_are_said_to_be_replayed(tmp_path: Path) -> None:
    requests = [(START + i + 1.0, 1000.0) for i in range(10) for _ in range(i + 1)]
    found = read(k6_csv(tmp_path, [(START + i, i + 1) for i in range(10)], requests))
    assert "closed_loop_replayed" in told(found)


def test_samples_of_k6_in_json(tmp_path: Path) -> None:
    lines = [json.dumps({"type": "Metric", "data": {"name": "http_req_duration"}, "metric": "http_req_duration"})]
    for i in range(100):
        tags = {"expected_response": "true" if i else "false", "method": "GET", "name": "/p", "status": "200"}
        for metric in ("http_req_duration", "iteration_duration"):
            time = f"2026-07-13T17:32:{10 + i // 10:02}.{i % 10}00000001+02:00"
            sample = {"time": time, "value": 100.0, "tags": tags}
            lines.append(json.dumps({"metric": metric, "type": "Point", "data": sample}))
        lines.append(json.dumps({"metric": "vus", "type": "Point", "data": {"time": time, "value": 1}}))
    path = written(tmp_path, "k6.json", lines)
    found = read(path)
    assert points(found)[0][:2] == ("clients", 1)
    assert found.format == "k6-json"
    bad = '{"metric":"http_req_duration","type":"Point","data":{"value":"x"}}\n{"metric"\n'
    path.write_text(path.read_text() + bad)
    [(line, _, message)] = load_faults(path)
    assert line == len(lines) + 2
    assert "expected a JSON object" in message


def test_faults_of_k6s_samples(tmp_path: Path) -> None:
    path = k6_csv(tmp_path, [(START, 1)], [(START + 1.0, 100.0), (START + 2.0, 100.0)])
    good = path.read_text()
    path.write_text(
        good.replace("http_req_duration,1795799718.000,100.000000", "http_req_duration,1795799718.000,fast")
    )
    [(line, column, message)] = load_faults(path)
    assert (line, column) == (3, "metric_value")
    assert "fast" in message
    path.write_text(good.replace("http_req_duration,1795799719.000", "http_req_duration,never"))
    assert "no time that can be read" in load_faults(path)[0][2]
    path.write_text(good.replace("http_req_duration", "ws_connecting"))
    assert "no HTTP requests" in load_faults(path)[0][2]
    path.write_text(good + good.splitlines()[2].replace("GET", "POST") + "\n")
    assert "'GET http://x/p', 'POST http://x/p'" in load_faults(path)[0][2]


def test_locusts_statistics_ask_for_users_and_the_kind_of_request() -> None:
    [(_, _, message)] = load_faults("locust_stats.csv", clients=8)
    assert "'GET /health', 'GET /predict'" in message
    [(_, option, message)] = load_faults("locust_stats.csv", only="GET /predict")
    assert option == "--clients"
    assert "how many users" in message
    found = read("locust_stats.csv", only="GET /predict", clients=8)
    [(load, clients, measured)] = points(found)
    assert (load, clients) == ("clients", 8)
    assert measured["throughput_per_s"] == pytest.approx(99.69525 - 1.794515, rel=1e-6)
    assert [measured[name] for name in LEVELS] == pytest.approx([19.04165652400319, 17, 25, 33, 61])
    assert told(found) == {"failed_requests", "mixed_requests"}
    together = read("locust_stats.csv", only="Aggregated", clients=8)
    assert together.points[0].measured["p99_ms"] == 60
    assert together.think_s == pytest.approx(8 / 109.26599 - 0.0178477, rel=1e-4)


def test_each_number_of_users_that_kept_still_is_a_point_of_locusts_history() -> None:
    """4 and then 8 users who paused 20 ms; throughput and mean from the totals at both ends."""
    found = read("locust_stats_history.csv")
    assert [point.value for point in found.points] == [4, 8]
    low, high = (point.measured for point in found.points)
    assert low["throughput_per_s"] == pytest.approx(117.75, rel=0.01)
    assert high["throughput_per_s"] == pytest.approx(222.9, rel=0.01)
    assert low["mean_ms"] == pytest.approx(11.67, rel=0.01)
    assert (low["p99_ms"], high["p99_ms"]) == (18, 25.5)
    assert found.think_s == pytest.approx(0.0223, rel=0.02)
    assert found.notes[0].startswith("clients: users whose number kept still: 4 from ")


def test_a_history_without_a_while_of_one_load_is_refused(tmp_path: Path) -> None:
    lines = (SAMPLES / "locust_stats_history.csv").read_text().splitlines()
    [(_, column, message)] = load_faults(written(tmp_path, "h.csv", lines[:12]))
    assert column == "User Count"
    assert "has no 20 s" in message


@pytest.mark.parametrize(
    ("sample", "change", "line", "path", "said"),
    [
        ("hey.txt", ("Average:\t0.0178", "Average:\tfast"), 6, "Average", "'fast'"),
        ("hey.txt", ("Requests/sec:\t442.6475", "Requests:"), None, "", "of no known format"),
        ("hey.txt", ("  Total data:", "  Average:\t1 secs\n  Total data:"), 9, "Average", "stands twice"),
        ("hey.csv", ("status-code,", "code,"), 1, "", "needs either clients"),
        ("hey.csv", ("\n0.", "\n-0."), 2, "response-time", "seconds from 0"),
        ("wrk.txt", ("19.05ms", "-nanus"), 4, "mean_ms", "'-nanus'"),
        ("wrk.txt", ("and 8 connections", "and no connections"), 1, "connections", "got 'nothing'"),
        ("wrk.txt", ("Requests/sec:    416.89", ""), 1, "throughput_per_s", "got 'nothing'"),
        ("wrk.txt", ("23.76ms", "13.76ms"), 1, "p90_ms", "less than p50_ms"),
        ("vegeta_report.txt", ("48.287ms", "soon"), 3, "latency 50", "'soon'"),
        ("vegeta_report.txt", (", 1m2.5s", ""), 3, "Latencies", "expected min, mean"),
        ("vegeta_report.txt", ("200.10", "many"), 1, "rate", "'many'"),
        ("vegeta_report.json", ('"mean":3627400', '"mean":null'), None, "latencies.mean", "got nothing"),
        ("vegeta_report.json", ('"rate":10.2', '"rate":-10.2'), None, "rate", "above 0"),
        ("vegeta_report.json", ('{"latencies', '{{"latencies'), 1, "", "not valid JSON"),
        (
            "k6_summary.json",
            ('"rate": 76.8},\n        "iteration_', '"rate": null},\n        "iteration_'),
            None,
            "http_reqs.rate",
            "above 0",
        ),
        ("k6_summary.json", ('"http_req_duration": {', '"latency": {'), None, "metrics.http_req_duration", "missing"),
        (
            "k6_summary.json",
            ('"avg": 10.0, "min"', '"avg": 9e9, "min"'),
            None,
            "metrics.http_req_duration.avg",
            "9e+09",
        ),
        ("locust_stats.csv", ("99.69525033388595,1.79", "99.69525033388595,100.79"), 3, "Failures/s", "leaves no"),
        ("locust_stats.csv", ("Failures/s", "Fails"), None, "", "no header with"),
        ("locust_stats.csv", ("19.04165652400319", "slow"), 3, "Average Response Time", "'slow'"),
        ("locust_stats_history.csv", ("Total Average Response Time", "Mean"), None, "", "no header with"),
    ],
)
def test_faults(tmp_path: Path, sample: str, change: tuple[str, str], line: int | None, path: str, said: str) -> None:
    given: dict[str, Any] = {"clients": 8} if sample in {"hey.txt", "locust_stats.csv"} else {}
    given |= {"only": "GET /predict"} if sample == "locust_stats.csv" else {}
    if sample == "hey.txt" and "known format" in said:
        given = {}
    found = load_faults(changed(tmp_path, sample, change), **given)
    assert any(at == line and where == path and said in message for at, where, message in found), found


def jtl(folder: Path, threads: list[int], latency_ms: int = 100) -> Path:
    """Each thread sends a request every 100 ms, which takes so long; every fiftieth fails."""
    lines = ["timeStamp,elapsed,label,responseCode,responseMessage,threadName,success,bytes,grpThreads,allThreads"]
    for i, count in enumerate(threads):
        fine = "false" if i % 50 == 49 else "true"
        lines += [f"{START * 1000 + 100 * i},{latency_ms},score,200,OK,t,{fine},10,{count},{count}"] * count
    return written(folder, "results.jtl", lines)


def test_threads_of_jmeter_that_kept_still_are_a_closed_loop(tmp_path: Path) -> None:
    found = read(jtl(tmp_path, [1] * 150 + [3] * 150))
    assert (found.format, found.loop) == ("jtl", "closed")
    assert [point.value for point in found.points] == [1, 3]
    assert [point.measured["throughput_per_s"] for point in found.points] == pytest.approx([9.8, 29.4], rel=0.01)
    assert found.points[1].measured["p99_ms"] == 100
    assert told(found) == {"failed_requests"}
    assert points(read(jtl(tmp_path, [2] * 50), clients=2))[0][:2] == ("clients", 2)


def test_threads_of_jmeter_that_ramp_are_said_to_be_replayed(tmp_path: Path) -> None:
    found = read(jtl(tmp_path, list(range(1, 40))))
    assert found.loop == "replayed"
    assert "closed_loop_replayed" in told(found)


@pytest.mark.parametrize(
    ("change", "line", "said"),
    [
        (("timeStamp,elapsed,label", "timeStamp,elapsed,name"), 1, "no such column"),
        ((",100,score,", ",fast,score,"), 2, "ms from 0, got 'fast'"),
        (
            (",score,200,OK,t,true,10,1,1\n1795799717100", ",other,200,OK,t,true,10,1,1\n1795799717100"),
            None,
            "2 labels",
        ),
        (("1795799717100,", "soon,"), 3, "no time that can be read"),
    ],
)
def test_faults_of_jmeter(tmp_path: Path, change: tuple[str, str], line: int | None, said: str) -> None:
    path = jtl(tmp_path, [1] * 120)
    text = path.read_text()
    assert change[0] in text
    path.write_text(text.replace(*change, 1))
    found = load_faults(path)
    assert (found[0][0], said in found[0][2]) == (line, True), found


def test_digits_of_other_scripts_are_no_status(tmp_path: Path) -> None:
    """Python calls a superscript two a digit, and makes no number of it."""
    good = "1795799717250000000,200,10000000,0,3,,eWVz,,0,GET,http://x/p,"
    path = written(tmp_path, "r.csv", [good, good.replace(",200,", ",²,")])
    assert load_faults(path)[0][0] == 2
    assert "none of 48 requests completed" in load_faults(changed(tmp_path, "hey.csv", (",200,", ",²,")))[0][2]


def test_reports_of_early_releases_of_vegeta(tmp_path: Path) -> None:
    lines = [
        "Requests\t[total, rate]\t\t\t1200, 120.00",
        "Duration\t[total, attack, wait]\t\t10.09s, 9.95s, 145.08ms",
        "Latencies\t[mean, 50, 95, 99, max]\t\t113.2ms, 108.3ms, 140.2ms, 247.8ms, 264.8ms",
        "Success\t\t[ratio]\t\t\t\t50.00%",
        "Status Codes\t[code:count]\t\t\t0:600  200:600",
    ]
    found = read(written(tmp_path, "early.txt", lines))
    [(load, rate, measured)] = points(found)
    assert (found.format, load, rate) == ("vegeta-report", "rate_per_s", 120)
    latencies = {"mean_ms": 113.2, "p50_ms": 108.3, "p95_ms": 140.2, "p99_ms": 247.8}
    assert measured == pytest.approx({"throughput_per_s": 60, **latencies})
    assert told(found) == {"failed_requests"}


def test_wrk2_without_its_distribution_is_told_by_its_calibration(tmp_path: Path) -> None:
    lines = [
        "Running 30s test @ http://127.0.0.1:80/",
        "  2 threads and 100 connections",
        "  Thread calibration: mean lat.: 9747 usec, rate sampling interval: 21 msec",
        "  Thread Stats   Avg      Stdev     Max   +/- Stdev",
        "    Latency     6.46ms    1.93ms  12.34ms   67.66%",
        "    Req/Sec     1.05k     1.12k    2.50k    64.84%",
        "  60017 requests in 30.01s, 19.81MB read",
        "Requests/sec:   2000.15",
        "Transfer/sec:    676.14KB",
    ]
    found = read(written(tmp_path, "wrk2.txt", lines))
    assert (found.tool, found.loop) == ("wrk2", "open")
    [(_, rate, measured)] = points(found)
    assert rate == pytest.approx(2000, rel=1e-3)
    assert measured == {"throughput_per_s": 2000.15, "mean_ms": 6.46}


def test_what_k6_prints_for_people_is_not_read_but_known(tmp_path: Path) -> None:
    lines = [
        "checks.........................: 50.00% 45 out of 90",
        "http_req_duration..............: avg=144.56ms min=104.11ms med=110.47ms max=1.14s p(90)=203.54ms",
        "http_reqs......................: 180 4.36938/s",
    ]
    [(_, _, message)] = load_faults(written(tmp_path, "k6.txt", lines))
    assert "--summary-export=FILE" in message
