"""Latency of a batch against its size: median, p90 and p99 with their intervals, and the affine law."""

from __future__ import annotations

from math import inf

import altair as alt
import pandas as pd

from capsim.profile.inspection import Inspection
from capsim.report.charts.theme import BLUE, GREY, VERMILION, Unit, finished, unit_for
from capsim.report.profile import with_interval

SIDES = {"p50": BLUE, "p99": VERMILION}


def profile_latency_chart(inspection: Inspection) -> alt.LayerChart | alt.Chart:
    """Both axes logarithmic, so that twice the batch in twice the time is a line of one slope."""
    unit = unit_for(max(row.p50.value for row in inspection.alone) / 1e3)
    rows = pd.DataFrame(_rows(inspection, unit))
    names = [name for name in SIDES if name in set(rows["percentile"])]
    across = alt.X("batch_size:Q", title="batch size (items)", scale=alt.Scale(type="log", base=2, nice=False))
    up = alt.Y(
        "at:Q",
        title=f"latency of a batch ({unit.symbol}, logarithmic)",
        scale=alt.Scale(type="log", nice=False, padding=12),
        axis=alt.Axis(tickCount=6),
    )
    colour = alt.Color(
        "percentile:N",
        scale=alt.Scale(domain=[*names, "affine law"], range=[*(SIDES[name] for name in names), GREY]),
        legend=alt.Legend(title=None, orient="top"),
    )
    base = alt.Chart(rows)
    layers = [
        base.mark_line(strokeWidth=2).encode(x=across, y=up, color=colour),
        base.mark_rule(strokeWidth=1.5).encode(x=across, y=alt.Y("low:Q"), y2="high:Q", color=colour),
        base.mark_point(filled=True, size=55, opacity=1).encode(
            x=across,
            y=up,
            color=colour,
            tooltip=[
                alt.Tooltip("batch_size:Q", title="batch size (items)"),
                alt.Tooltip("percentile:N", title=" "),
                alt.Tooltip("told:N", title="[95 % interval]"),
                alt.Tooltip("samples:Q", title="samples", format=","),
            ],
        ),
        *_band(inspection, unit, across),
        *_law(inspection, unit, across, colour),
    ]
    return finished(alt.layer(*layers), "Latency of a batch against batch size: median and p99.")


def _rows(inspection: Inspection, unit: Unit) -> list[dict[str, object]]:
    scale = unit.per_s / 1e3
    return [
        {
            "batch_size": row.batch_size,
            "percentile": name,
            "at": quantile.value * scale,
            # Where an end is not known the line ends at the value.
            "low": (quantile.low or quantile.value) * scale,
            "high": (quantile.high if quantile.high < inf else quantile.value) * scale,
            "told": with_interval(quantile),
            "samples": row.samples,
        }
        for row in inspection.alone
        for name, quantile in row.latency_ms.items()
        if name in SIDES
    ]


def _band(inspection: Inspection, unit: Unit, across: alt.X) -> list[alt.Chart]:
    """From the median to p99, where all batch sizes know it."""
    scale = unit.per_s / 1e3
    known = [(row, row.p99) for row in inspection.alone if row.p99]
    if len(known) < 2 or len(known) < len(inspection.alone):
        return []
    rows = pd.DataFrame(
        [{"batch_size": row.batch_size, "from": row.p50.value * scale, "to": p99.value * scale} for row, p99 in known]
    )
    return [alt.Chart(rows).mark_area(opacity=0.12, color=VERMILION).encode(x=across, y=alt.Y("from:Q"), y2="to:Q")]


def _law(inspection: Inspection, unit: Unit, across: alt.X, colour: alt.Color) -> list[alt.Chart]:
    law = inspection.law
    if law is None:
        return []
    sizes = [row.batch_size for row in inspection.alone]
    points = [sizes[0] * (sizes[-1] / sizes[0]) ** (step / 40) for step in range(41)]
    rows = pd.DataFrame({"batch_size": points, "percentile": "affine law"})
    rows["at"] = (law.per_batch_ms + law.per_item_ms * rows["batch_size"]) * unit.per_s / 1e3
    rows = rows[rows["at"] > 0]
    return [alt.Chart(rows).mark_line(strokeDash=[5, 4], strokeWidth=1.5).encode(x=across, y="at:Q", color=colour)]
