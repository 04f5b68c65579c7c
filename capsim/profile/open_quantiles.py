"""What few quantiles leave open, or make unlikely."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from capsim.profile.curve import curve_of, mean_of

if TYPE_CHECKING:
    from capsim.profile.load import QuantileRow

VAGUE = 0.5
"""The width of the means that quantiles allow, as a share of the mean that is drawn, from which it is told."""
FAR = 10.0
"""From so many times the median on, the slowest batch is likely to hold what later ones do not."""
MATTERS = 0.01
"""The part of a mean of one median that the slowest of the samples must make up to be told."""


def open_doubts(rows: Sequence[QuantileRow]) -> list[tuple[str, str]]:
    """Codes and messages: a mean that is not known, a slowest batch far above the median; each of the worst row."""
    return [*_worst("mean_unknown", map(_mean, rows)), *_worst("far_maximum", map(_maximum, rows))]


def _worst(code: str, told: Iterator[tuple[float, str]]) -> list[tuple[str, str]]:
    how_bad, message = max(told, default=(0.0, ""))
    return [(code, message)] if how_bad > 0 else []


def _mean(row: QuantileRow) -> tuple[float, str]:
    """How much wider than what is taken for known the allowed means are."""
    if row.mean_ms is not None:
        return 0.0, ""
    (least, most), drawn = row.known.means(), mean_of(curve_of(row.known))
    said = f"the quantiles of batch size {row.batch_size} allow a mean from {least:.4g} to {most:.4g} ms"
    return (most - least) / drawn - VAGUE, f"{said}, and {drawn:.4g} ms is taken; say mean_ms"


def _maximum(row: QuantileRow) -> tuple[float, str]:
    """How many times the median the slowest batch takes, where it makes up much of the mean."""
    times = (row.max_ms or float(curve_of(row.known)[-1])) / row.p50_ms
    said = (
        f"the slowest batch of size {row.batch_size} takes {times:.3g} times the median; is a first call, or what "
        "compiles or warms up, among what was measured?"
    )
    return (times if times > FAR and times > MATTERS * (row.samples or 0) else 0.0), said
