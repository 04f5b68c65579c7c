"""`capsim profile list`: which latency profiles there are."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

import typer

from capsim.cli.options import AsJson


def list_profiles(
    folder: Annotated[
        Path | None, typer.Argument(metavar="[FOLDER]", help="List the profiles in this folder and below instead.")
    ] = None,
    model: Annotated[str | None, typer.Option("--model", help="Those whose model has this in its name.")] = None,
    hardware: Annotated[str | None, typer.Option("--hardware", help="Those whose device has: a100, t4, epyc.")] = None,
    kind: Annotated[
        Literal["cpu", "gpu", "edge"] | None, typer.Option("--kind", help="Those of CPUs, GPUs or edge devices.")
    ] = None,
    runtime: Annotated[str | None, typer.Option("--runtime", help="Those whose software has: tensorrt, onnx.")] = None,
    precision: Annotated[str | None, typer.Option("--precision", help="Those whose precision has: fp16, int8.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the profiles that come with capsim, or those in a folder, by hardware: batch sizes, samples, date.

    Options narrow the list together; each takes any part of a name, in upper or lower case.
    """
    from rich.console import Console

    from capsim.profile.catalogue import profiles_in, shipped_profiles
    from capsim.profile.selection import Wanted, chosen
    from capsim.report.profile_list import catalogue_lines

    listed = shipped_profiles() if folder is None else profiles_in(folder)
    wanted = Wanted(model=model, hardware=hardware, kind=kind, runtime=runtime, precision=precision)
    listed = replace(listed, profiles=chosen(listed.profiles, wanted))
    if as_json:
        typer.echo(json.dumps(listed.to_dict(), indent=2, allow_nan=False))
        return
    console = Console()
    if not listed.profiles:
        typer.echo("There are no profiles.")
    else:
        # Programs that read the list, such as grep, get a line for each profile.
        for line in catalogue_lines(listed.profiles, console.width if console.is_terminal else None):
            console.print(line, soft_wrap=True)
    for error in listed.unreadable:
        first, more = error.faults[0], len(error.faults) - 1
        said = f"{first.path} {first.message}".strip() + (f", and {more} more" if more else "")
        typer.echo(f"Left out {error.source}, no profile: {said}.", err=True)
