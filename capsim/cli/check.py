"""`capsim check`: find faults and doubts without simulating."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from capsim.cli.options import AsJson, Settings

SCHEMA = "capsim.check/1"
_BAD_INPUT = 2


def check(
    scenarios: Annotated[
        list[str], typer.Argument(metavar="SCENARIO...", help="YAML files, shipped:NAME, or - for standard input.")
    ],
    settings: Settings = [],  # noqa: B006 - typer copies it
    as_json: AsJson = False,
) -> None:
    """Check scenarios: every fault with its line, and what is doubtful. Of several files all are checked.

    Exits with 2 if one of them is no valid scenario.
    """
    from capsim.errors import InputError
    from capsim.scenario import load_scenario
    from capsim.scenario.checks import check as doubts

    told: list[dict[str, Any]] = []
    bad: list[InputError] = []
    for name in scenarios:
        try:
            loaded = load_scenario(name, settings)
        except InputError as error:
            if len(scenarios) == 1:
                raise
            typer.echo(error, err=True)
            bad.append(error)
            told.append({"file": name, "valid": False, **error.to_dict()})
            continue
        warnings = [{"code": warning.code, "message": warning.message} for warning in doubts(loaded)]
        told.append({"file": name, "valid": True, "scenario": loaded.name, "warnings": warnings})
        if not as_json:
            _tell(name, warnings)
    if as_json:
        single = {"scenario": told[0].get("scenario"), "warnings": told[0].get("warnings")}
        document = single if len(told) == 1 else {"schema": SCHEMA, "valid": not bad, "files": told}
        typer.echo(json.dumps(document, indent=2))
    elif bad:
        typer.echo(f"{len(bad)} of {len(scenarios)} files are no valid scenarios.", err=True)
    if bad:
        raise typer.Exit(_BAD_INPUT)


def _tell(name: str, warnings: list[dict[str, str]]) -> None:
    for warning in warnings:
        typer.echo(f"warning {warning['code']}  {warning['message']}")
    typer.echo(f"{name} is a valid scenario{', with the warnings above' if warnings else ''}.")
