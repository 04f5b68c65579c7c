"""Throughput of a device with full batches against batch size, with the knee."""

from __future__ import annotations

import altair as alt
import pandas as pd

from capsim.profile.inspection import Inspection
from capsim.report.charts.theme import AMBER, BLUE, finished


def profile_throughput_chart(inspection: Inspection) -> alt.LayerChart | alt.Chart:
    """Items per second from zero, so that a gain is seen as large as it is."""
    rows = pd.DataFrame(
        [
            {"batch_size": row.batch_size, "throughput": row.throughput_per_s, "mean_ms": row.mean_ms}
            for row in inspection.alone
        ]
    )
    across = alt.X("batch_size:Q", title="batch size (items)", scale=alt.Scale(type="log", base=2, nice=False))
    up = alt.Y("throughput:Q", title="items per second, full batches", scale=alt.Scale(zero=True))
    base = alt.Chart(rows).encode(x=across, y=up)
    layers = [
        base.mark_line(strokeWidth=2, color=BLUE),
        base.mark_point(filled=True, size=55, opacity=1, color=BLUE).encode(
            tooltip=[
                alt.Tooltip("batch_size:Q", title="batch size (items)"),
                alt.Tooltip("throughput:Q", title="items per second", format=",.4g"),
                alt.Tooltip("mean_ms:Q", title="mean latency (ms)", format=",.4g"),
            ]
        ),
        *_knee(inspection, across, up),
    ]
    return finished(alt.layer(*layers), "Throughput of full batches against batch size, with the knee.")


def _knee(inspection: Inspection, across: alt.X, up: alt.Y) -> list[alt.Chart]:
    knee = inspection.knee
    if knee is None or not knee.reached:
        return []
    [row] = [row for row in inspection.alone if row.batch_size == knee.batch_size]
    base = alt.Chart(pd.DataFrame([{"batch_size": row.batch_size, "throughput": row.throughput_per_s}]))
    return [
        base.mark_rule(strokeDash=[4, 4], strokeWidth=1.5, color=AMBER).encode(x=across),
        base.mark_point(size=170, strokeWidth=2.5, opacity=1, color=AMBER).encode(x=across, y=up),
        base.mark_text(
            text=f"knee: {row.batch_size}", align="left", dx=8, dy=18, fontSize=13, fontWeight="bold", color=AMBER
        ).encode(x=across, y=up),
    ]
