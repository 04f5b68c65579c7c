"""Charts draw the numbers of the answer, with units, and compile to pictures."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

pytest.importorskip("altair", reason="pictures need the extra `pictures`")

from capsim import load_scenario, simulate
from capsim.planner.load_curve import LoadPoint
from capsim.report.charts.breakdown import batches_chart, breakdown_chart
from capsim.report.charts.latency import LETTER, latency_chart
from capsim.report.charts.load import load_chart
from capsim.report.charts.theme import AMBER, BLUE, GREY, PURPLE, TEAL, VERMILION, alarm_ink, ink, on_page, unit_for
from capsim.stats import Interval, Result


@pytest.fixture(scope="module")
def result() -> Result:
    return simulate(load_scenario("shipped:image-classification", ["run.horizon=20 s", "run.replications=3"]))


def point(load: float, p99_s: float | None, met: bool | None = True, verdict: str = "stable") -> LoadPoint:
    ci95 = None if p99_s is None else (p99_s * 0.9, p99_s * 1.1)
    return LoadPoint(load, Interval(p99_s, ci95), load, 0.0, met, verdict)


def rows(chart: Any) -> list[list[dict[str, Any]]]:
    """The data sets of a chart."""
    return list(chart.to_dict()["datasets"].values())


def titles(chart: Any) -> set[str]:
    encodings = [layer.get("encoding", {}) for layer in chart.to_dict().get("layer", [chart.to_dict()])]
    return {
        part["title"] for each in encodings for part in each.values() if isinstance(part, dict) and part.get("title")
    }


def test_the_histogram_has_every_bin_and_marks_percentiles_and_objective(result: Result) -> None:
    chart = latency_chart(result)
    assert result.latency_histogram is not None
    bars = next(data for data in rows(chart) if len(data) > 1)
    assert [bar["share"] for bar in bars] == pytest.approx(result.latency_histogram.shares)
    assert {bar["requests"] == "beyond the objective" for bar in bars if bar["from"] >= 250} == {True}
    labels = {data[0]["label"] for data in rows(chart) if "label" in data[0]}
    assert {label.split()[0] for label in labels} == {"p50", "p95", "p99"}
    assert "p99 ≤ 250 ms" in labels
    assert {"latency (ms)", "share of requests"} <= titles(chart)
    assert latency_chart(replace(result, latency_histogram=None)) is None


@pytest.mark.parametrize("target_ms", [170, 250, 900])
def test_no_label_of_the_histogram_crosses_a_line(result: Result, target_ms: int) -> None:
    assert result.objective is not None
    objective = replace(result.objective, targets_s={"p99": target_ms / 1e3})
    assert result.latency_histogram is not None
    lines = [data[0] for data in rows(latency_chart(replace(result, objective=objective))) if "label" in data[0]]
    edges = result.latency_histogram.edges
    start, end = edges[0] * 1e3, max(edges[-1] * 1e3, *(line["at"] for line in lines))
    for line in lines:
        wide = LETTER * len(line["label"]) * (end - start)
        low, high = (line["at"] - wide, line["at"]) if line["left"] else (line["at"], line["at"] + wide)
        assert start <= low < high <= end
        crossed = [other["label"] for other in lines if low < other["at"] < high and other["row"] < line["row"]]
        assert not crossed, line["label"]


def test_the_curve_has_its_band_today_and_the_objective() -> None:
    points = [point(10, 0.1), point(50, 0.12), point(90, 0.3, met=False), point(99, None)]
    chart = load_chart(points, point(60, 0.13), "offered load (requests/s)", 100.0, 0.25)
    curve = next(data for data in rows(chart) if len(data) > 1)
    assert [row["p99"] for row in curve] == pytest.approx([100, 120, 300])
    assert [row["state"] for row in curve] == ["objective met", "objective met", "objective not met"]
    assert [row["low"] for row in curve] == pytest.approx([90, 108, 270])
    assert {"offered load (requests/s)", "p99 latency (ms)"} <= titles(chart)
    assert chart is not None
    text = chart.to_json(ensure_ascii=False)
    assert "objective p99 ≤ 250 ms" in text
    assert "saturation 100" in text
    assert load_chart([], point(60, None), "clients") is None


def test_a_steep_curve_is_logarithmic_and_says_so() -> None:
    chart = load_chart([point(10, 0.1), point(90, 30.0, verdict="saturated")], point(10, 0.1), "clients")
    assert "p99 latency (s, logarithmic)" in titles(chart)


def test_the_parts_of_the_time_add_up(result: Result) -> None:
    chart = breakdown_chart(result)
    spent = sum(row["spent"] for row in rows(chart)[0])
    assert result.latency_s["mean"].value is not None
    assert spent / 1e3 == pytest.approx(result.latency_s["mean"].value)
    assert breakdown_chart(replace(result, breakdown_s={})) is None


def test_batches_are_shown_where_they_differ(result: Result) -> None:
    shares = rows(batches_chart(result))[0]
    assert sum(row["share"] for row in shares) == pytest.approx(1)
    alone = replace(result.pools[0], batch_size_counts={1: 10})
    assert batches_chart(replace(result, pools=[alone])) is None


def test_pictures_compile(result: Result) -> None:
    convert = pytest.importorskip("vl_convert", reason="pictures need the extra `pictures`")
    curve = load_chart([point(10, 0.1), point(50, 0.2)], point(20, 0.1), "clients")
    for chart in (latency_chart(result, dark=True), curve, breakdown_chart(result), batches_chart(result)):
        assert chart is not None
        assert convert.vegalite_to_svg(chart.properties(width=400).to_dict()).startswith("<svg")


@pytest.mark.parametrize("colour", [BLUE, VERMILION, TEAL, PURPLE, AMBER, GREY])
def test_colours_stand_out_on_light_and_dark(colour: str) -> None:
    """By the contrast ratio of WCAG 2.1, section 1.4.11."""
    for ground in ("#ffffff", "#0e1117"):
        assert contrast(colour, ground) >= 3


@pytest.mark.parametrize(("ground", "dark"), [("#ffffff", False), ("#0e1117", True)])
def test_words_in_pictures_are_read_easily(ground: str, dark: bool) -> None:
    """By the contrast ratio of WCAG 2.1, section 1.4.3."""
    curve = load_chart([point(10, 0.1), point(50, 0.2)], point(20, 0.1), "clients")
    assert curve is not None
    axis = on_page(curve, dark=dark).to_dict()["config"]["axis"]
    for colour in (ink(dark=dark), alarm_ink(dark=dark), axis["labelColor"], axis["titleColor"]):
        assert contrast(colour, ground) >= 4.5


def contrast(colour: str, ground: str) -> float:
    light, dark = sorted((_luminance(colour), _luminance(ground)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_units_suit_the_axis() -> None:
    assert [unit_for(seconds).symbol for seconds in (12, 3, 2.9, 0.001, 0.0004)] == ["s", "s", "ms", "ms", "µs"]
