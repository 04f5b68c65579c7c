"""How latencies spread, with percentiles and the objective marked."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from capsim.report.charts.theme import BLUE, VERMILION, Picture, alarm_ink, finished, ink, unit_for
from capsim.report.text import NAMES, duration
from capsim.stats import Result

MARKED = ("p50", "p95", "p99")
ROW_PX, FIRST_PX = 15, 6
LETTER = 0.017
"""Width of a letter of a label, as a share of the picture's."""


def latency_chart(result: Result, *, dark: bool = False) -> Picture | None:
    """Bars of the share of requests by latency; those beyond the objective in another colour. None without requests."""
    spread = result.latency_histogram
    if spread is None:
        return None
    unit = unit_for(spread.edges[-1])
    lines = _lines(result, unit.per_s)
    target = min((line["at"] for line in lines if line["kind"] == "objective"), default=None)
    edges = [edge * unit.per_s for edge in spread.edges]
    bars = pd.DataFrame({"from": edges[:-1], "to": edges[1:], "share": spread.shares})
    bars["requests"] = "within the objective" if target is not None else "requests"
    if target is not None:
        bars.loc[bars["from"] >= target, "requests"] = "beyond the objective"
    right = max([edges[-1], *(line["at"] for line in lines)])
    _placed(lines, edges[0], right)
    across = alt.X(
        "from:Q",
        title=f"latency ({unit.symbol})",
        bin="binned",
        scale=alt.Scale(domain=[edges[0], right], nice=False),
        axis=alt.Axis(labelFlush=True),
    )
    colours = alt.Scale(
        domain=["within the objective", "beyond the objective", "requests"], range=[BLUE, VERMILION, BLUE]
    )
    bar = (
        alt.Chart(bars)
        .mark_bar(binSpacing=0)
        .encode(
            x=across,
            x2="to:Q",
            y=alt.Y("share:Q", title="share of requests", axis=alt.Axis(format="%", tickCount=5)),
            color=alt.Color("requests:N", scale=colours, legend=None),
            tooltip=[
                alt.Tooltip("from:Q", title=f"from ({unit.symbol})", format=".4g"),
                alt.Tooltip("to:Q", title=f"to ({unit.symbol})", format=".4g"),
                alt.Tooltip("share:Q", title="share of requests", format=".2%"),
                alt.Tooltip("requests:N", title=" "),
            ],
        )
    )
    described = f"Histogram of latency; {', '.join(line['label'] for line in lines)}."
    return finished(alt.layer(bar, *_marks(lines, dark=dark)), described)


def _lines(result: Result, per_s: float) -> list[dict[str, Any]]:
    """The percentiles and the objective, from left to right, each with its place on the axis and its label."""
    lines: list[dict[str, Any]] = []
    for name in MARKED:
        value = result.latency_s[name].value
        if value is not None:
            label = f"{NAMES[name]} {duration(value)}"
            lines.append({"kind": "percentile", "at": value * per_s, "label": label})
    for name, target in (result.objective.targets_s if result.objective else {}).items():
        if name not in NAMES:
            continue  # of a class, whose latencies this picture does not tell apart
        label = f"{NAMES[name]} ≤ {duration(target)}"
        lines.append({"kind": "objective", "at": target * per_s, "label": label})
    lines.sort(key=lambda line: line["at"])
    return lines


def _placed(lines: list[dict[str, Any]], start: float, end: float) -> None:
    """Give each label a side of its line and a row of its own, so that no label crosses a line.

    A line begins at its label's row. Labels that would leave the picture, or reach the line of one that would, stand
    to the left of their lines in the upper rows, the rightmost first; the others follow to the right of theirs.
    """
    least = 1.0
    for line in reversed(lines):
        place, width = (line["at"] - start) / ((end - start) or 1.0), LETTER * len(line["label"])
        line["left"] = place + width > least and place > width
        least = place if line["left"] else least
    lefts = [line for line in reversed(lines) if line["left"]]
    for row, line in enumerate([*lefts, *(line for line in lines if not line["left"])]):
        line["row"] = row * ROW_PX + FIRST_PX


def _marks(lines: list[dict[str, Any]], *, dark: bool) -> list[alt.Chart]:
    marks = []
    for line in lines:
        objective = line["kind"] == "objective"
        base = alt.Chart(pd.DataFrame([line]))
        marks += [
            base.mark_rule(
                color=VERMILION if objective else ink(dark=dark),
                strokeWidth=2 if objective else 1,
                strokeDash=[6, 4] if objective else [2, 2],
                opacity=1 if objective else 0.8,
            ).encode(
                x="at:Q",
                y=alt.value(line["row"] - FIRST_PX),
                y2=alt.value("height"),
                tooltip=alt.Tooltip("label:N", title=" "),
            ),
            base.mark_text(
                text=line["label"],
                align="right" if line["left"] else "left",
                dx=-5 if line["left"] else 5,
                fontSize=12,
                fontWeight="bold" if objective else "normal",
                color=alarm_ink(dark=dark) if objective else ink(dark=dark),
            ).encode(x="at:Q", y=alt.value(line["row"])),
        ]
    return marks
