"""One metric predicted beside measured, over the loads, with the 90 % prediction intervals."""

from __future__ import annotations

import altair as alt
import pandas as pd

from capsim.report.charts.theme import BLUE, GREY, VERMILION, Picture, finished
from capsim.validation import Comparison

STEEP = 20.0
"""Where the highest value is so many times the lowest, the axis is logarithmic."""
INSIDE, OUTSIDE, USED = "measured", "measured, outside the interval", "measured, used for calibration"
LOADS = {"clients": "clients", "rate_per_s": "offered load (requests/s)"}


def validation_chart(comparison: Comparison, metric: str) -> Picture:
    """Predictions as a line in the band of their intervals, measurements as points told apart by shape and colour."""
    rows = pd.DataFrame(_rows(comparison, metric))
    unit = "requests/s" if metric == "throughput_per_s" else "ms"
    name = "throughput" if metric == "throughput_per_s" else f"{metric.removesuffix('_ms')} latency"
    values = rows[["measured", "predicted", "low", "high"]]
    steep = float(values.max().max()) > STEEP * float(values.min().min())
    across = alt.X("load:Q", title=LOADS[comparison.points[0].point.load], scale=alt.Scale(zero=True, nice=True))
    title = f"{name} ({unit}{', logarithmic' if steep else ''})"
    up = alt.Y("predicted:Q", title=title, scale=alt.Scale(type="log") if steep else alt.Scale(zero=True, nice=True))
    # Several points of one load would make a zigzag of a line.
    lines = rows.groupby("load", as_index=False).first()
    base, points = alt.Chart(lines), alt.Chart(rows)
    layers = [
        base.mark_area(opacity=0.2, color=BLUE).encode(x=across, y=alt.Y("low:Q", title=title), y2="high:Q"),
        base.mark_line(color=BLUE, strokeWidth=2).encode(x=across, y=up),
        points.mark_rule(color=BLUE, opacity=0.6).encode(x=across, y=alt.Y("low:Q", title=title), y2="high:Q"),
        points.mark_tick(color=BLUE, thickness=2, size=10, orient="horizontal").encode(x=across, y=up),
        _measured(points, across, title),
    ]
    return finished(alt.layer(*layers), f"{name} predicted and measured, with 90 % prediction intervals.", 260)


def _measured(points: alt.Chart, across: alt.X, title: str) -> alt.Chart:
    names = [INSIDE, OUTSIDE, USED]
    legend = alt.Legend(title=None, orient="top", columns=2, labelLimit=260)
    drawn: alt.Chart = points.mark_point(filled=True, size=60, opacity=1).encode(
        x=across,
        y=alt.Y("measured:Q", title=title),
        color=alt.Color("state:N", scale=alt.Scale(domain=names, range=["#31333f", VERMILION, GREY]), legend=legend),
        shape=alt.Shape("state:N", scale=alt.Scale(domain=names, range=["circle", "triangle-up", "square"])),
    )
    return drawn


def _rows(comparison: Comparison, metric: str) -> list[dict[str, object]]:
    rows = []
    for one in comparison.points:
        if metric not in one.error:
            continue
        low, high = one.predicted_pi90[metric]
        measured = one.point.measured[metric]
        rows.append(
            {
                "load": one.point.value,
                "measured": measured,
                "predicted": one.predicted[metric],
                "low": low,
                "high": high,
                "state": USED if one.fitted else INSIDE if low <= measured <= high else OUTSIDE,
            }
        )
    return rows
