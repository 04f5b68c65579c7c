"""A latency profile as a page that needs no network, and as a picture."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

from capsim.errors import Fault, InputError, MissingExtraError
from capsim.profile.inspection import Inspection
from capsim.report.profile import LEGEND, cells_of, findings, headline, origin

PICTURE_PX = 560
DRAWING_PX = 400
SCALE = 2

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #31333f; margin: 2rem auto; max-width: 60rem; padding: 0 1rem }
h1 { font-size: 1.4rem; margin-bottom: .3rem }
.origin { color: #5f6673; overflow-wrap: anywhere }
table { border-collapse: collapse; margin: 1.5rem 0; width: 100% }
th, td { padding: .3rem .6rem; text-align: right; border-bottom: 1px solid #e3e6eb; font-variant-numeric: tabular-nums }
th { color: #5f6673; font-weight: 600 }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem }
dt { font-weight: 600 } dd { margin: 0 }
.warning { border-left: 4px solid #c98200; padding: .2rem .8rem; margin: .4rem 0; overflow-wrap: anywhere }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(22rem, 1fr)); gap: 1.5rem }
figure { margin: 0 } figure svg { width: 100%; height: auto }
"""
COLUMNS = ("batch size", "instances", "samples", "worth", "p50 [95 %]", "p99 [95 %]", "p99/p50", "items/s")


def write_page(found: Inspection, path: Path, within_ms: float | None = None) -> None:
    """Write the page.

    Raises:
        InputError: the file cannot be written.
        MissingExtraError: what draws is not installed.
    """
    check_writable(path, "--html")
    _write(path, page(found, within_ms).encode(), "--html")


def write_picture(found: Inspection, path: Path) -> None:
    """Write both charts, one below the other, as PNG.

    Raises:
        InputError: the file cannot be written.
        MissingExtraError: what draws is not installed.
    """
    check_writable(path, "--png")
    charts = _charts(found)
    import altair as alt
    import vl_convert

    both = alt.vconcat(*(chart.properties(width=PICTURE_PX) for chart in charts)).properties(
        title=headline(found.profile)
    )
    _write(path, vl_convert.vegalite_to_png(both.to_dict(), vl_version=_version(), scale=SCALE), "--png")


def page(found: Inspection, within_ms: float | None = None) -> str:
    """The text of the page; everything it needs is within it, and nothing in it runs."""
    title = escape(headline(found.profile))
    return "\n".join(
        [
            "<!DOCTYPE html>",
            f'<html lang="en"><head><meta charset="utf-8"><title>{title}</title>',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<style>{STYLE}</style></head><body>",
            f"<h1>{title}</h1>",
            *(f'<div class="origin">{escape(line)}</div>' for line in origin(found.profile)),
            _table(found),
            f'<div class="origin">{LEGEND}</div>',
            f'<div class="charts">{"".join(_drawings(found))}</div>',
            "<dl>",
            *(f"<dt>{escape(name)}</dt><dd>{escape(said)}</dd>" for name, said in findings(found, within_ms).items()),
            "</dl>",
            *(
                f'<div class="warning"><b>{escape(warning.code)}</b> {escape(warning.message)}</div>'
                for warning in found.warnings()
            ),
            "</body></html>",
        ]
    )


def _drawings(found: Inspection) -> Iterator[str]:
    """The charts as SVG, which a page holds without scripts."""
    charts = _charts(found)
    import vl_convert

    for chart in charts:
        drawing = vl_convert.vegalite_to_svg(chart.properties(width=DRAWING_PX).to_dict(), vl_version=_version())
        yield f'<figure role="img" aria-label="{escape(chart.description)}">{drawing}</figure>'


def _charts(found: Inspection) -> list[Any]:
    try:
        import vl_convert  # noqa: F401 - both packages are needed, whatever is written

        from capsim.report.charts.profile_latency import profile_latency_chart
        from capsim.report.charts.profile_throughput import profile_throughput_chart
    except ModuleNotFoundError as error:
        raise MissingExtraError(str(error.name), "pictures") from None
    return [profile_latency_chart(found), profile_throughput_chart(found)]


def _version() -> str:
    """The version of Vega-Lite that Altair writes for, as `6.4`."""
    import altair as alt

    return ".".join(alt.SCHEMA_VERSION.removeprefix("v").split(".")[:2])


def _table(found: Inspection) -> str:
    head = "".join(f"<th>{name}</th>" for name in COLUMNS)
    rows = "".join(
        "<tr>"
        + "".join(f"<td>{escape(cell)}</td>" for cell in [str(row.batch_size), str(row.instances), *cells_of(row)])
        + "</tr>"
        for row in found.rows
    )
    return f"<table><tr>{head}</tr>{rows}</table>"


def check_writable(path: Path, option: str) -> None:
    """See before drawing whether there is a place for the file.

    Raises:
        InputError: there is none.
    """
    if not path.parent.is_dir():
        raise InputError(str(path), [Fault(option, f"there is no folder {path.parent}")])


def _write(path: Path, content: bytes, option: str) -> None:
    unfinished = path.with_name(f".{path.name}.part")
    try:
        unfinished.write_bytes(content)
        unfinished.replace(path)
    except OSError as error:
        raise InputError(str(path), [Fault(option, f"cannot be written: {error.strerror or error}")]) from None
    finally:
        unfinished.unlink(missing_ok=True)
