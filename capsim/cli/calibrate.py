"""`capsim calibrate`: fit what a profile lacks to measurements."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from capsim.cli.measured_options import Asked, MeasuredFiles, asks
from capsim.cli.options import AsJson, Force, ScenarioFile, Settings
from capsim.cli.run import Engine

if TYPE_CHECKING:
    from capsim.validation import Calibrated


@asks
def calibrate(
    scenario: ScenarioFile,
    output: Annotated[Path, typer.Option(metavar="NEW.yaml", help="Where to write the fitted scenario.")],
    asked: Asked,
    measured: MeasuredFiles = [],  # noqa: B006 - typer copies it
    like: Annotated[
        list[str],
        typer.Option(
            metavar="OTHER.yaml",
            help="A calibrated scenario like this one, as of the model on another device: draws the settings towards "
            "its own, which are taken over where nothing was measured. Repeatable.",
        ),
    ] = [],  # noqa: B006 - typer copies it
    settings: Settings = [],  # noqa: B006 - typer copies it
    as_json: AsJson = False,
    engine: Annotated[Engine, typer.Option(help="Which engine simulates.")] = Engine.auto,
    force: Force = False,
) -> None:
    """Fit overheads, sharing and network to a few measured load points; write the scenario that predicts them."""
    from dataclasses import replace

    from rich.console import Console

    from capsim.documents.files import files_read
    from capsim.documents.output import check_outputs
    from capsim.report.validation import fitted
    from capsim.scenario import load_scenario
    from capsim.validation import calibrate as fit
    from capsim.validation import carry_over
    from capsim.validation.calibrate import EFFORT

    if not measured and not like:
        raise typer.BadParameter("needs --measured, --like, or both", param_hint="--measured")
    if not measured and asked != Asked():
        raise typer.BadParameter("has nothing to read without --measured", param_hint="--format, --only, …")
    with files_read() as read:
        loaded = load_scenario(scenario, settings)
        others = [(name, load_scenario(name)) for name in like]
        measurements = asked.read(measured, loaded) if measured else None
    check_outputs({"--output": output}, force=force, read=read)
    console = Console(stderr=True)
    with console.status("fitting") as status:
        effort = replace(EFFORT, engine=engine.value, seed=loaded.run.seed)

        def told(trials: int) -> None:
            wanted = len(measurements.points) if measurements else 0
            status.update(f"fitting: {trials} trials of {wanted} load points")

        if measurements is None:
            calibrated = carry_over(loaded, others)
        else:
            calibrated = fit(loaded, measurements.points, measurements.source, effort, told, others, measurements)
    _write(scenario, settings, calibrated, output)
    console.print(f"Wrote {output}.", style="dim")
    if as_json:
        typer.echo(json.dumps({**calibrated.to_dict(), "output": str(output)}, indent=2, allow_nan=False))
    else:
        Console().print(fitted(calibrated))


def _write(scenario: str, settings: list[str], calibrated: Calibrated, output: Path) -> None:
    """The scenario with the fitted settings in their places, and where they come from."""
    from capsim.export.scenario import write_scenario
    from capsim.scenario import load_scenario
    from capsim.scenario.knobs import current, knobs_of
    from capsim.scenario.load import read_scenario
    from capsim.scenario.overrides import override
    from capsim.units import TIME

    document = override(read_scenario(scenario), settings)
    knobs = knobs_of(calibrated.scenario)
    before = current(load_scenario(scenario, settings), knobs)
    after = current(calibrated.scenario, knobs)
    fitted = {knob.path for knob in calibrated.settings}
    changed = [
        f"{knob.path}={TIME.format(int(value)) if knob.kind.unit in {'alone', 'each'} else value}"
        for knob, was, value in zip(knobs, before, after, strict=True)
        if value != was or knob.path in fitted
    ]
    changed += [f"{path}={value}" for path, value in calibrated.changed.items()]
    told = calibrated.scenario.calibration
    sections = {"calibration": told.model_dump(exclude_none=True) if told else None, "validation": None}
    head = [f"Written by capsim calibrate: {told.level}." if told else ""]
    write_scenario(document, changed, sections, output, head)
