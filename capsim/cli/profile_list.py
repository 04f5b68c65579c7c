"""`capsim profile list`: which latency profiles there are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from capsim.cli.options import AsJson


def list_profiles(
    folder: Annotated[
        Path | None, typer.Argument(metavar="[FOLDER]", help="List the profiles in this folder and below instead.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the profiles that come with capsim, or those in a folder: model, hardware, batch sizes, samples, date."""
    from rich.console import Console

    from capsim.profile.catalogue import profiles_in, shipped_profiles
    from capsim.report.profile_list import catalogue_table

    found = shipped_profiles() if folder is None else profiles_in(folder)
    if as_json:
        typer.echo(json.dumps(found.to_dict(), indent=2, allow_nan=False))
    else:
        Console().print(catalogue_table(found) if found.profiles else "There are no profiles.")
        for error in found.unreadable:
            first, more = error.faults[0], len(error.faults) - 1
            said = f"{first.path} {first.message}".strip() + (f", and {more} more" if more else "")
            typer.echo(f"Left out {error.source}, no profile: {said}.", err=True)
