"""Nsight Systems, MLPerf LoadGen and tables."""

from __future__ import annotations

from pathlib import Path

import pytest
from imports import SAMPLES, changed, codes, faults, imported, rows, table

NSYS, PROJECTED = "nsys_nvtx_sum.csv", "nsys_nvtx_gpu_proj_sum.csv"
SINGLE, DETAIL, MULTI = "mlperf_single_summary.txt", "mlperf_single_detail.txt", "mlperf_multi_detail.txt"


def test_nsys_gives_minimum_median_and_maximum() -> None:
    found = imported("nsys", NSYS, span="infer b{batch_size}")
    assert rows(found)[1] == pytest.approx({"min_ms": 2.142542, "p50_ms": 2.159367, "max_ms": 5.145153})
    assert rows(found)[8] == pytest.approx({"min_ms": 4.40521, "p50_ms": 4.448019, "max_ms": 5.757282})
    assert [row.mean_ms for row in found.quantiles] == pytest.approx([4.5436169, 2.2265995])
    assert [row.std_ms for row in found.quantiles] == pytest.approx([0.2835265, 0.1902581])
    assert {row.batch_size: row.samples for row in found.quantiles} == {1: 250, 8: 250}
    assert "on the processor" in str(found.measured["latency_holds"])


def test_nsys_projects_ranges_onto_the_gpu() -> None:
    found = imported("nsys", PROJECTED, span="infer b{batch_size}")
    assert rows(found)[8]["p50_ms"] == pytest.approx(6.926644)
    assert "on the GPU" in str(found.measured["latency_holds"])


def test_nsys_says_its_unit(tmp_path: Path) -> None:
    found = imported("nsys", changed(tmp_path, NSYS, ("(ns)", "(us)")), span="infer b{batch_size}")
    assert rows(found)[1]["p50_ms"] == pytest.approx(2159.367)


def both(folder: Path, *changes: tuple[str, str]) -> Path:
    """Both reports in one file, as `--report nvtx_sum,nvtx_gpu_proj_sum` writes them."""
    text = (SAMPLES / NSYS).read_text() + "\n" + (SAMPLES / PROJECTED).read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (folder / "both.csv").write_text(text)
    return folder / "both.csv"


def test_of_both_reports_in_a_file_the_time_on_the_gpu_is_taken(tmp_path: Path) -> None:
    """The range on the processor ends when the work is launched: 4.4 ms, and the work takes 6.9."""
    found = imported("nsys", both(tmp_path), span="infer b{batch_size}")
    assert rows(found) == rows(imported("nsys", PROJECTED, span="infer b{batch_size}"))
    assert "on the GPU" in str(found.measured["latency_holds"])


def test_the_same_report_twice_says_it_once(tmp_path: Path) -> None:
    found = imported("nsys", both(tmp_path, ("Proj ", "")), span="h2d_transfer", batch_sizes="4")
    assert rows(found).keys() == {4}
    [(line, path, said)] = faults("nsys", both(tmp_path, ("Proj ", "")), span="infer b{batch_size}")
    assert (line, path) == (11, "Range")
    assert "the second of batch size 8" in said


def test_older_releases_have_other_columns_and_no_median(tmp_path: Path) -> None:
    """Of 100 spans of mean 15 ms all but the shortest, 9 ms, and the longest, 500, take 10.1 ms."""
    lines = [
        "Time(%),Total Time (ns),Instances,Average,Minimum,Maximum,Range",
        "100.0,1500000000,100,15000000.0,9000000,500000000,:infer b1",
    ]
    found = imported("nsys", table(tmp_path, lines), span="infer b{batch_size}")
    assert rows(found)[1] == pytest.approx({"min_ms": 9, "p50_ms": 991 / 98, "max_ms": 500})
    assert found.quantiles[0].mean_ms == 15
    assert codes(found) == ["median_estimated"]


def test_a_number_in_a_range_may_be_any(tmp_path: Path) -> None:
    numbered = changed(tmp_path, NSYS, ("infer b8", "layer 12 of 24"))
    assert rows(imported("nsys", numbered, span="layer {n} of {n}", batch_sizes="8")).keys() == {8}
    [(_, path, said)] = faults("nsys", NSYS, span="infer b{batch_size}", batch_sizes="8")
    assert path == "--batch-sizes"
    assert "{n}" in said


