"""Predictions beside measurements as a page that needs no network, and as a picture."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

from capsim._version import VERSION
from capsim.documents.output import written_whole
from capsim.importer.loads.measured import METRICS
from capsim.report.standalone import page, picture, table
from capsim.report.validation import direction, label, plural
from capsim.validation import Comparison
from capsim.validation.compare import REGIONS, Compared

ERRORS = ("error of", "points", "median", "90th percentile", "bias", "intervals cover")


def write_page(comparison: Comparison, path: Path) -> None:
    """Write the page.

    Raises:
        InputError: the file cannot be written.
        MissingExtraError: what draws is not installed.
    """
    with written_whole(path, "--html") as file:
        file.write_bytes(_page(comparison).encode())


def write_picture(comparison: Comparison, path: Path) -> None:
    """Write a chart for each metric as PNG.

    Raises:
        InputError: the file cannot be written.
        MissingExtraError: what draws is not installed.
    """
    with written_whole(path, "--png") as file:
        file.write_bytes(picture(_title(comparison), _charts(comparison)))


def _title(comparison: Comparison) -> str:
    return f"{comparison.scenario}: predicted beside measured"


def _page(comparison: Comparison) -> str:
    judged = f"Errors are of the {plural(len(comparison.judged), 'point')} not used for calibration."
    if not any(point.fitted for point in comparison.points):
        judged = "No point was used for calibration."
    elif all(point.fitted for point in comparison.points):
        judged = "All points were used for calibration: these errors say little about other loads."
    points = plural(len(comparison.points), "load point")
    origin = f"{comparison.evidence}; {points} of {comparison.source}; capsim {VERSION}"
    body = [
        f'<div class="quiet">{escape(origin)}</div>',
        f"<p>{judged} An error is (predicted − measured) / measured.</p>",
        _errors(comparison, None),
        '<div class="quiet">Lines and bands are predictions with their 90 % intervals, points measurements.</div>',
        *(
            f'<div class="warning"><b>{escape(warning.code)}</b> {escape(warning.message)}</div>'
            for warning in comparison.warnings
        ),
    ]
    after = ["<h2>By load</h2>", '<div class="quiet">Throughput over what the scenario can bear at most.</div>']
    for _, region in REGIONS:
        if comparison.errors(region):
            after += [f"<h3>{escape(region)}</h3>", _errors(comparison, region)]
    after += ["<h2>Every point</h2>", _points(comparison)]
    return page(_title(comparison), body, _charts(comparison), after)


def _metrics(comparison: Comparison) -> list[str]:
    return [name for name in METRICS if any(name in point.error for point in comparison.points)]


def _charts(comparison: Comparison) -> list[Any]:
    from capsim.report.charts.validation import validation_chart

    return [validation_chart(comparison, name) for name in _metrics(comparison)]


def _errors(comparison: Comparison, region: str | None) -> str:
    rows = [
        [
            escape(name),
            f"{told['points']:.0f}",
            f"{told['median']:.1%}",
            f"{told['p90']:.1%}",
            f"{told['bias']:+.1%} {direction(told['bias'])}",
            f"{told['coverage']:.0%}",
        ]
        for name, told in comparison.errors(region).items()
    ]
    return table(ERRORS, rows)


def _points(comparison: Comparison) -> str:
    names = _metrics(comparison)
    rows = [[escape(label(point)), *(_cell(point, name) for name in names)] for point in comparison.points]
    said = "Measured → predicted [90 % interval], marked where the interval misses; * used for calibration."
    told = f'<div class="quiet">{said}</div>'
    return told + table(("load", *names), rows)


def _cell(point: Compared, name: str) -> str:
    if name not in point.error:
        return "–"
    measured, (low, high) = point.point.measured[name], point.predicted_pi90[name]
    error = f"{point.error[name]:+.1%}"
    if not low <= measured <= high:
        error = f'<span class="outside">{error}</span>'
    return f"{measured:.4g} → {point.predicted[name]:.4g} [{low:.4g}, {high:.4g}] {error}"
