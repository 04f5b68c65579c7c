"""`capsim validate`: predictions beside measurements."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from capsim.cli.measured_options import Asked, MeasuredFiles, asks
from capsim.cli.options import AsJson, Force, ScenarioFile, Settings
from capsim.cli.run import Engine

if TYPE_CHECKING:
    from capsim.validation import Comparison


FailAbove = Annotated[
    list[str],
    typer.Option(metavar="METRIC=PERCENT", help="Exit with 1 if a median error is larger, e.g. p99=15%. Repeatable."),
]


@asks
def validate(
    scenario: ScenarioFile,
    measured: MeasuredFiles,
    asked: Asked,
    settings: Settings = [],  # noqa: B006 - typer copies it
    as_json: AsJson = False,
    fail_above: FailAbove = [],  # noqa: B006 - typer copies it
    output: Annotated[
        Path | None, typer.Option(metavar="NEW.yaml", help="Write the scenario with what was found as its evidence.")
    ] = None,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a page that needs no network.")] = None,
    png: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the charts as a picture.")] = None,
    engine: Annotated[Engine, typer.Option(help="Which engine simulates.")] = Engine.auto,
    force: Force = False,
) -> None:
    """Predict every measured load point: errors, prediction intervals, and how often they cover."""
    from dataclasses import replace

    from rich.console import Console

    from capsim.documents.files import files_read
    from capsim.documents.output import check_outputs
    from capsim.report.standalone import check_drawing
    from capsim.report.validation import comparison
    from capsim.scenario import load_scenario
    from capsim.validation import compare
    from capsim.validation.compare import EFFORT

    limits = _limits(fail_above)
    if html is not None or png is not None:
        check_drawing()
    with files_read() as read:
        loaded = load_scenario(scenario, settings)
        measurements = asked.read(measured, loaded)
    check_outputs({"--output": output, "--html": html, "--png": png}, force=force, read=read)
    console = Console(stderr=True)
    with console.status("predicting") as status:
        compared = compare(
            loaded,
            measurements.points,
            measurements.source,
            replace(EFFORT, engine=engine.value, seed=loaded.run.seed),
            lambda done, wanted: status.update(f"predicted {done} of {wanted} load points"),
            measurements,
        )
    if output is not None:
        _write(scenario, settings, compared, output)
    _draw(compared, html, png)
    written = [str(path) for path in (output, html, png) if path is not None]
    if written:
        console.print(f"Wrote {' and '.join(written)}.", style="dim")
    if as_json:
        typer.echo(json.dumps(compared.to_dict(), indent=2, allow_nan=False))
    else:
        Console().print(comparison(compared))
    if _beyond(compared, limits):
        raise typer.Exit(1)


def _draw(comparison: Comparison, html: Path | None, png: Path | None) -> None:
    from capsim.report.validation_page import write_page, write_picture

    if html is not None:
        write_page(comparison, html)
    if png is not None:
        write_picture(comparison, png)


def _limits(texts: list[str]) -> list[tuple[str, float]]:
    from capsim.cli.limits import limit_of
    from capsim.importer.loads.measured import METRICS

    known = {metric.rsplit("_", 1)[0].removesuffix("_per"): metric for metric in METRICS}
    return [limit_of(text, known) for text in texts]


def _beyond(comparison: Comparison, limits: list[tuple[str, float]]) -> bool:
    """Whether a median error is larger than allowed; a limit for what was not measured is bad input."""
    errors = comparison.errors()
    failed = False
    for metric, most in limits:
        if metric not in errors:
            raise typer.BadParameter(
                f"{metric} was not measured at a load that the system bears", param_hint="--fail-above"
            )
        median = errors[metric]["median"]
        if median > most:
            typer.echo(f"The median error of {metric} is {median:.1%}, above {most:.1%}.", err=True)
            failed = True
    return failed


def _write(scenario: str, settings: list[str], comparison: Comparison, output: Path) -> None:
    from capsim.export.scenario import write_scenario
    from capsim.scenario.load import read_scenario

    document = read_scenario(scenario)
    sections = {"validation": comparison.validation().model_dump()}
    write_scenario(document, settings, sections, output)
