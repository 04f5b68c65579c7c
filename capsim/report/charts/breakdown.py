"""Where the mean latency goes, and how large batches are."""

from __future__ import annotations

import altair as alt
import pandas as pd

from capsim.report.charts.theme import AMBER, BLUE, GREY, PURPLE, TEAL, VERMILION, Picture, finished, ink, unit_for
from capsim.report.sentences import share
from capsim.report.text import duration
from capsim.stats import Result

PARTS = {
    "network": GREY,
    "front_end": PURPLE,
    "waiting": AMBER,
    "service": BLUE,
    "delay": TEAL,
    "retrying": VERMILION,
}
ROW_PX = 46
MOST_SIZES = 64


def breakdown_chart(result: Result, *, dark: bool = False) -> Picture | None:
    """A bar for each part of the mean latency, in the order of a request's way. None where nothing completes."""
    total = sum(result.breakdown_s.values())
    if total <= 0:
        return None
    unit = unit_for(total)
    parts = {name: spent for name, spent in result.breakdown_s.items() if spent > 0}
    rows = pd.DataFrame(
        [
            {
                "part": name.replace("_", " "),
                "spent": spent * unit.per_s,
                "label": f"{duration(spent)}, {share(spent / total)}",
            }
            for name, spent in parts.items()
        ]
    )
    order = rows["part"].tolist()
    colours = alt.Scale(domain=order, range=[PARTS[name] for name in parts])
    base = alt.Chart(rows).encode(
        x=alt.X(
            "spent:Q",
            title=f"mean time ({unit.symbol})",
            scale=alt.Scale(domain=[0, max(parts.values()) * unit.per_s * 1.4]),
            axis=alt.Axis(tickCount=6),
        ),
        y=alt.Y("part:N", title=None, sort=order),
        tooltip=[alt.Tooltip("part:N", title=" "), alt.Tooltip("label:N", title="of the mean latency")],
    )
    bars = base.mark_bar(height={"band": 0.6}, cornerRadiusEnd=3).encode(
        color=alt.Color("part:N", scale=colours, legend=None)
    )
    labels = base.mark_text(align="left", dx=6, fontSize=12, color=ink(dark=dark)).encode(text="label:N")
    return finished(alt.layer(bars, labels), "Where the mean latency goes.", ROW_PX * len(parts) + 40)


def batches_chart(result: Result) -> Picture | None:
    """The share of batches by size, a colour for each pool. None where no batch has formed, or all hold one request."""
    rows = pd.DataFrame(
        [
            {"pool": pool.name, "size": size, "share": count / sum(pool.batch_size_counts.values())}
            for pool in result.pools
            for size, count in sorted(pool.batch_size_counts.items())
        ]
    )
    if rows.empty or rows["size"].nunique() < 2 or rows["size"].nunique() > MOST_SIZES:
        return None
    names = [pool.name for pool in result.pools]
    wheel = [BLUE, AMBER, TEAL, PURPLE, GREY]
    colours = alt.Scale(domain=names, range=[wheel[i % len(wheel)] for i in range(len(names))])
    chart = (
        alt.Chart(rows)
        .mark_bar(cornerRadiusEnd=2)
        .encode(
            x=alt.X("size:O", title="batch size (items)", axis=alt.Axis(labelAngle=0, labelOverlap=True)),
            xOffset=alt.XOffset("pool:N", sort=names),
            y=alt.Y("share:Q", title="share of batches", axis=alt.Axis(format="%", tickCount=5)),
            color=alt.Color(
                "pool:N", scale=colours, legend=None if len(names) == 1 else alt.Legend(title=None, orient="top")
            ),
            tooltip=[
                alt.Tooltip("pool:N"),
                alt.Tooltip("size:O", title="batch size (items)"),
                alt.Tooltip("share:Q", title="share of batches", format=".2%"),
            ],
        )
    )
    return finished(chart, "Share of batches by size.", 220)
