"""The bill line by line, and what months bring."""

from __future__ import annotations

import altair as alt
import pandas as pd

from capsim.costing import Cost
from capsim.forecasting import Forecast
from capsim.report.charts.theme import BLUE, GREY, TEAL, VERMILION, Picture, finished

LINE_PX = 26


def bill_chart(cost: Cost) -> Picture:
    """A bar for each line of the bill, idle servers in another colour."""
    rows = pd.DataFrame(
        {
            "line": [line.name for line in cost.lines],
            "usd": [line.usd_per_month for line in cost.lines],
            "what": ["idle" if line.name.endswith("idle") else "used" for line in cost.lines],
        }
    )
    colour = alt.Color("what:N", scale=alt.Scale(domain=["used", "idle"], range=[BLUE, GREY]), legend=None)
    bars = alt.Chart(rows).mark_bar()
    drawn = bars.encode(
        y=alt.Y("line:N", sort=None, title=None, axis=alt.Axis(labelLimit=220)),
        x=alt.X("usd:Q", title="$ per month"),
        color=colour,
    )
    return finished(drawn, "The bill by the month, line by line.", max(120, LINE_PX * len(rows) + 40))


def demand_chart(told: Forecast) -> Picture:
    """Demand by the month: the median in the band of its 80 % range."""
    rows = pd.DataFrame([{"month": month.month, **month.demand_per_s} for month in told.months])
    return _band(rows, "requests per second", BLUE, "Demand by the month, with its 80 % range.")


def cash_chart(told: Forecast) -> Picture:
    """What is paid by the month, beside each month's share of what its servers cost."""
    rows = pd.DataFrame(
        [
            {"month": m.month, "kind": kind, **values}
            for m in told.months
            for kind, values in (("cash", m.cash_usd), ("amortised", m.amortised_usd))
        ]
    )
    colour = alt.Color(
        "kind:N",
        scale=alt.Scale(domain=["cash", "amortised"], range=[VERMILION, TEAL]),
        legend=alt.Legend(title=None, orient="top"),
    )
    base = alt.Chart(rows)
    across = alt.X("month:Q", title="month")
    layers = [
        base.mark_area(opacity=0.15).encode(x=across, y=alt.Y("p10:Q", title="$ per month"), y2="p90:Q", color=colour),
        base.mark_line(strokeWidth=2).encode(x=across, y=alt.Y("p50:Q", title="$ per month"), color=colour),
    ]
    return finished(alt.layer(*layers), "Cash and amortised cost by the month, with their 80 % ranges.")


def _band(rows: pd.DataFrame, title: str, colour: str, description: str) -> Picture:
    base, across = alt.Chart(rows), alt.X("month:Q", title="month")
    layers = [
        base.mark_area(opacity=0.2, color=colour).encode(x=across, y=alt.Y("p10:Q", title=title), y2="p90:Q"),
        base.mark_line(color=colour, strokeWidth=2).encode(x=across, y=alt.Y("p50:Q", title=title)),
    ]
    return finished(alt.layer(*layers), description)
