"""Cost against p99: what was simulated, and the settings to which no other is both cheaper and quicker."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from capsim.planner import Candidate, Plan
from capsim.report.charts.theme import BLUE, GREY, VERMILION, Picture, alarm_ink, finished
from capsim.report.sweep import short, shown

ANSWER, FRONTIER, OTHERS = "the answer", "frontier", "simulated"
HEADROOM = 3.0
"""Settings whose p99 is more times the objective are left out, as they would hide the others."""


def frontier_chart(plan: Plan) -> Picture | None:
    """A point for each stable setting with its interval, the frontier as a line; None where nothing was simulated."""
    target_ms = plan.objective_s.get("p99", float("inf")) * 1e3
    rows = [_row(c, plan) for c in plan.candidates if c.p99_s is not None and c.verdict == "stable"]
    rows = [row for row in rows if float(row["p99"]) <= HEADROOM * target_ms]
    if not rows:
        return None
    points, line = pd.DataFrame(rows), pd.DataFrame([row for row in rows if row["what"] != OTHERS])
    unit = "$/h" if plan.cost_basis == "usd_per_hour" else "servers"
    across = alt.X("cost:Q", title=f"cost ({unit})", scale=alt.Scale(zero=False, nice=True))
    up = alt.Y("p99:Q", title="p99 (ms)", scale=alt.Scale(zero=True, nice=True))
    names = [ANSWER, FRONTIER, OTHERS]
    colour = alt.Color(
        "what:N",
        scale=alt.Scale(domain=names, range=[VERMILION, BLUE, GREY]),
        legend=alt.Legend(title=None, orient="top"),
    )
    spread = alt.Y("low:Q", title="p99 (ms)")
    layers = [
        alt.Chart(line).mark_line(color=BLUE, strokeWidth=1.5).encode(x=across, y=up),
        alt.Chart(points).mark_rule(opacity=0.5).encode(x=across, y=spread, y2="high:Q", color=colour),
        alt.Chart(points)
        .mark_point(filled=True, size=70, opacity=1)
        .encode(x=across, y=up, color=colour, tooltip=["settings:N"]),
    ]
    if target_ms != float("inf"):
        layers.append(_target(target_ms))
    return finished(alt.layer(*layers), "Cost against p99 of what was simulated, with the frontier and the objective.")


def _target(target_ms: float) -> alt.Chart:
    at = pd.DataFrame({"p99": [target_ms]})
    drawn: alt.Chart = alt.Chart(at).mark_rule(strokeDash=[4, 3], color=alarm_ink(dark=False)).encode(y="p99:Q")
    return drawn


def _row(candidate: Candidate, plan: Plan) -> dict[str, Any]:
    p99_ms = (candidate.p99_s or 0.0) * 1e3
    low, high = candidate.p99_ci95_s or (p99_ms / 1e3, p99_ms / 1e3)
    on_it = any(candidate.number == each.number for each in plan.frontier)
    best = plan.best is not None and candidate.number == plan.best.number
    return {
        "cost": candidate.cost(plan.cost_basis),
        "p99": p99_ms,
        "low": low * 1e3,
        "high": high * 1e3,
        "what": ANSWER if best else FRONTIER if on_it else OTHERS,
        "settings": ", ".join(f"{short(path)}={shown(value)}" for path, value in candidate.settings.items()),
    }
