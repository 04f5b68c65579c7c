"""Pages that need no network, and pictures: what every written report shares."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from capsim.errors import MissingExtraError

PICTURE_PX, DRAWING_PX = 560, 420
COLUMNS = 2
SCALE = 2

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #31333f; margin: 2rem auto; max-width: 66rem; padding: 0 1rem }
h1 { font-size: 1.4rem; margin-bottom: .3rem } h2 { font-size: 1.1rem; margin-top: 2rem }
.quiet { color: #5f6673; overflow-wrap: anywhere }
table { border-collapse: collapse; margin: .8rem 0; width: 100% }
th, td { padding: .3rem .6rem; text-align: right; border-bottom: 1px solid #e3e6eb; font-variant-numeric: tabular-nums }
th:first-child, td:first-child { text-align: left }
th { color: #5f6673; font-weight: 600 }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem }
dt { font-weight: 600 } dd { margin: 0 }
.outside { color: #b34a00; font-weight: 600 }
.warning { border-left: 4px solid #c98200; padding: .2rem .8rem; margin: .4rem 0; overflow-wrap: anywhere }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(22rem, 100%), 1fr)); gap: 1.5rem }
figure { margin: 0; min-width: 0 } figure svg { width: 100%; height: auto }
.scroll { overflow-x: auto }
@media (max-width: 40rem) { dl { grid-template-columns: 1fr } dd { margin-bottom: .5rem; overflow-wrap: anywhere } }
@media screen and (prefers-color-scheme: dark) {
body { color: #e6e9ef; background: #0e1117 } .quiet, th { color: #b9bfca } th, td { border-color: #3a3f4a }
.outside { color: #ff8a3d }
figure svg > rect { fill: none } figure svg text { fill: #e6e9ef }
figure svg [stroke="#ddd"] { stroke: #3a3f4a } figure svg [stroke="#31333f"] { stroke: #e6e9ef }
figure svg [fill="#31333f"] { fill: #e6e9ef }
}
@media print { body { max-width: none; margin: 0 } .charts { break-inside: avoid } }
"""


def check_drawing() -> None:
    """Refuse to draw where that is not installed, before the work is done that it is for.

    Raises:
        MissingExtraError: Altair or vl-convert is missing.
    """
    try:
        import altair  # noqa: F401 - asked for, not used
        import vl_convert  # noqa: F401
    except ModuleNotFoundError as error:
        raise MissingExtraError(str(error.name), "pictures") from None


def page(title: str, body: Sequence[str], charts: Sequence[Any], after: Sequence[str] = ()) -> str:
    """A whole page: title and body (HTML), charts side by side, then what follows them; it has no scripts."""
    check_drawing()
    import vl_convert

    version, drawn = _version(), []
    for chart in charts:
        drawing = vl_convert.vegalite_to_svg(chart.properties(width=DRAWING_PX).to_dict(), vl_version=version)
        drawn.append(f'<figure role="img" aria-label="{escape(chart.description)}">{drawing}</figure>')
    return "\n".join(
        [
            "<!DOCTYPE html>",
            f'<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<style>{STYLE}</style></head><body>",
            f"<h1>{escape(title)}</h1>",
            *body,
            f'<div class="charts">{"".join(drawn)}</div>',
            *after,
            "</body></html>",
        ]
    )


def picture(title: str, charts: Sequence[Any]) -> bytes:
    """The charts, two beside each other, as PNG."""
    check_drawing()
    import altair as alt
    import vl_convert

    wide = [chart.properties(width=PICTURE_PX) for chart in charts]
    together = alt.concat(*wide, columns=COLUMNS).properties(title=title)
    return bytes(vl_convert.vegalite_to_png(together.to_dict(), vl_version=_version(), scale=SCALE))


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of cells that are HTML already."""
    first = "".join(f"<th>{escape(name)}</th>" for name in head)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<div class="scroll"><table><tr>{first}</tr>{body}</table></div>'


def _version() -> str:
    """The version of Vega-Lite that Altair writes for, as `6.4`."""
    import altair as alt

    return ".".join(alt.SCHEMA_VERSION.removeprefix("v").split(".")[:2])
