"""Predictions beside measurements, and what a calibration found, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from capsim.errors import CodedWarning
from capsim.importer.loads.measured import Measurements
from capsim.report.text import duration
from capsim.scenario.evidence import Calibration
from capsim.scenario.knobs import Knob
from capsim.validation import Calibrated, Comparison
from capsim.validation.compare import REGIONS, Compared
from capsim.validation.origin import sentence

SHOWN = ("throughput_per_s", "mean_ms", "p99_ms")
NS_PER_S = 1e9
EVEN = 0.005
"""A bias smaller than this has no direction."""


def comparison(compared: Comparison) -> RenderableType:
    """Every load point, the errors by metric and region, and how often the intervals cover."""
    return Group(*_comparison(compared))


def _comparison(compared: Comparison) -> Iterator[RenderableType]:
    yield Text.assemble(
        (compared.scenario, "bold"), (f"  {compared.evidence}, {plural(len(compared.points), 'load point')}", "dim")
    )
    yield from _origin(compared.origin)
    yield ""
    yield Text("measured → predicted; yellow where the measurement is outside the 90 % interval", style="dim")
    yield _points(compared)
    yield ""
    yield _errors(compared)
    yield Text("bias: + is predicted too high; covered: by the 90 % intervals", style="dim")
    if len(compared.judged) < len(compared.points):
        yield Text(
            f"* used for calibration; the errors are of the {plural(len(compared.judged), 'other point')}", style="dim"
        )
    elif compared.points[0].fitted:
        yield Text("* used for calibration, as all points were: these errors say little", style="yellow")
    yield from _warnings(compared.warnings)


def _origin(origin: Measurements | None) -> Iterator[Text]:
    """How the points were measured."""
    if origin is not None:
        yield Text(f"measured with {sentence(origin)}", style="dim")
        yield from (Text(note, style="dim") for note in origin.notes)


def _points(compared: Comparison) -> Table:
    names = [name for name in SHOWN if any(name in point.error for point in compared.points)]
    table = Table("load", *names, box=None, pad_edge=False, header_style="dim")
    for column in table.columns[1:]:
        column.justify = "right"
    for point in compared.points:
        cells = [_cell(point, name) if name in point.error else Text("–") for name in names]
        table.add_row(label(point), *cells)
    return table


def plural(count: int, what: str) -> str:
    """A count with its word."""
    return f"{count} {what}{'' if count == 1 else 's'}"


def label(point: Compared) -> str:
    """The load, and what is to be known of it."""
    return point.point.name + ("*" if point.fitted else "") + (" saturated" if point.beyond else "")


def _cell(point: Compared, name: str) -> Text:
    """Measured, predicted and the error; yellow where the measurement lies outside the prediction interval."""
    measured, (low, high) = point.point.measured[name], point.predicted_pi90[name]
    error = Text(f"{point.error[name]:+.1%}", style="" if low <= measured <= high else "yellow")
    return Text.assemble(f"{measured:.4g} → {point.predicted[name]:.4g} ", error)


def direction(bias: float) -> str:
    """Where predictions lie, in a word."""
    return "even" if abs(bias) < EVEN else "too high" if bias > 0 else "too low"


def _errors(compared: Comparison) -> Table:
    headings = ("error", "load", "points", "median", "p90", "bias", "covered")
    table = Table(*headings, box=None, pad_edge=False, header_style="dim")
    for column in table.columns[2:]:
        column.justify = "right"
    for region in (None, *(name for _, name in REGIONS)):
        for name, told in compared.errors(region).items():
            table.add_row(
                name,
                region or "all",
                f"{told['points']:.0f}",
                f"{told['median']:.1%}",
                f"{told['p90']:.1%}",
                f"{told['bias']:+.1%}",
                f"{told['coverage']:.0%}",
                style="bold" if region is None else None,
            )
    return table


def fitted(calibrated: Calibrated) -> RenderableType:
    """What was fitted, how well, and what was left alone."""
    told = calibrated.scenario.calibration
    return Group(*(_fitted(calibrated, told) if told else ()))


def _fitted(calibrated: Calibrated, told: Calibration) -> Iterator[RenderableType]:
    if told.points:
        yield Text(f"fitted to {plural(told.points, 'load point')}: {', '.join(told.loads)}", style="bold")
    if told.measured_with:
        yield Text(f"measured with {told.measured_with}", style="dim")
    if told.like:
        word = "drawn towards" if told.points else "settings of"
        yield Text(f"{word} {', '.join(told.like)}", style="dim" if told.points else "bold")
    told_by = "the points fit that far better" if told.points else "as most others"
    yield from (Text(f"{path} {kind}: {told_by}") for path, kind in calibrated.changed.items())
    table = Table("setting", "value", "± standard error", box=None, pad_edge=False, header_style="dim")
    for knob, parameter in zip(calibrated.settings, told.fitted, strict=True):
        table.add_row(parameter.path, _setting(knob, parameter.value), _setting(knob, parameter.standard_error))
    for knob, value in calibrated.left.items():
        why = "as given" if value else "most others do without" if told.like else "did not earn its place"
        table.add_row(knob.path, _setting(knob, value) if value else "0", why, style="dim")
    yield table
    if told.error:
        errors = ", ".join(f"{name} {error:.1%}" for name, error in told.error.items())
        yield Text(f"median error at these points: {errors}")
    yield from _warnings(calibrated.warnings)


def _setting(knob: Knob, value: float | None) -> str:
    """A value of a setting as people write it."""
    if value is None:
        return "–"
    return duration(value / NS_PER_S) if knob.kind.unit in {"alone", "each"} else f"{value:.3g}"


def _warnings(warnings: list[CodedWarning]) -> Iterator[Text]:
    for warning in warnings:
        yield Text.assemble(("warning ", "yellow"), (warning.code, "bold"), f"  {warning.message}")
