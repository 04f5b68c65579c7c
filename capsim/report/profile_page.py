"""A latency profile as a page that needs no network, and as a picture."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

from capsim.documents.output import written_whole
from capsim.profile.inspection import Inspection
from capsim.report.profile import LEGEND, cells_of, findings, headline, origin
from capsim.report.standalone import check_drawing, page, picture, table

COLUMNS = ("batch size", "instances", "samples", "indep.", "p50 [95 %]", "p99 [95 %]", "p99/p50", "items/s")


def write_page(inspection: Inspection, path: Path, within_ms: float | None = None) -> None:
    """Write the page.

    Raises:
        InputError: the file cannot be written.
        MissingExtraError: what draws is not installed.
    """
    with written_whole(path, "--html") as file:
        file.write_bytes(page_of(inspection, within_ms).encode())


def write_picture(inspection: Inspection, path: Path) -> None:
    """Write both charts as PNG.

    Raises:
        InputError: the file cannot be written.
        MissingExtraError: what draws is not installed.
    """
    with written_whole(path, "--png") as file:
        file.write_bytes(picture(headline(inspection.profile), _charts(inspection)))


def page_of(inspection: Inspection, within_ms: float | None = None) -> str:
    """The text of the page; everything it needs is within it, and nothing in it runs."""
    rows = [
        [escape(cell) for cell in (str(row.batch_size), str(row.instances), *cells_of(row))] for row in inspection.rows
    ]
    body = [
        *(f'<div class="quiet">{escape(line)}</div>' for line in origin(inspection.profile)),
        table(COLUMNS, rows),
        f'<div class="quiet">{LEGEND}</div>',
    ]
    said = findings(inspection, within_ms).items()
    after = [
        "<dl>",
        *(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in said),
        "</dl>",
        *(
            f'<div class="warning"><b>{escape(warning.code)}</b> {escape(warning.message)}</div>'
            for warning in inspection.warnings()
        ),
    ]
    return page(headline(inspection.profile), body, _charts(inspection), after)


def _charts(inspection: Inspection) -> list[Any]:
    check_drawing()
    from capsim.report.charts.profile_latency import profile_latency_chart
    from capsim.report.charts.profile_throughput import profile_throughput_chart

    return [profile_latency_chart(inspection), profile_throughput_chart(inspection)]
