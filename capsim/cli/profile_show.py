"""`capsim profile show`: what a latency profile is worth."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from capsim.cli.options import AsJson, Force

if TYPE_CHECKING:
    from capsim.profile.load import Recording

ProfileFile = Annotated[str, typer.Argument(metavar="PROFILE", help="A YAML file, a CSV of samples, or shipped:NAME.")]


def show(
    profile: ProfileFile,
    within: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Tell the largest batch whose p99 is at most this, as in '50 ms'."),
    ] = None,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a page that needs no network.")] = None,
    png: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the charts as a picture.")] = None,
    as_json: AsJson = False,
    force: Force = False,
) -> None:
    """Show a latency profile: percentiles with intervals, throughput, noise, the knee, the affine law, doubts.

    `indep.`: as many independent samples tell as much of the median, as batches measured in a row resemble each other.
    """
    from rich.console import Console

    from capsim.documents.files import files_read
    from capsim.documents.output import check_outputs
    from capsim.profile.inspection import inspect_profile
    from capsim.report.profile import profile_text

    limit_ms = None if within is None else _milliseconds(within)
    with files_read() as inputs:
        recording = read(profile)
    check_outputs({"--html": html, "--png": png}, force=force, read=inputs)
    inspection = inspect_profile(recording)
    if html is not None or png is not None:
        from capsim.report.profile_page import write_page, write_picture

        if html is not None:
            write_page(inspection, html, limit_ms)
        if png is not None:
            write_picture(inspection, png)
        written = " and ".join(str(path) for path in (html, png) if path is not None)
        Console(stderr=True).print(f"Wrote {written}.", style="dim")
    if as_json:
        typer.echo(json.dumps(inspection.to_dict(limit_ms), indent=2, allow_nan=False))
    else:
        Console().print(profile_text(inspection, limit_ms))


def read(name: str) -> Recording:
    """The profile that a name on the command line means."""
    from capsim.profile import read_recording
    from capsim.shipped import locate

    return read_recording(locate(name, "profiles"), name)


def _milliseconds(text: str) -> float:
    from capsim.units import TIME

    try:
        return TIME.parse(text) / 1e6
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--within") from None
