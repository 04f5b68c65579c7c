"""p99 against load, with the load of today, the objective and the load at which the system saturates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from capsim.planner.load_curve import LoadPoint
from capsim.report.charts.theme import AMBER, BLUE, VERMILION, Picture, Unit, alarm_ink, finished, ink, unit_for
from capsim.report.sentences import with_range
from capsim.report.text import duration

MARGIN = 1.07
STEEP = 8.0
"""Where the highest p99 is so many times the lowest, the axis is logarithmic."""


def load_chart(
    points: Sequence[LoadPoint],
    today: LoadPoint,
    load_title: str,
    saturation: float | None = None,
    target_s: float | None = None,
    *,
    dark: bool = False,
) -> Picture | None:
    """The curve with its 95 % band; `target_s` is the objective's p99. None where nothing completes."""
    told = [point for point in [*points, today] if point.p99_s.value is not None]
    if not told:
        return None
    highest = max(max(_ends(point)) for point in told)
    unit = unit_for(highest if target_s is None else max(highest, target_s))
    lowest = min(min(_ends(point)) for point in told)
    curve = sorted((point for point in points if point.p99_s.value is not None), key=lambda point: point.load)
    rows = pd.DataFrame([_row(point, unit) for point in curve])
    own = pd.DataFrame([_row(today, unit)])
    steep = lowest > 0 and highest > STEEP * lowest
    furthest = max([*(point.load for point in told), *([] if saturation is None else [saturation])])
    across = alt.X(
        "load:Q",
        title=load_title,
        scale=alt.Scale(domain=[0, furthest * MARGIN], nice=False),
        axis=alt.Axis(labelFlush=True),
    )
    heights = alt.Scale(type="log", nice=True) if steep else alt.Scale(zero=True, nice=True)
    up_title = f"p99 latency ({unit.symbol}{', logarithmic' if steep else ''})"
    up = alt.Y("p99:Q", title=up_title, scale=heights)
    layers: list[alt.Chart] = []
    if len(curve) > 1:
        base = alt.Chart(rows)
        layers += [
            base.mark_area(opacity=0.25, color=BLUE).encode(
                x=across, y=alt.Y("low:Q", title=up_title, scale=heights), y2="high:Q"
            ),
            base.mark_line(color=BLUE, strokeWidth=2).encode(x=across, y=up),
        ]
    if curve:
        layers.append(_dots(alt.Chart(rows), across, up, load_title, size=45))
    if target_s is not None:
        label = f"objective p99 ≤ {duration(target_s)}"
        layers += _across(target_s * unit.per_s, label, alarm_ink(dark=dark))
    if saturation is not None:
        layers += _upright(saturation, f"saturation {saturation:.4g}", ink(dark=dark))
    if own["p99"].notna().all():
        layers += [
            _dots(alt.Chart(own), across, up, load_title, size=190),
            alt.Chart(own)
            .mark_text(text="today", dy=-16, fontSize=13, fontWeight="bold", color=ink(dark=dark))
            .encode(x=across, y=up),
        ]
    return finished(alt.layer(*layers), f"p99 latency against {load_title}.")


def _ends(point: LoadPoint) -> tuple[float, ...]:
    assert point.p99_s.value is not None, "asked of points that have one"  # noqa: S101
    return point.p99_s.ci95 or (point.p99_s.value,)


def _row(point: LoadPoint, unit: Unit) -> dict[str, Any]:
    value, ends = point.p99_s.value, point.p99_s.ci95
    low, high = ends or (value, value)
    scaled = {"p99": value, "low": low, "high": high}
    state = "saturated" if point.verdict != "stable" else _STATES[point.met]
    return {
        "load": point.load,
        **{name: None if part is None else part * unit.per_s for name, part in scaled.items()},
        "told": with_range(point.p99_s),
        "throughput": point.throughput_per_s,
        "lost": point.lost,
        "state": state,
    }


_STATES = {None: "no objective", True: "objective met", False: "objective not met"}
_SHAPES = {
    "objective met": ("circle", BLUE),
    "no objective": ("circle", BLUE),
    "objective not met": ("triangle-up", VERMILION),
    "saturated": ("cross", AMBER),
}


def _dots(base: alt.Chart, across: alt.X, up: alt.Y, load_title: str, size: int) -> alt.Chart:
    names = list(_SHAPES)
    shapes, colours = [list(part) for part in zip(*_SHAPES.values(), strict=True)]
    dots: alt.Chart = base.mark_point(filled=True, size=size, opacity=1).encode(
        x=across,
        y=up,
        shape=alt.Shape("state:N", scale=alt.Scale(domain=names, range=shapes), legend=None),
        color=alt.Color("state:N", scale=alt.Scale(domain=names, range=colours), legend=None),
        tooltip=[
            alt.Tooltip("load:Q", title=load_title, format=".4g"),
            alt.Tooltip("told:N", title="p99 [95 % interval]"),
            alt.Tooltip("throughput:Q", title="throughput (requests/s)", format=".4g"),
            alt.Tooltip("lost:Q", title="requests lost", format=".2%"),
            alt.Tooltip("state:N", title=" "),
        ],
    )
    return dots


def _across(at: float, label: str, colour: str) -> list[alt.Chart]:
    base = alt.Chart(pd.DataFrame([{"p99": at}]))
    return [
        base.mark_rule(color=VERMILION, strokeWidth=2, strokeDash=[6, 4]).encode(y="p99:Q"),
        base.mark_text(text=label, align="left", dx=6, dy=-8, fontSize=12, fontWeight="bold", color=colour).encode(
            x=alt.value(0), y="p99:Q"
        ),
    ]


def _upright(at: float, label: str, colour: str) -> list[alt.Chart]:
    base = alt.Chart(pd.DataFrame([{"load": at}]))
    return [
        base.mark_rule(color=colour, strokeWidth=1.5, strokeDash=[2, 3]).encode(x="load:Q"),
        # At the foot, where neither the curve nor the objective's line is, so close to saturation.
        base.mark_text(text=label, align="right", dx=-5, fontSize=12, color=colour).encode(
            x="load:Q", y=alt.value(alt.expr("height - 10"))
        ),
    ]