def test_a_range_without_batch_size_needs_it_told() -> None:
    assert rows(imported("nsys", NSYS, span="h2d_transfer", batch_sizes="4")).keys() == {4}
    [(_, path, _)] = faults("nsys", NSYS, span="h2d_transfer")
    assert path == "--batch-sizes"


@pytest.mark.parametrize(
    ("change", "span", "line", "path", "said"),
    [
        (("infer b8", "infer b1"), "infer b{batch_size}", 5, "Range", "the second of batch size 1"),
        (("infer", "infer"), "infers b{batch_size}", None, "--span", "there is no range 'infers b{batch_size}'"),
        (("2159367.0", "0.0"), "infer b{batch_size}", 5, "Med (ns)", "expected a number above 0, got '0.0'"),
        (("2142542", "3142542"), "infer b{batch_size}", 5, "Range", "p50_ms (2.15937) must not be less than min_ms"),
        (
            ("Med (ns)", "Med (weeks)"),
            "infer b{batch_size}",
            3,
            "Med (weeks)",
            "expected a unit such as (ns), got 'weeks'",
        ),
        (("Min (ns)", "Least"), "infer b{batch_size}", 3, "", "no columns Min, Med (or Avg) and Max"),
        (("2142542", "3000,5"), "infer b{batch_size}", 5, "", "expected 10 fields as in the header, got 11"),
        (("Style,Range", "Style,Name"), "infer b{batch_size}", None, "", "expected what Nsight Systems writes"),
    ],
)
def test_what_nsys_does_not_write_is_refused(
    tmp_path: Path, change: tuple[str, str], span: str, line: int | None, path: str, said: str
) -> None:
    [found] = faults("nsys", changed(tmp_path, NSYS, change), span=span)
    assert found[:2] == (line, path)
    assert said in found[2]


def test_loadgen_tells_the_quantiles_of_a_query() -> None:
    found = imported("mlperf", SINGLE, MULTI)
    assert rows(found)[1] == pytest.approx(
        {
            "min_ms": 5.2724,
            "p50_ms": 5.596712,
            "p90_ms": 6.259717,
            "p95_ms": 6.46341,
            "p99_ms": 7.585649,
            "p999_ms": 9.871247,
            "max_ms": 9.871247,
        }
    )
    assert rows(found)[8]["p99_ms"] == pytest.approx(15.267631)
    assert codes(found) == ["loadgen_invalid"]


def test_the_mean_of_a_query_is_kept() -> None:
    single, multi = imported("mlperf", SINGLE, MULTI).quantiles
    assert (single.mean_ms, multi.mean_ms) == pytest.approx((5.741482, 13.454868))


def test_of_two_tables_the_one_per_query_is_taken() -> None:
    """v0.5: the samples of a query end one by one, from 18 ms on; the query ends with the last."""
    found = imported("mlperf", "mlperf_v05_multi_summary.txt")
    assert rows(found) == {
        2692: pytest.approx(
            {"p50_ms": 43.831598, "p90_ms": 46.023421, "p95_ms": 46.794721, "p99_ms": 49.262268, "p999_ms": 54.018708}
        )
    }
    assert found.quantiles[0].mean_ms is None


def test_in_a_detail_log_too(tmp_path: Path) -> None:
    """Whichever stands last."""
    per_sample = (
        '"result_50.00_percentile_latency_ns", "value": 13322258',
        '"result_50.00_percentile_latency_ns", "value": 9322258',
    )
    assert rows(imported("mlperf", changed(tmp_path, MULTI, per_sample)))[8]["p50_ms"] == pytest.approx(13.322258)


def test_two_runs_in_a_file_are_refused(tmp_path: Path) -> None:
    (tmp_path / "two.txt").write_text(2 * (SAMPLES / SINGLE).read_text())
    [(line, _, said)] = faults("mlperf", tmp_path / "two.txt")
    assert (line, said) == (64, "begins a second summary; give a file for each run")


def test_both_logs_of_a_run_together_say_more() -> None:
    summary, detail, both = imported("mlperf", SINGLE), imported("mlperf", DETAIL), imported("mlperf", SINGLE, DETAIL)
    assert rows(summary) == rows(detail) == rows(both)
    assert [part.quantiles[0].samples for part in (summary, detail, both)] == [None, 349, 349]


