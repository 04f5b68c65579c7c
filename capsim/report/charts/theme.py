"""What all pictures share: colours that people with any colour vision tell apart on light and dark, units of axes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import altair as alt

BLUE, VERMILION, TEAL, PURPLE, AMBER, GREY = "#2f7fc1", "#d55e00", "#169b83", "#b3669b", "#c98200", "#7c8594"
"""After Okabe and Ito (Color Universal Design, 2008), with a contrast of at least 3:1 on white and on near-black."""
Picture = alt.Chart | alt.LayerChart
HEIGHT = 300
LEAST_S = 3
SPANS = (("s", 1.0), ("ms", 1e3), ("µs", 1e6))


@dataclass(frozen=True)
class Unit:
    """The unit of an axis of time, and how many make a second."""

    symbol: str
    per_s: float


def unit_for(seconds: float) -> Unit:
    """The unit that suits an axis up to this time: s from 3 s on, else ms or µs."""
    for symbol, per_s in SPANS:
        if seconds * per_s >= (LEAST_S if symbol == "s" else 1):
            return Unit(symbol, per_s)
    return Unit(*SPANS[-1])


def ink(*, dark: bool) -> str:
    """The colour of words in a picture."""
    return "#e6e9ef" if dark else "#31333f"


def alarm_ink(*, dark: bool) -> str:
    """The colour of words about an objective, at least 4.5:1 on either ground; `VERMILION` is for marks."""
    return "#ff8a3d" if dark else "#b34a00"


def on_page(chart: Picture, *, dark: bool) -> Picture:
    """The chart with axes that are read as easily as the words around it."""
    colour = "#b9bfca" if dark else "#555b66"
    shown: Picture = chart.configure_axis(labelColor=colour, titleColor=colour)
    return shown


def finished(chart: Any, description: str, height: int = HEIGHT) -> Picture:
    """The chart at full width, with what a screen reader says of it."""
    told: Picture = chart.properties(width="container", height=height, description=description)
    return told
