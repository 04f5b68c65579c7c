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


def write_page(found: Inspection, path: Path, within_ms: float | None = None) -> None:
    """Write the page.

    Raises:
        InputError: the file cannot be written.
        MissingExtraError: what draws is not installed.
    """
    with written_whole(path, "--html") as file:
        file.write_bytes(page_of(found, within_ms).encode())


def write_picture(found: Inspection, path: Path) -> None:
    """Write both charts as PNG.

    Raises:
        InputError: the file cannot be written.
        MissingExtraError: what draws is not installed.
    """
    with written_whole(path, "--png") as file:
        file.write_bytes(picture(headline(found.profile), _charts(found)))


def page_of(found: Inspection, within_ms: float | None = None) -> str:
    """The text of the page; everything it needs is within it, and nothing in it runs."""
    rows = [[escape(cell) for cell in (str(row.batch_size), str(row.instances), *cells_of(row))] for row in found.rows]
    body = [
        *(f'<div class="quiet">{escape(line)}</div>' for line in origin(found.profile)),
        table(COLUMNS, rows),
        f'<div class="quiet">{LEGEND}</div>',
    ]
    said = findings(found, within_ms).items()
    after = [
        "<dl>",
        *(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in said),
        "</dl>",
        *(
            f'<div class="warning"><b>{escape(warning.code)}</b> {escape(warning.message)}</div>'
            for warning in found.warnings()
        ),
    ]
    return page(headline(found.profile), body, _charts(found), after)


def _charts(found: Inspection) -> list[Any]:
    check_drawing()
    from capsim.report.charts.profile_latency import profile_latency_chart
    from capsim.report.charts.profile_throughput import profile_throughput_chart

    return [profile_latency_chart(found), profile_throughput_chart(found)]
