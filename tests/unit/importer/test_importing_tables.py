"""Tables of several models, of numbers written otherwise, and of what a client waited for."""

from __future__ import annotations

from pathlib import Path

import pytest
from imports import codes, faults, imported, rows, table

from capsim.profile.curve import mean_of

SEVERAL = [
    "model,device,precision,batch_size,p50_ms,p99_ms,avg_ms,infer_ms,copy_ms,commit,line",
    "bert,A30,fp16,1,9.70,9.80,9.72,9.30,0.10,729963d,169",
    "bert,A30,fp16,8,59.80,61.00,59.80,59.30,0.10,729963d,170",
    "bert,T4,fp16,1,18.00,19.00,18.10,17.50,0.10,729963d,181",
    "bert,T4,fp32,1,38.00,39.00,38.10,37.50,0.10,729963d,182",
]
COMPUTE = ("compute=infer_ms+copy_ms",)


def test_rows_are_chosen_by_what_they_say(tmp_path: Path) -> None:
    found = imported("table", table(tmp_path, SEVERAL), where=("device=A30",))
    assert rows(found) == {1: {"p50_ms": 9.7, "p99_ms": 9.8}, 8: {"p50_ms": 59.8, "p99_ms": 61.0}}
    assert [row.mean_ms for row in found.quantiles] == [9.72, 59.8]
    assert (found.model, found.precision) == ("bert", "fp16")
    assert rows(imported("table", table(tmp_path, SEVERAL), where=("device=T*", "precision=fp32")))[1]["p50_ms"] == 38


def test_what_the_rows_have_in_common_is_their_provenance(tmp_path: Path) -> None:
    told = {"provenance": ("licence=Apache-2.0",), "keep": ("line",), "holds": "the client's latency"}
    measured = imported("table", table(tmp_path, SEVERAL), where=("device=A30",), **told).measured
    assert measured["same_in_all_rows"] == {
        "model": "bert",
        "device": "A30",
        "precision": "fp16",
        "copy_ms": "0.10",
        "commit": "729963d",
    }
    assert (measured["line"], measured["licence"]) == ({1: "169", 8: "170"}, "Apache-2.0")
    assert (measured["lines"], measured["where"]) == ({1: 2, 8: 3}, ["device=A30"])
    assert measured["latency_holds"] == "the client's latency"


def test_what_is_beside_compute_is_left_out(tmp_path: Path) -> None:
    """Of a mean of 9.72 ms compute is 9.4: 0.32 ms are no time of service."""
    found = imported("table", table(tmp_path, SEVERAL), where=("device=A30",), column=COMPUTE)
    assert rows(found)[1] == pytest.approx({"p50_ms": 9.38, "p99_ms": 9.48})
    assert found.quantiles[0].mean_ms == pytest.approx(9.4)
    assert mean_of(found.quantiles[0].curve_ns()) / 1e6 == pytest.approx(9.4)
    assert "compute" in str(found.measured["latency_holds"])
    assert codes(found) == []


def test_columns_too_coarse_for_what_is_left_are_doubtful(tmp_path: Path) -> None:
    lines = ["batch_size,p50,p99,avg,infer,copy", "1,1.3,1.5,1.3,0.4,0.1"]
    found = imported("table", table(tmp_path, lines), column=("compute=infer+copy",))
    assert codes(found) == ["rounded"]
    assert "table.csv line 2: columns are rounded: compute is 0.5 ms, give or take 30%" in found.warnings[0].message


def test_a_table_without_medians_has_those_of_its_means(tmp_path: Path) -> None:
    lines = ["batch_size,p50,p90,p99,avg", "1,,44.997,45.011,44.977", "2,,,,80", "4,159,,,160"]
    found = imported("table", table(tmp_path, lines))
    assert codes(found) == ["median_estimated"]
    for row, mean in zip(found.quantiles, (44.977, 80, 160), strict=True):
        assert mean_of(row.curve_ns()) / 1e6 == pytest.approx(mean)
    assert rows(found)[4] == {"p50_ms": 159}


@pytest.mark.parametrize(
    "lines",
    [
        ["batch_size;latency", "1;2,5", "8;1.250,5"],
        ["batch_size\tlatency", "1\t2.5", "8\t1250.5"],
        ["batch_size,latency,", "1,2.5,", "8,1250.5,"],
        ["batch_size,latency", "1,2.5,", "8,1250.5,"],
        ["batch_size;latency;", "1;2,5;", "8;1250,5;"],
    ],
)
def test_separators_are_told_from_the_table(tmp_path: Path, lines: list[str]) -> None:
    assert imported("table", table(tmp_path, lines)).samples == {(1, 1): [2.5], (1, 8): [1250.5]}


@pytest.mark.parametrize(("decimal", "latency"), [("comma", 1.25), ("point", 1250)])
def test_a_comma_that_may_mean_either_is_asked_about(tmp_path: Path, decimal: str, latency: float) -> None:
    path = table(tmp_path, ["batch_size;latency", "1;1,250"])
    [(_, where, said)] = faults("table", path)
    assert (where, "say --decimal point or comma" in said) == ("--decimal", True)
    assert imported("table", path, decimal=decimal).samples == {(1, 1): [latency]}


@pytest.mark.parametrize(
    ("lines", "options", "line", "path", "said"),
    [
        (SEVERAL, {}, 4, "batch_size", "batch size 1 stands on line 2 too, and differs in device ('T4', 'A30')"),
        (SEVERAL, {"where": ("devise=A30",)}, None, "--where", "no such column 'devise'; did you mean device?"),
        (SEVERAL, {"where": ("device=L4",)}, None, "--where", "has no row with what --where asks for"),
        (SEVERAL, {"where": ("device",)}, None, "--where", "expected COLUMN=VALUE, got 'device'"),
        (SEVERAL, {"where": ("device=A30",), "keep": ("lines",)}, None, "--keep", "no such column 'lines'"),
        (SEVERAL, {"column": ("compute=infer",)}, 1, "infer", "no such column for compute; did you mean infer_ms?"),
        (["batch_size,p50,infer", "1,4,3"], {"column": ("compute=infer",)}, 1, "mean", "say --column mean="),
        (["batch_size,p50,avg,infer", "1,1,9,1"], {"column": ("compute=infer",)}, 2, "", "leaves -7 ms"),
        (["batch_size,p50,avg", "1,,"], {}, 2, "", "has neither a median nor a mean"),
        (["batch_size,p50,max,mean", "1,5,6,9"], {}, 2, "", "mean_ms (9) cannot be"),
        (["batch_size,latency", "1,2,x"], {}, 2, "", "fields"),
        (["batch_size;latency", "1;x"], {}, 2, "latency", "expected a latency above 0 in ms"),
        (["batch_size;latency", "1;2"], {"decimal": "dot"}, None, "--decimal", "expected point or comma, got 'dot'"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(
    tmp_path: Path, lines: list[str], options: dict[str, tuple[str, ...]], line: int | None, path: str, said: str
) -> None:
    found = faults("table", table(tmp_path, lines), **options)[0]
    assert found[:2] == (line, path)
    assert said in found[2]
