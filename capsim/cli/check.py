"""`capsim check`: find faults and doubts without simulating."""

from __future__ import annotations

import json

import typer

from capsim.cli.options import AsJson, ScenarioFile, Settings


def check(
    scenario: ScenarioFile,
    settings: Settings = [],  # noqa: B006 - typer copies it
    as_json: AsJson = False,
) -> None:
    """Check a scenario: every fault with its line, and what is doubtful."""
    from capsim.scenario import load_scenario
    from capsim.scenario.checks import check as doubts

    loaded = load_scenario(scenario, settings)
    found = doubts(loaded)
    if as_json:
        warnings = [{"code": warning.code, "message": warning.message} for warning in found]
        typer.echo(json.dumps({"scenario": loaded.name, "warnings": warnings}, indent=2))
        return
    for warning in found:
        typer.echo(f"warning {warning.code}  {warning.message}")
    typer.echo(f"{scenario} is a valid scenario{', with the warnings above' if found else ''}.")
