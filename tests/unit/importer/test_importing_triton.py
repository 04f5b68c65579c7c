"""perf_analyzer and Model Analyzer: which rows are time of service, and what of their latency is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from imports import changed, codes, faults, imported, rows

from capsim.importer.triton import median_from_mean
from capsim.profile.curve import mean_of
from capsim.profile.load import QuantileRow

BOTH = ("perf_analyzer_b1.csv", "perf_analyzer_b8.csv")


def test_the_mean_outside_compute_is_taken_from_every_percentile() -> None:
    """69 + 1230 + 33 + 9 µs are outside; the longer file gives a mean of 19,880 µs, of which 16,333 are compute."""
    found = imported("perf_analyzer", *BOTH, batch_sizes="1,8")
    assert rows(found)[1] == pytest.approx({"p50_ms": 4.792, "p90_ms": 4.85, "p95_ms": 4.883, "p99_ms": 5.074})
    outside = 19.880 - 16.333
    assert rows(found)[8]["p50_ms"] == pytest.approx(19.790 - outside)
    assert rows(found)[8]["p99_ms"] == pytest.approx(21.040 - outside)
    assert found.measured["mean_left_out_ms"] == {1: 1.341, 8: 3.547}
    assert "queue" in str(found.measured["latency_holds"])
    assert codes(found) == []


def test_the_client_waits_for_everything() -> None:
    found = imported("perf_analyzer", "perf_analyzer_b1.csv", batch_sizes="1", part="client")
    assert rows(found)[1] == pytest.approx({"p50_ms": 6.133, "p90_ms": 6.191, "p95_ms": 6.224, "p99_ms": 6.415})
    assert "mean_left_out_ms" not in found.measured


def test_what_is_not_in_the_file_stays_empty() -> None:
    found = imported("perf_analyzer", "perf_analyzer_b1.csv", batch_sizes="1")
    assert (found.model, found.hardware, found.runtime, found.precision) == (None, None, None, None)
    assert found.quantiles[0].samples is None


def test_a_batch_size_that_throughput_denies_is_doubtful() -> None:
    found = imported("perf_analyzer", "perf_analyzer_b8.csv", batch_sizes="4")
    assert codes(found) == ["batch_size_doubtful"]
    assert "about 8 items a request" in found.warnings[0].message


def test_every_file_needs_its_batch_size() -> None:
    for sizes, said in (("1", "each of the 2 files"), ("1,x", "got 'x'"), ("4,4", "4 is given twice"), ("0,1", "'0'")):
        [(_, path, message)] = faults("perf_analyzer", *BOTH, batch_sizes=sizes)
        assert path == "--batch-sizes"
        assert said in message


@pytest.mark.parametrize(
    ("change", "line", "path", "said"),
    [
        (("\n1,163.6", "\n8,163.6"), None, "Concurrency", "no row with concurrency 1"),
        (("Concurrency", "Request Rate"), None, "Concurrency", "measure with --concurrency-range 1"),
        (("6133", "0"), 2, "p50 latency", "expected a number above 0, got '0'"),
        (("6133", "nan"), 2, "p50 latency", "expected a number above 0, got 'nan'"),
        (("4719", "-1"), 2, "Server Compute Infer", "expected a number from 0, got '-1'"),
        (("6415", "9e12"), 2, "p99 latency", "more than an hour"),
        (("6191", "6132"), 2, "", "makes no sense of batch size 1"),
        ((",9,6133", ",9000,6133"), 2, "", "makes no sense of batch size 1"),
        ((",9,6133", ",6133"), 2, "", "expected 13 fields as in the header, got 12"),
        (("Inferences/Second", "Rate"), None, "", "expected what Triton perf_analyzer writes"),
        (("Server Compute Infer", "Server Compute"), 2, "", "take --part client"),
    ],
)
def test_what_makes_no_sense_is_refused(
    tmp_path: Path, change: tuple[str, str], line: int | None, path: str, said: str
) -> None:
    [found] = faults("perf_analyzer", changed(tmp_path, "perf_analyzer_b1.csv", change), batch_sizes="1")
    assert found[:2] == (line, path)
    assert said in found[2]


def test_model_analyzer_gives_a_mean_by_its_throughput() -> None:
    """8 items at 402 a second take 19.9 ms; the median is the one with which the drawn profile has that mean."""
    options = {"config": "resnet50_libtorch_config_0", "part": "client"}
    found = imported("model_analyzer", "metrics-model-inference.csv", **options)
    assert found.model == "resnet50_libtorch"
    assert found.measured["instance_group"] == "1:GPU"
    for row, mean_ms, p99_ms in zip(found.quantiles, (1e3 / 164, 8e3 / 402), (8.1, 21.2), strict=True):
        assert row.p99_ms == p99_ms
        assert mean_of(row.curve_ns()) / 1e6 == pytest.approx(mean_ms)
        assert row.p50_ms < mean_ms
    assert codes(found) == []


@pytest.mark.parametrize(
    ("options", "path", "said"),
    [
        ({"part": "client"}, "Model Config Path", "choose one with --config: 'resnet50_libtorch_config_0', 'resnet50"),
        ({"config": "resnet50_config_0"}, "Model Config Path", "did you mean resnet50_libtorch_config_0?"),
        ({"config": "resnet50_libtorch_config_0"}, "", "take --part client"),
    ],
)
def test_model_analyzer_is_told_what_to_take(options: dict[str, str], path: str, said: str) -> None:
    [found] = faults("model_analyzer", "metrics-model-inference.csv", **options)
    assert found[1] == path
    assert said in found[2]


def test_a_batch_size_measured_twice_is_refused(tmp_path: Path) -> None:
    same = changed(tmp_path, "metrics-model-inference.csv", ("config_default", "config_0"))
    [(line, path, said)] = faults("model_analyzer", same, part="client")
    assert (line, path) == (5, "Batch")
    assert "on line 3" in said


def test_model_analyzer_may_hold_the_parts(tmp_path: Path) -> None:
    columns = [f"Server Compute {part} time (ms)" for part in ("Input", "Infer", "Output")]
    header = ["Model", "Batch", "Concurrency", "Model Config Path", "Throughput (infer/sec)", "Avg Latency (ms)"]
    lines = [",".join([*header, "p90 Latency (ms)", "p99 Latency (ms)", *columns]), "m,4,1,c,200,20,21,24,1,14,1"]
    (tmp_path / "parts.csv").write_text("\n".join(lines))
    found = imported("model_analyzer", tmp_path / "parts.csv")
    [row] = found.quantiles
    assert (row.p90_ms, row.p99_ms) == (17, 20)
    assert mean_of(row.curve_ns()) / 1e6 == pytest.approx(16)
    assert found.measured["mean_left_out_ms"] == {4: 4}


@pytest.mark.parametrize("quantiles", [{"p99_ms": 12.0}, {"p90_ms": 11.0, "p95_ms": 11.5, "p99_ms": 12.0}, {}])
def test_the_median_gives_the_mean_back(quantiles: dict[str, float]) -> None:
    median = median_from_mean(quantiles, 10.0)
    row = QuantileRow(batch_size=1, p50_ms=median, **quantiles)  # type: ignore[arg-type]  # these names stand for quantiles, all floats
    assert mean_of(row.curve_ns()) / 1e6 == pytest.approx(10.0)
    assert np.isfinite(median)


HEADER = "Model,Batch,Concurrency,Model Config Path,Instance Group,Throughput (infer/sec),p99 Latency (ms)"


def analyzed(folder: Path, *lines: str, header: str = HEADER) -> Path:
    """A table of Model Analyzer."""
    (folder / "metrics.csv").write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return folder / "metrics.csv"


@pytest.mark.parametrize(
    ("throughput", "p99_ms", "least_ms", "most_ms"),
    [("0.2", 6400.0, 4000, 6400), ("0.3", 3040.0, 1e3 / 0.35, 3040), ("0.3", 9000.0, 1e3 / 0.35, 4000)],
)
def test_a_mean_from_a_rounded_throughput_is_doubtful(
    tmp_path: Path, throughput: str, p99_ms: float, least_ms: float, most_ms: float
) -> None:
    """0.2 stands for 0.15 to 0.25; p99 bounds the mean."""
    table = analyzed(tmp_path, f"speech,1,1,config_1,1:GPU,{throughput},{p99_ms}")
    found = imported("model_analyzer", table, part="client")
    assert found.quantiles[0].mean_ms == pytest.approx((least_ms + most_ms) / 2)
    assert codes(found) == ["rounded"]
    assert "the column 'Avg Latency (ms)' would tell it" in found.warnings[0].message


def test_a_throughput_with_more_digits_is_not(tmp_path: Path) -> None:
    found = imported("model_analyzer", analyzed(tmp_path, "speech,1,1,c,1:GPU,0.163,6400"), part="client")
    assert codes(found) == []
    assert found.quantiles[0].mean_ms == pytest.approx(1e3 / 0.163, rel=1e-4)


def test_parts_that_are_rounded_make_what_is_left_doubtful(tmp_path: Path) -> None:
    columns = [f"Server Compute {part} time (ms)" for part in ("Input", "Infer", "Output")]
    header = ",".join([HEADER, "p90 Latency (ms)", "Avg Latency (ms)", *columns])
    table = analyzed(tmp_path, "m,1,1,c,1:GPU,1000,1.3,1.1,1.0,0.1,0.4,0.1", header=header)
    found = imported("model_analyzer", table)
    assert codes(found) == ["rounded"]
    assert "0.6 ms, give or take 0.2 ms" in found.warnings[0].message
    assert found.quantiles[0].mean_ms == pytest.approx(0.6)


def test_clients_that_finish_more_than_they_can_contradict_the_first_row(tmp_path: Path) -> None:
    """With a delay of 1 s one client gets an answer a second; four fill the batch at once and get 45."""
    lines = ["1,1,c,1:GPU,1.0,1040.0", "1,2,c,1:GPU,1.9,1065.0", "1,4,c,1:GPU,45.0,98.0", "1,8,c,1:GPU,45.0,190.0"]
    found = imported("model_analyzer", analyzed(tmp_path, *(f"speech,{line}" for line in lines)), part="client")
    assert "rows_contradict" in codes(found)
    said = found.warnings[-1].message
    assert "metrics.csv line 4: 4 clients finish 45 times as many requests as the one of line 2" in said


def test_rows_that_share_a_server_do_not_contradict_each_other(tmp_path: Path) -> None:
    lines = ["1,1,c,4:GPU,100.0,11.0", "1,2,c,4:GPU,199.0,11.0", "1,4,c,4:GPU,396.0,12.0", "1,8,c,4:GPU,410.0,29.0"]
    found = imported("model_analyzer", analyzed(tmp_path, *(f"speech,{line}" for line in lines)), part="client")
    assert codes(found) == []


def test_a_wait_in_the_queue_is_told_where_it_stays_in(tmp_path: Path) -> None:
    waits = changed(tmp_path, "perf_analyzer_b1.csv", ("69,1230,33,", "69,230,1033,"))
    assert codes(imported("perf_analyzer", waits, batch_sizes="1", part="client")) == ["wait_in_service"]
    assert codes(imported("perf_analyzer", waits, batch_sizes="1")) == []


def test_a_mean_beside_percentiles_is_kept() -> None:
    alone, eight = imported("perf_analyzer", *BOTH, batch_sizes="1,8").quantiles
    assert (alone.mean_ms, eight.mean_ms) == pytest.approx((4.767, 16.333))
    assert mean_of(alone.curve_ns()) / 1e6 == pytest.approx(4.767)


def test_request_rates_are_no_profile() -> None:
    [(line, path, said)] = faults("model_analyzer", "metrics-request-rate.csv", part="client")
    assert (line, path) == (1, "Request Rate")
    assert "was measured with --request-rate" in said


def test_two_models_at_once_are_refused() -> None:
    [(line, path, said)] = faults("model_analyzer", "metrics-multi-model.csv", part="client")
    assert (line, path) == (2, "Model")
    assert "models at once" in said
    assert "not supported" in said


def test_a_row_of_perf_analyzer_may_end_with_a_comma(tmp_path: Path) -> None:
    """With --verbose-csv and GPU metrics rows do, and the header does not."""
    ends = changed(
        tmp_path, "perf_analyzer_b8.csv", ("362,19518", "362,19518,GPU-85:0.045;,"), ("wait\n", "wait,GPU\n")
    )
    assert rows(imported("perf_analyzer", ends, batch_sizes="8")).keys() == {8}


def test_older_releases_have_one_column_of_compute(tmp_path: Path) -> None:
    header = (
        "Concurrency,Inferences/Second,Client Send,Network+Server Send/Recv,Server Queue,Server Compute,Client Recv"
    )
    (tmp_path / "old.csv").write_text(f"{header},p50 latency,p99 latency\n1,160,70,1230,30,4770,10,6133,6415\n")
    found = imported("perf_analyzer", tmp_path / "old.csv", batch_sizes="1")
    assert found.quantiles[0].mean_ms == pytest.approx(4.77)
    assert rows(found)[1] == pytest.approx({"p50_ms": 6.133 - 1.34, "p99_ms": 6.415 - 1.34})
