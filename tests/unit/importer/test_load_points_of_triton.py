"""perf_analyzer, Model Analyzer and LoadGen as load points, and the choice of one of several formats.

`metrics-request-rate.csv` and `metrics-multi-model.csv` are rows of golden files of
triton-inference-server/model_analyzer (Apache-2.0), `tests/common/request-rate-ckpt` and `multi-model-ckpt`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from imports import SAMPLES, changed
from load_tests import load_faults, points, read, told

from capsim.importer.loads.load_test import joined


def test_each_concurrency_of_perf_analyzer_is_a_closed_loop() -> None:
    found = read("perf_analyzer_b1.csv")
    assert (found.format, found.loop, found.at_server) == ("perf-analyzer", "closed", False)
    load, clients, measured = points(found)[1]
    assert (load, clients) == ("clients", 2)
    # 180 + 1306 + 3299 + 43 + 4720 + 5 + 28 µs: the parts of the mean.
    expected = {"throughput_per_s": 208.6, "mean_ms": 9.581, "p50_ms": 9.482, "p90_ms": 9.617, "p95_ms": 10.746}
    assert measured == pytest.approx({**expected, "p99_ms": 10.832})
    assert found.points[1].split == pytest.approx({"waiting_ms": 3.299, "service_ms": 4.768})
    assert [point.line for point in found.points] == [2, 3, 4, 5]
    assert told(found) == set()


def test_request_rates_of_perf_analyzer_are_an_open_loop_of_unknown_gaps(tmp_path: Path) -> None:
    found = read(changed(tmp_path, "perf_analyzer_b1.csv", ("Concurrency,", "Request Rate,"), ("\n2,", "\n150.5,")))
    assert (found.loop, found.gaps) == ("open", "unknown")
    assert points(found)[1][:2] == ("rate_per_s", 150.5)


def test_perf_analyzer_counts_items_and_capsim_requests() -> None:
    found = read("perf_analyzer_b8.csv", items_per_request=8)
    alone = read("perf_analyzer_b8.csv")
    assert found.points[0].measured["throughput_per_s"] * 8 == alone.points[0].measured["throughput_per_s"]
    assert found.notes == ["throughput: Inferences/Second over items_per_request 8"]


def test_what_perf_analyzer_prints_is_read_as_its_table_is(tmp_path: Path) -> None:
    found = read("perf_analyzer.txt")
    assert (found.format, found.loop, found.tool) == ("perf-analyzer-text", "closed", "Triton perf_analyzer")
    assert [(load, value) for load, value, _ in points(found)] == [("clients", 1), ("clients", 2)]
    expected = {"throughput_per_s": 88.9, "mean_ms": 22.49, "p50_ms": 22.31, "p90_ms": 24.13, "p95_ms": 25.02}
    assert points(found)[1][2] == pytest.approx({**expected, "p99_ms": 28.15})
    assert found.points[1].split == pytest.approx({"waiting_ms": 7.8, "service_ms": 12.466})
    assert [point.line for point in found.points] == [9, 25]
    assert read("perf_analyzer.txt", items_per_request=2).points[0].measured["throughput_per_s"] == 33.7
    # With --percentile there is no mean but that of the call.
    without = [("    Avg latency: 14810 usec (standard deviation 1210 usec)\n", "")]
    assert read(changed(tmp_path, "perf_analyzer.txt", *without)).points[0].measured["mean_ms"] == 14.795
    rates = changed(tmp_path, "perf_analyzer.txt", ("concurrency: 1", "concurrency: 1"))
    rates.write_text(rates.read_text().replace("Request concurrency: ", "Request Rate: 10"))
    assert (read(rates).loop, points(read(rates))[1][:2]) == ("open", ("rate_per_s", 102))


@pytest.mark.parametrize(
    ("change", "line", "path", "said"),
    [
        (("concurrency: 2", "concurrency: 2.5"), 25, "Concurrency", "whole number"),
        (("Throughput: 88.9", "Through: 88.9"), 25, "Concurrency", "has no Throughput below it"),
        (("p90 latency: 24130", "p90 latency: 2413"), 25, "p90_ms", "less than p50_ms"),
        (("p90 latency: 24130", "p90 latency: fast"), 31, "p90 latency", "'fast'"),
        (("Request concurrency: 2", "Request Rate: 2"), None, "", "has both concurrencies and request rates"),
    ],
)
def test_faults_of_what_perf_analyzer_prints(
    tmp_path: Path, change: tuple[str, str], line: int | None, path: str, said: str
) -> None:
    [(at, where, message)] = load_faults(changed(tmp_path, "perf_analyzer.txt", change))
    assert (at, where) == (line, path)
    assert said in message


@pytest.mark.parametrize(
    ("change", "line", "path", "said"),
    [
        (("\n2,208.6", "\n2,-1"), 3, "Inferences/Second", "above 0, got '-1'"),
        (("\n2,", "\n2.5,"), 3, "Concurrency", "whole number"),
        (("9482,9617", "9482,9017"), 3, "p90_ms", "less than p50_ms"),
        (("9482,", "fast,"), 3, "p50 latency", "'fast'"),
        (("9482,", "9482000000000,"), 3, "p50 latency", "wrong unit"),
        (("9482,", ""), 3, "", "expected 13 fields"),
        (("Concurrency,", "Clients,"), 1, "", "neither the column Concurrency nor Request Rate"),
    ],
)
def test_faults_of_perf_analyzer(tmp_path: Path, change: tuple[str, str], line: int, path: str, said: str) -> None:
    [(at, where, message)] = load_faults(changed(tmp_path, "perf_analyzer_b1.csv", change))
    assert (at, where) == (line, path)
    assert said in message


def test_a_configuration_of_model_analyzer_is_chosen() -> None:
    [(_, place, message)] = load_faults("metrics-model-inference.csv")
    assert place == "Model Config Path"
    assert "has 2 configurations; choose with --only" in message
    assert "'resnet50_libtorch_config_default'" in message
    found = read("metrics-model-inference.csv", only="*_config_0")
    assert points(found) == [
        ("clients", 2, {"throughput_per_s": 195.0, "p99_ms": 11.0}),
        ("clients", 1, {"throughput_per_s": 164.0, "p99_ms": 8.1}),
    ]
    assert found.notes == ["configuration resnet50_libtorch_config_0", "left out: 1 of 3 rows, of other batch sizes"]
    of_eight = read("metrics-model-inference.csv", only="*_config_0", items_per_request=8)
    assert points(of_eight) == [("clients", 1, {"throughput_per_s": 402.0 / 8, "p99_ms": 21.2})]


def test_faults_of_choosing() -> None:
    [(_, path, message)] = load_faults("metrics-model-inference.csv", only="resnet50_libtorch_config_1")
    assert path == "--only"
    assert "did you mean resnet50_libtorch_config_0?" in message
    [(_, path, message)] = load_faults("metrics-model-inference.csv", only="*")
    assert "means 2 configurations" in message
    [(_, path, message)] = load_faults("metrics-model-inference.csv", only="*_0", items_per_request=4)
    assert path == "Batch"
    assert "workload.items_per_request" in message


def test_request_rates_of_model_analyzer() -> None:
    found = read("metrics-request-rate.csv", only="vgg19_libtorch_config_1")
    assert points(found)[0] == ("rate_per_s", 512, {"throughput_per_s": 279.5, "p99_ms": 14.5})
    assert (found.loop, found.gaps, len(found.points)) == ("open", "unknown", 4)


def test_models_that_were_loaded_at_once_are_named_and_refused() -> None:
    [(_, _, message)] = load_faults("metrics-multi-model.csv")
    assert "'resnet50_libtorch_config_3,vgg19_libtorch_config_2', 'resnet50" in message
    [(line, path, message)] = load_faults("metrics-multi-model.csv", only="*config_1")
    assert (line, path) == (4, "Model")
    assert "several models at once" in message


def test_a_server_run_of_loadgen_is_an_open_loop_of_poisson_arrivals() -> None:
    found = read("mlperf_server_summary.txt")
    assert (found.loop, found.gaps) == ("open", "poisson")
    [(load, rate, measured)] = points(found)
    assert (load, rate) == ("rate_per_s", 46.28)
    assert measured == pytest.approx(
        {
            "throughput_per_s": 46.16,
            "mean_ms": 6.702245,
            "p50_ms": 5.892692,
            "p90_ms": 9.656960,
            "p95_ms": 10.253944,
            "p99_ms": 14.040439,
        }
    )
    assert told(found) == {"loadgen_invalid"}
    assert "when a query was due" in found.latency_holds


def test_a_single_stream_is_one_client() -> None:
    for name in ("mlperf_single_summary.txt", "mlperf_single_detail.txt"):
        [(load, clients, measured)] = points(read(name))
        assert (load, clients) == ("clients", 1)
        assert measured["throughput_per_s"] == pytest.approx(173.64, rel=1e-4)
        assert measured["mean_ms"] == 5.741482
    assert points(read("mlperf_multi_detail.txt", items_per_request=8))[0][:2] == ("clients", 1)


@pytest.mark.parametrize(
    ("change", "given", "path", "said"),
    [
        (("Scenario : Server", "Scenario : Offline"), {}, "scenario", "a Offline run, which has no load"),
        (("PerformanceOnly", "AccuracyOnly"), {}, "mode", "AccuracyOnly"),
        (("Scheduled samples per second : 46.28", ""), {}, "", "say --rate"),
        (("second : 46.28", "second : none"), {}, "scheduled_per_s", "got 'none'"),
        ((": 14040439\n99.90", ": fast\n99.90"), {}, "p99_ms", "'fast'"),
        (("Server", "Server"), {"rate_per_s": 3.0}, "--rate", "says itself"),
        (("Server", "Server"), {"items_per_request": 2}, "samples_per_query", "workload.items_per_request"),
    ],
)
def test_faults_of_loadgen(
    tmp_path: Path, change: tuple[str, str], given: dict[str, Any], path: str, said: str
) -> None:
    [(_, where, message)] = load_faults(changed(tmp_path, "mlperf_server_summary.txt", change), **given)
    assert where == path
    assert said in message


def test_a_detail_log_before_its_json_form_is_known() -> None:
    [(line, _, said)] = load_faults(SAMPLES / "mlperf_v05_detail.txt")
    assert (line, "give mlperf_log_summary.txt" in said) == (1, True)


def test_a_rate_is_told_where_the_log_is_silent(tmp_path: Path) -> None:
    silent = changed(tmp_path, "mlperf_server_summary.txt", ("Scheduled samples per second : 46.28", ""))
    assert points(read(silent, rate_per_s=47.0))[0][1] == 47.0


def test_the_format_is_told_by_the_content_or_forced(tmp_path: Path) -> None:
    renamed = tmp_path / "results.txt"
    renamed.write_text((SAMPLES / "perf_analyzer_b1.csv").read_text())
    assert read(renamed).format == "perf-analyzer"
    assert len(load_faults(renamed, "mlperf")) == 1
    [(_, path, message)] = load_faults(renamed, "perf-analyser")
    assert path == "--format"
    assert "did you mean perf-analyzer?" in message


def test_what_is_of_no_known_format_is_said(tmp_path: Path) -> None:
    for name, content, said in (
        ("notes.txt", b"all went well\n", "of no known format"),
        ("empty", b"", "of no known format"),
        ("results.bin", b"\x00\x01\x02", "is binary; vegeta"),
        ("other.json", b'{"a": 1}', "of no known format"),
    ):
        (tmp_path / name).write_bytes(content)
        [(_, _, message)] = load_faults(tmp_path / name)
        assert said in message
    assert load_faults(tmp_path)[0][2] == "is a folder"
    assert load_faults(tmp_path / "none.csv")[0][2] == "no such file"


def test_options_that_would_go_unheard_are_faults() -> None:
    found = load_faults("perf_analyzer_b1.csv", clients=3, unit="ms")
    assert [path for _, path, _ in found] == ["--clients", "--unit"]
    assert "means nothing for the format perf-analyzer" in found[0][2]


def test_files_of_one_campaign_are_joined_and_differences_said() -> None:
    files = [read("mlperf_single_summary.txt"), read("mlperf_server_summary.txt")]
    found = joined(files)
    assert [point.load for point in found.points] == ["clients", "rate_per_s"]
    assert found.loop == "given"
    assert told(found) == {"loadgen_invalid", "mixed_measurements"}
    assert joined(files[:1]) is files[0]
    assert joined(files * 10).source == "mlperf_single_summary.txt and 19 more files"