def test_two_runs_of_a_batch_size_are_refused(tmp_path: Path) -> None:
    other = changed(tmp_path, SINGLE, ("5596712", "5600000"))
    [(_, _, said)] = faults("mlperf", DETAIL, other)
    assert said.startswith("is of batch size 1, as is ")


@pytest.mark.parametrize(
    ("sample", "changes", "line", "path", "said"),
    [
        ("mlperf_server_summary.txt", [], None, "scenario", "a Server run, whose latency is not time of service alone"),
        (SINGLE, [("SingleStream", "Offline")], None, "scenario", "got a Offline run"),
        (SINGLE, [("Scenario", "Nothing")], None, "scenario", "no log of LoadGen"),
        (SINGLE, [("PerformanceOnly", "AccuracyOnly")], None, "mode", "expected a performance run"),
        (SINGLE, [("50.00 percentile", "51.00 percentile")], None, "", "has no 50.00 percentile latency"),
        (SINGLE, [(": 5596712", ": -4")], 29, "p50_ms", "expected a number above 0, got '-4'"),
        (SINGLE, [(": 5596712", ": 6596712")], None, "", "p90_ms (6.25972) must not be less than p50_ms (6.59671)"),
        ("mlperf_v05_detail.txt", [], 1, "", "before its JSON form; give mlperf_log_summary.txt"),
        (SINGLE, [("samples_per_query : 1", "samples_per_query : x")], None, "samples_per_query", "got 'x'"),
        (DETAIL, [('{"key": "sut_name"', '{"key" "sut_name"')], 3, "", "expected JSON with a key"),
    ],
)
def test_what_is_no_time_of_service_is_refused(
    tmp_path: Path, sample: str, changes: list[tuple[str, str]], line: int | None, path: str, said: str
) -> None:
    (tmp_path / sample).parent.mkdir(exist_ok=True)
    [found] = faults("mlperf", changed(tmp_path, sample, *changes))
    assert found[:2] == (line, path)
    assert said in found[2]


def test_a_table_of_samples_is_mapped_and_scaled(tmp_path: Path) -> None:
    path = table(tmp_path, ["bs,worker,Time [us]", "1,a,2000", "4,a,5000", "1,b,2200"])
    found = imported("table", path, column=("batch_size=bs", "latency=Time [us]"), unit="us")
    assert found.samples == {(1, 1): [2.0, 2.2], (1, 4): [5.0]}


def test_a_table_of_percentiles_is_taken_by_names(tmp_path: Path) -> None:
    path = table(tmp_path, ["batch_size,p50,p99,samples,instances", "1,0.002,0.003,300,1", "1,0.004,0.006,200,2"])
    found = imported("table", path, unit="s")
    assert [(row.instances, row.p50_ms, row.p99_ms, row.samples) for row in found.quantiles] == [
        (1, 2.0, 3.0, 300),
        (2, 4.0, 6.0, 200),
    ]


@pytest.mark.parametrize(
    ("lines", "column", "expected"),
    [
        (
            ["batch_size,latency", "1,0", "2,-3", "0,4", "x,nan"],
            (),
            [(2, "latency"), (3, "latency"), (4, "batch_size")],
        ),
        (["size,latency", "1,4"], ("batch_size=sizes",), [(1, "sizes")]),
        (["size,time", "1,4"], (), [(1, "batch_size"), (1, "latency")]),
        (["batch_size,latency", "1,4"], ("latncy=latency", "p50"), [(None, "--column"), (None, "--column")]),
        (["batch_size,p50,latency", "1,4,3"], ("latency=latency", "p50=p50"), [(None, "--column")]),
        (["batch_size,p50,p99", "1,4,3"], (), [(2, "")]),
        (["batch_size,latency"], (), [(None, "")]),
    ],
)
def test_a_table_that_makes_no_sense_is_refused(
    tmp_path: Path, lines: list[str], column: tuple[str, ...], expected: list[tuple[int | None, str]]
) -> None:
    found = [(line, path) for line, path, _ in faults("table", table(tmp_path, lines), column=column)]
    assert found[: len(expected)] == expected
